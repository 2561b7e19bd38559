import { jsonApi } from "../api/json.ts";
import type { AnyAction } from "../api/action.ts";
import type { Service } from "../service.ts";
import { createStreamProcessor } from "./actions/create-stream-processor.ts";
import { deleteStreamProcessor } from "./actions/delete-stream-processor.ts";
import { describeStreamProcessor } from "./actions/describe-stream-processor.ts";
import { listStreamProcessors } from "./actions/list-stream-processors.ts";
import { startStreamProcessor } from "./actions/start-stream-processor.ts";
import { stopStreamProcessor } from "./actions/stop-stream-processor.ts";
import { updateStreamProcessor } from "./actions/update-stream-processor.ts";
import { setAvailability, whileOpen } from "./availability.ts";
import { withinQuota } from "./quotas.ts";
import { openState, type RekognitionState } from "./state.ts";

const ACTIONS: Readonly<Record<string, AnyAction<RekognitionState>>> = {
  CreateStreamProcessor: createStreamProcessor,
  DescribeStreamProcessor: describeStreamProcessor,
  ListStreamProcessors: listStreamProcessors,
  StartStreamProcessor: startStreamProcessor,
  StopStreamProcessor: stopStreamProcessor,
  UpdateStreamProcessor: updateStreamProcessor,
  DeleteStreamProcessor: deleteStreamProcessor,
};

/**
 * Amazon Rekognition's label stream processors: they read the video that was uploaded to the Kinesis video stream,
 * decode it, detect objects and publish notifications. What detects objects is not Rekognition's model and claims no
 * accuracy: see `detection/detector.ts`.
 *
 * Emits the events session-started, fragment-analysed, fragment-undecodable, detector-missing, label-detected,
 * session-completed, session-end-unpublished and session-failed.
 */
export const rekognition: Service = {
  name: "rekognition",
  start: (cloud) => {
    const state = openState(cloud);
    const actions = Object.fromEntries(
      Object.entries(ACTIONS).map(([name, action]) => [name, whileOpen(withinQuota(name, action))]),
    );
    return {
      apis: [
        jsonApi(
          {
            signingName: "rekognition",
            targetPrefix: "RekognitionService",
            version: "1.1",
            invalidInputCode: "InvalidParameterException",
            actions,
          },
          cloud,
          state,
        ),
      ],
      controls: { "POST /_doorstep/rekognition/availability": (body) => setAvailability(state, body) },
      ready: () => state.sessions.resume(),
      stop: async () => {
        await state.sessions.close();
        await state.model.close();
      },
    };
  },
};
