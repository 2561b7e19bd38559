import { athena } from "./athena/index.ts";
import { cloudformation } from "./cloudformation/index.ts";
import { dynamodb } from "./dynamodb/index.ts";
import { eventbridge } from "./eventbridge/index.ts";
import { startFauxqs } from "./fauxqs.ts";
import { firehose } from "./firehose/index.ts";
import { glue } from "./glue/index.ts";
import { httpApi } from "./http-api/index.ts";
import { iam } from "./iam/index.ts";
import { kinesis } from "./kinesis/index.ts";
import { kinesisVideo } from "./kinesis-video/index.ts";
import { lambda } from "./lambda/index.ts";
import { messaging } from "./messaging/index.ts";
import { monitoring } from "./monitoring/index.ts";
import { rekognition } from "./rekognition/index.ts";
import { s3 } from "./s3/index.ts";
import { secretsManager } from "./secrets-manager/index.ts";
import type { Services } from "./service.ts";
import { sts } from "./sts/index.ts";

/**
 * Every emulated service, in the order of their start.
 * @param httpPort port of the HTTP API; 0 for any free one
 */
export const allServices =
  (httpPort: number): Services =>
  async (host) => {
    const { stack, atStop } = host;
    const fauxqs = await startFauxqs(host);
    atStop(() => fauxqs.stop());
    return [
      iam,
      sts,
      monitoring,
      cloudformation(stack),
      s3(fauxqs),
      messaging(fauxqs),
      dynamodb,
      secretsManager,
      kinesis,
      kinesisVideo,
      rekognition,
      lambda,
      eventbridge,
      glue,
      firehose,
      athena,
      httpApi(httpPort),
    ];
  };
