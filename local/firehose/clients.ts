import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import type { ClientConfig } from "../cloud.ts";

// Firehose retries by itself, on the local cloud's clock: its clients make one attempt.

export class SingleAttemptLambdaClient extends LambdaClient {
  constructor(config: ClientConfig) {
    super({ ...config, maxAttempts: 1 });
  }
}

export class SingleAttemptS3Client extends S3Client {
  constructor(config: ClientConfig) {
    super({ ...config, maxAttempts: 1 });
  }
}
