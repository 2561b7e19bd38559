import { KinesisClient } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { ClientConfig } from "../cloud.ts";

/** Kinesis Data Streams over HTTP/1.1, which the endpoint speaks; the SDK's client prefers HTTP/2. */
export class KinesisHttp1Client extends KinesisClient {
  constructor({ requestHandler, ...config }: ClientConfig) {
    super({ ...config, requestHandler: NodeHttpHandler.create(requestHandler) });
  }
}
