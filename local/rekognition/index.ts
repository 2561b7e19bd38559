import { jsonApi } from "../api/json.ts";
import type { AnyAction } from "../api/action.ts";
import type { Service } from "../service.ts";
import { createStreamProcessor } from "./actions/create-stream-processor.ts";
import { deleteStreamProcessor } from "./actions/delete-stream-processor.ts";
import { detectLabels } from "./actions/detect-labels.ts";
import { describeStreamProcessor } from "./actions/describe-stream-processor.ts";
import { listStreamProcessors } from "./actions/list-stream-processors.ts";
import { startStreamProcessor } from "./actions/start-stream-processor.ts";
import { stopStreamProcessor } from "./actions/stop-stream-processor.ts";
import { updateStreamProcessor } from "./actions/update-stream-processor.ts";
import { setAvailability, whileOpen } from "./availability.ts";
import { storeLabels } from "./detection/stored-labels.ts";
import { withinQuota } from "./quotas.ts";
import { openState, type RekognitionState } from "./state.ts";

/** Those of streaming video, which may be closed to the account. */
const STREAMING: Readonly<Record<string, AnyAction<RekognitionState>>> = {
  CreateStreamProcessor: createStreamProcessor,
  DescribeStreamProcessor: describeStreamProcessor,
  ListStreamProcessors: listStreamProcessors,
  StartStreamProcessor: startStreamProcessor,
  StopStreamProcessor: stopStreamProcessor,
  UpdateStreamProcessor: updateStreamProcessor,
  DeleteStreamProcessor: deleteStreamProcessor,
};

const IMAGES: Readonly<Record<string, AnyAction<RekognitionState>>> = { DetectLabels: detectLabels };

/**
 * Amazon Rekognition: labels in images, and label stream processors, which read the video that was uploaded to the Kinesis video stream,
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
    const limited = (name: string, action: AnyAction<RekognitionState>) =>
      withinQuota(name, cloud.region, action);
    const actions = Object.fromEntries([
      ...Object.entries(STREAMING).map(([name, action]) => [name, whileOpen(limited(name, action))]),
      ...Object.entries(IMAGES).map(([name, action]) => [name, limited(name, action)]),
    ]) as Readonly<Record<string, AnyAction<RekognitionState>>>;
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
      controls: {
        "POST /_doorstep/rekognition/availability": (body) => setAvailability(state, body),
        "POST /_doorstep/rekognition/labels": (body) => storeLabels(cloud, body),
      },
      ready: () => state.sessions.resume(),
      stop: async () => {
        await state.sessions.close();
        await Promise.all([state.model.close(), state.faceModel.close()]);
      },
    };
  },
};
