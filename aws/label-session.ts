import { StartStreamProcessorCommand } from "@aws-sdk/client-rekognition";

export interface LabelSession {
  readonly processorName: string;
  /** Producer time of the first video to analyse, epoch **milliseconds**. */
  readonly videoStartMs: number;
  /** 1 to 120. */
  readonly maxDurationSeconds: number;
}

/** The call that has a label processor analyse so much video from there on (documented: StartStreamProcessor). */
export const startCommand = ({ processorName, videoStartMs, maxDurationSeconds }: LabelSession) =>
  new StartStreamProcessorCommand({
    Name: processorName,
    StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: videoStartMs } },
    StopSelector: { MaxDurationInSeconds: maxDurationSeconds },
  });
