import type { Action } from "../../api/action.ts";
import { processorLimitExceeded, resourceInUse } from "../errors.ts";
import { createInput, type CreateInput } from "../inputs.ts";
import { MAX_PROCESSORS } from "../quotas.ts";
import type { RekognitionState } from "../state.ts";

/**
 * Checks the form of the request only: role, stream, bucket and topic are first used by a session (documented:
 * troubleshooting).
 *
 * A Kinesis video stream takes one processor (documented: Rekognition limits); AWS's error for a second one is
 * unconfirmed. Whether AWS requires iam:PassRole is unconfirmed; it is not required here.
 */
export const createStreamProcessor: Action<RekognitionState, CreateInput, { StreamProcessorArn: string }> = {
  input: createInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: (definition, { state: { processors } }) => {
    if (processors.find(definition.Name)) throw resourceInUse("Stream processor name already in use.");
    const existing = processors.list();
    if (existing.length >= MAX_PROCESSORS) throw processorLimitExceeded(MAX_PROCESSORS);
    const streamArn = definition.Input.KinesisVideoStream.Arn;
    const rival = existing.find((other) => other.definition.Input.KinesisVideoStream.Arn === streamArn);
    if (rival)
      throw resourceInUse(
        `Specified resource is in use. ${streamArn} is the input of stream processor ${rival.definition.Name}; a stream takes one.`,
      );
    return { StreamProcessorArn: processors.create(definition).arn };
  },
};
