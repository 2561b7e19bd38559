import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import type { RekognitionState } from "../index.ts";
import { createInput, type CreateInput } from "../input.ts";
import { MAX_PROCESSORS } from "../quotas.ts";

/**
 * Checks the request's form only: role, stream, bucket and topic are tried by the run (documented: troubleshooting).
 *
 * A Kinesis video stream takes one processor (documented: Rekognition limits); how AWS refuses a second one is
 * unconfirmed. Whether AWS asks for iam:PassRole is unconfirmed too; it is not asked for here.
 */
export const createStreamProcessor: Action<RekognitionState, CreateInput, { StreamProcessorArn: string }> = {
  input: createInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: (definition, { state: { processors } }) => {
    if (processors.find(definition.Name))
      throw new AwsError("ResourceInUseException", "Stream processor name already in use.");
    const existing = processors.list();
    if (existing.length >= MAX_PROCESSORS)
      throw new AwsError(
        "LimitExceededException",
        `Stream processor limit exceeded for account, limit - ${MAX_PROCESSORS}.`,
      );
    const streamArn = definition.Input.KinesisVideoStream.Arn;
    const rival = existing.find((other) => other.definition.Input.KinesisVideoStream.Arn === streamArn);
    if (rival)
      throw new AwsError(
        "ResourceInUseException",
        `Specified resource is in use. ${streamArn} is the input of stream processor ${rival.definition.Name}; a stream takes one.`,
      );
    return { StreamProcessorArn: processors.create(definition).arn };
  },
};
