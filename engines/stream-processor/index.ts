import { findProcessor, startLabelSession, stopProcessor } from "../../aws/rekognition.ts";
import type { Engine } from "../engine.ts";

/** Rekognition's stream processors, one for each camera. */
export const streamProcessorEngine: Engine = {
  start: startLabelSession,
  find: findProcessor,
  stop: stopProcessor,
};
