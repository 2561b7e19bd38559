import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateStreamProcessorCommand, RekognitionClient } from "@aws-sdk/client-rekognition";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  describeError,
  explanationOf,
  isClosedToAccount,
  withExplainedErrors,
} from "../../operator/aws-errors.ts";
import { close } from "../../local/endpoint.ts";

/** What the service responds with next. */
let response: { readonly status: number; readonly body: string };
let server: Server;
let endpoint: string;

beforeAll(async () => {
  server = createServer((request, sent) => {
    request.resume();
    request.once("end", () => {
      sent.writeHead(response.status, { "content-type": "application/x-amz-json-1.1" });
      sent.end(response.body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => close(server));

const credentials = { accessKeyId: "tester", secretAccessKey: "tester" };
const config = (changes: object = {}) => ({
  ...withExplainedErrors({ region: "us-east-1", endpoint, credentials, ...changes }),
  maxAttempts: 1,
});

const caught = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => new Error("nothing was thrown"),
    (error: unknown) => error as Error,
  );

const createProcessor = (changes?: object): Promise<Error> =>
  caught(
    new RekognitionClient(config(changes)).send(
      new CreateStreamProcessorCommand({
        Name: "doorstep-dev-camera-porch",
        Input: {},
        Output: {},
        RoleArn: "role",
        Settings: {},
      }),
    ),
  );

const describeTable = (changes?: object): Promise<Error> =>
  caught(new DynamoDBClient(config(changes)).send(new DescribeTableCommand({ TableName: "cameras" })));

const refuse = (name: string, message?: string, status = 400): void =>
  void (response = { status, body: JSON.stringify({ __type: name, ...(message && { message }) }) });

describe("the error of an AWS call", () => {
  test("names call, resource, error and message, and keeps its name", async () => {
    refuse("InvalidParameterException", "Name is too long");
    const error = await createProcessor();
    expect(error.name).toBe("InvalidParameterException");
    expect(error.message).toBe(
      "Rekognition CreateStreamProcessor for doorstep-dev-camera-porch: InvalidParameterException: Name is too long",
    );
    expect(describeError(error)).toBe(error.message);
  });

  test("without a message says so, with the HTTP status; an unknown name stays", async () => {
    refuse("AccessDeniedException");
    expect((await describeTable()).message).toBe(
      "DynamoDB DescribeTable for cameras: AccessDeniedException without a message (HTTP 400)",
    );
    refuse("NobodyKnowsThisException", undefined, 418);
    expect((await describeTable()).message).toBe(
      "DynamoDB DescribeTable for cameras: NobodyKnowsThisException without a message (HTTP 418)",
    );
    response = { status: 500, body: "{}" };
    expect((await describeTable()).message).toBe(
      "DynamoDB DescribeTable for cameras: an error without a name and without a message (HTTP 500)",
    );
  });

  test("names an object by bucket and key", async () => {
    response = {
      status: 404,
      body: "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>",
    };
    const s3 = new S3Client({ ...config(), forcePathStyle: true });
    expect((await caught(s3.send(new GetObjectCommand({ Bucket: "lake", Key: "raw/a" })))).message).toBe(
      "S3 GetObject for lake/raw/a: NoSuchKey: The specified key does not exist.",
    );
  });

  test("is recognised through the errors that it caused", async () => {
    refuse("AccessDeniedException");
    const error = new Error("the camera was not added", { cause: await createProcessor() });
    expect(isClosedToAccount(error)).toBe(true);
    expect(describeError(error)).toBe("the camera was not added");
    expect(explanationOf(new Error("of no call"))).toBeUndefined();
  });
});

describe("streaming video that is closed to the account", () => {
  test("is recognised by an AccessDeniedException without a message, and the error says what to do", async () => {
    refuse("AccessDeniedException");
    const error = await createProcessor();
    expect(isClosedToAccount(error)).toBe(true);
    expect(error.message).toMatch(
      /^Rekognition CreateStreamProcessor for doorstep-dev-camera-porch: AccessDeniedException without a message: .* closed to this account .*; use the engine frames: npx doorstep camera add <id> --engine frames, or camera update <id> --engine frames$/,
    );
  });

  test("is not taken for a policy that denies, nor another service's silence", async () => {
    refuse(
      "AccessDeniedException",
      "User: arn is not authorized to perform: rekognition:CreateStreamProcessor",
    );
    expect(isClosedToAccount(await createProcessor())).toBe(false);
    refuse("AccessDeniedException");
    expect(isClosedToAccount(await describeTable())).toBe(false);
  });
});

describe("a call that does not reach AWS", () => {
  test("names npm start when there is no local cloud at the address", async () => {
    const unused = createServer().listen(0, "127.0.0.1");
    await once(unused, "listening");
    const { port } = unused.address() as AddressInfo;
    await close(unused);
    expect((await describeTable({ endpoint: `http://127.0.0.1:${port}` })).message).toBe(
      `DynamoDB DescribeTable for cameras: there is no local cloud at http://127.0.0.1:${port}; start it with npm start`,
    );
  });

  test("names the host that cannot be found, and what may be wrong", async () => {
    const { message } = await describeTable({ endpoint: "http://dynamodb.no-such-region.invalid" });
    expect(message).toBe(
      "DynamoDB DescribeTable for cameras: the host dynamodb.no-such-region.invalid cannot be found; check the network, the Region (--region, AWS_REGION) and the endpoint (AWS_ENDPOINT_URL)",
    );
  });

  test("says when no credentials are found, expired or not valid there", async () => {
    const none = () =>
      Promise.reject(
        Object.assign(new Error("Could not load credentials"), { name: "CredentialsProviderError" }),
      );
    expect((await describeTable({ credentials: none })).message).toMatch(
      /: CredentialsProviderError: Could not load credentials; run aws configure .*start it with npm start and add --local$/,
    );
    refuse("ExpiredTokenException", "The security token included in the request is expired");
    expect((await describeTable()).message).toMatch(
      /is expired; the credentials have expired: sign in again/,
    );
    refuse("UnrecognizedClientException", "The security token included in the request is invalid");
    expect((await describeTable()).message).toMatch(
      /is invalid; these credentials are not valid there: check/,
    );
  });
});
