import type { RekognitionClient } from "@aws-sdk/client-rekognition";
import { streamProcessors } from "../../aws/rekognition.ts";
import type { Engine } from "../engine.ts";

/** Rekognition's stream processors, one for each camera. */
export const streamProcessorEngine = (client?: RekognitionClient): Engine => streamProcessors(client);
