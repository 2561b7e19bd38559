import { jsonApi } from "../api/json.ts";
import type { AnyAction } from "../api/action.ts";
import type { Cloud } from "../cloud.ts";
import type { Service } from "../service.ts";
import { createStreamProcessor } from "./actions/create-stream-processor.ts";
import { deleteStreamProcessor } from "./actions/delete-stream-processor.ts";
import { describeStreamProcessor } from "./actions/describe-stream-processor.ts";
import { listStreamProcessors } from "./actions/list-stream-processors.ts";
import { startStreamProcessor } from "./actions/start-stream-processor.ts";
import { stopStreamProcessor } from "./actions/stop-stream-processor.ts";
import { updateStreamProcessor } from "./actions/update-stream-processor.ts";
import { Processors } from "./processors.ts";
import { withinRate } from "./quotas.ts";
import { Sessions } from "./sessions.ts";

/** What the actions share. */
export interface RekognitionState {
  readonly processors: Processors;
  readonly sessions: Sessions;
}

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
 * Amazon Rekognition's label stream processors: they read what was really uploaded to the Kinesis video stream,
 * decode it, look for objects and tell a topic what they saw. What finds the objects is a stand-in (see
 * `detector.ts`): it exercises everything that comes after it and claims no accuracy.
 *
 * Tells the events session-started, fragment-analysed, fragment-undecodable, label-detected, session-completed,
 * session-untold and session-failed.
 */
export const rekognition: Service = {
  name: "rekognition",
  start: (cloud: Cloud) => {
    const processors = new Processors(cloud);
    const sessions = new Sessions(cloud, processors);
    const actions = Object.fromEntries(
      Object.entries(ACTIONS).map(([name, action]) => [name, withinRate(name, action)]),
    );
    const api = jsonApi<RekognitionState>(
      {
        signingName: "rekognition",
        targetPrefix: "RekognitionService",
        version: "1.1",
        invalidInputCode: "InvalidParameterException",
        actions,
      },
      cloud,
      { processors, sessions },
    );
    return { apis: [api], ready: () => sessions.resume(), stop: () => sessions.close() };
  },
};
