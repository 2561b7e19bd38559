import { findProcessor, startLabelSession } from "../../aws/rekognition.ts";
import type { Engine } from "../../core/sessions/drive.ts";

/** Rekognition's stream processors. */
export const streamProcessorEngine: Engine = { start: startLabelSession, find: findProcessor };
