import type { Action } from "../../api/action.ts";
import { missingHere, processorLimitExceeded, resourceInUse } from "../errors.ts";
import { createInput, type CreateInput } from "../inputs.ts";
import { FACE_SEARCH_REGIONS, MAX_PROCESSORS } from "../quotas.ts";
import type { RekognitionState } from "../state.ts";

/**
 * Checks the form of the request only: role, stream, bucket and topic are first used by a session (documented:
 * troubleshooting).
 *
 * A Kinesis video stream takes one processor, and a data stream too (documented: Rekognition limits); AWS's error for a
 * second one is unconfirmed. Whether AWS requires iam:PassRole is unconfirmed; it is not required here.
 */
export const createStreamProcessor: Action<RekognitionState, CreateInput, { StreamProcessorArn: string }> = {
  input: createInput,
  resources: ({ Name }, { state }) => state.processors.arnOf(Name),
  run: (definition, { cloud, state: { processors } }) => {
    if (dataStreamOf(definition) && !FACE_SEARCH_REGIONS.includes(cloud.region)) throw missingHere();
    if (processors.find(definition.Name)) throw resourceInUse("Stream processor name already in use.");
    if (processors.count() >= MAX_PROCESSORS) throw processorLimitExceeded(MAX_PROCESSORS);
    const streamArn = definition.Input.KinesisVideoStream.Arn;
    const rival = processors.userOf(streamArn);
    if (rival !== undefined)
      throw resourceInUse(
        `Specified resource is in use. ${streamArn} is the input of stream processor ${rival}; a stream takes one.`,
      );
    const dataStreamArn = dataStreamOf(definition);
    const writer = dataStreamArn === undefined ? undefined : processors.userOf(dataStreamArn);
    if (writer !== undefined)
      throw resourceInUse(
        `Specified resource is in use. ${dataStreamArn} is the output of stream processor ${writer}; a data stream takes one.`,
      );
    return { StreamProcessorArn: processors.create(definition).arn };
  },
};

const dataStreamOf = ({ Output }: CreateInput): string | undefined => Output.KinesisDataStream?.Arn;
