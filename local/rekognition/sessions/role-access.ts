import { GetDataEndpointCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import {
  GetMediaCommand,
  KinesisVideoMediaClient,
  type StartSelector,
} from "@aws-sdk/client-kinesis-video-media";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { sleep } from "../../../base/clock.ts";
import { SECOND_MS } from "../../../base/durations.ts";
import { errorMessage, isNamed } from "../../../base/errors.ts";
import type { ClientConfig, Cloud } from "../../cloud.ts";
import type { Principal } from "../../iam/principal.ts";
import { streamNameOf, type LabelProcessor, type StreamProcessor } from "../processors.ts";
import { failureOf, SessionFailure, using } from "./session-failure.ts";

/** The calls that a session makes with its processor's role. Every method throws SessionFailure. */
export interface RoleAccess {
  /** The stream from the selector on; waits for new fragments until `signal` aborts. */
  media(selector: StartSelector, signal: AbortSignal): AsyncGenerator<Uint8Array>;
  /** Puts a JPEG into the processor's bucket; returns its `s3://` URI. */
  putImage(key: string, jpeg: Buffer): Promise<string>;
  publish(subject: string, message: unknown): Promise<void>;
}

/**
 * Assumes the processor's role, as rekognition.amazonaws.com with the processor's ARN as `aws:SourceArn` (documented:
 * cross-service confused deputy prevention).
 * @throws SessionFailure when the role cannot be assumed
 */
export function assumeRoleOf(processor: LabelProcessor, cloud: Cloud): RoleAccess {
  const { Output, NotificationChannel, Input } = processor.definition;
  const StreamARN = Input.KinesisVideoStream.Arn;
  const { Bucket } = Output.S3Destination;
  const streamName = streamNameOf(processor);
  const principal = assume(processor, cloud);
  return {
    media: async function* (selector, signal) {
      try {
        yield* await openMedia({ cloud, principal, StreamARN, selector, signal });
      } catch (error) {
        throw failureOf("Kinesis Video", error, streamName);
      }
    },
    putImage: async (Key, Body) => {
      const command = new PutObjectCommand({ Bucket, Key, Body, ContentType: "image/jpeg" });
      await using("S3", () => cloud.client(S3Client, principal).send(command));
      return `s3://${Bucket}/${Key}`;
    },
    publish: async (Subject, message) => {
      const TopicArn = NotificationChannel.SNSTopicArn;
      const command = new PublishCommand({ TopicArn, Subject, Message: JSON.stringify(message) });
      await using("SNS", () => cloud.client(SNSClient, principal).send(command));
    },
  };
}

interface MediaRequest {
  readonly cloud: Cloud;
  readonly principal: Principal;
  readonly StreamARN: string;
  readonly selector: StartSelector;
  readonly signal: AbortSignal;
}

/**
 * Opens GetMedia on a stream; its chunks come as the stream gets them, until the signal aborts. It asks again while Kinesis
 * Video throttles it (unconfirmed): sessions of stored video are shorter here than on AWS, and follow each other faster.
 * @throws the client's error
 */
export async function openMedia(request: MediaRequest): Promise<AsyncIterable<Uint8Array>> {
  for (;;) {
    try {
      return await requestMedia(request);
    } catch (error) {
      if (!isNamed(error, "ClientLimitExceededException")) throw error;
      await sleep(request.cloud.clock, SECOND_MS, request.signal);
    }
  }
}

async function requestMedia({
  cloud,
  principal,
  StreamARN,
  selector,
  signal: abortSignal,
}: MediaRequest): Promise<AsyncIterable<Uint8Array>> {
  const request = new GetDataEndpointCommand({ StreamARN, APIName: "GET_MEDIA" });
  const { DataEndpoint } = await cloud.client(KinesisVideoClient, principal).send(request, { abortSignal });
  const media = cloud.client(mediaClientAt(DataEndpoint ?? cloud.endpoint), principal);
  const command = new GetMediaCommand({ StreamARN, StartSelector: selector });
  const { Payload } = await media.send(command, { abortSignal });
  return Payload as unknown as AsyncIterable<Uint8Array>;
}

/** @throws SessionFailure when the role cannot be assumed */
export function assume({ arn, definition }: StreamProcessor, cloud: Cloud): Principal {
  try {
    return cloud.access.assumeRole(definition.RoleArn, "rekognition.amazonaws.com", { "aws:SourceArn": arn });
  } catch (error) {
    throw new SessionFailure(`Access denied to Role: ${errorMessage(error)}`, { cause: error });
  }
}

type MediaClient = new (config: ClientConfig) => KinesisVideoMediaClient;
const mediaClients = new Map<string, MediaClient>();

/** A client of the endpoint that GetDataEndpoint returns. The cloud keeps clients by their class, so each endpoint has one. */
function mediaClientAt(endpoint: string): MediaClient {
  const known = mediaClients.get(endpoint);
  if (known) return known;
  class Client extends KinesisVideoMediaClient {
    constructor(config: ClientConfig) {
      super({ ...config, endpoint });
    }
  }
  Object.defineProperty(Client, "name", { value: `KinesisVideoMediaClient at ${endpoint}` });
  mediaClients.set(endpoint, Client);
  return Client;
}
