import { Agent, createServer, request } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { text as streamText } from "node:stream/consumers";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamodb } from "../../local/dynamodb/index.ts";
import { httpApi } from "../../local/http-api/index.ts";
import { startLocalCloud, type Service } from "../../local/index.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";

const echo: Service = {
  name: "echo",
  start: () => ({ controls: { "POST /_doorstep/echo": (body, url) => ({ body, query: url.search }) } }),
};

const template = {
  Resources: {
    Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "api", ProtocolType: "HTTP" } },
    Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "photos" } },
    Policy: {
      Type: "AWS::S3::BucketPolicy",
      Properties: {
        Bucket: { Ref: "Bucket" },
        PolicyDocument: {
          Statement: {
            Effect: "Deny",
            Principal: "*",
            Action: "s3:GetObject",
            Resource: { "Fn::Sub": "${Bucket.Arn}/secret/*" },
          },
        },
      },
    },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: "reader",
        AssumeRolePolicyDocument: { Statement: [] },
        Policies: [
          {
            PolicyName: "p",
            PolicyDocument: { Statement: { Effect: "Allow", Action: "s3:*", Resource: "*" } },
          },
        ],
      },
    },
  },
};

let local: TestCloud;
beforeAll(async () => {
  local = await startTestCloud({ services: [dynamodb, echo, httpApi(0)], template });
  const s3 = local.client(S3Client);
  for (const Key of ["a.txt", "secret/b.txt"])
    await s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: Key }));
});
afterAll(() => local.stop());

const asRole = () => {
  const roleArn = local.resources.get("Role")!.attributes!["Arn"]!;
  return local.cloud.client(S3Client, { kind: "role", roleArn, arn: "session" });
};

/** Sends a path as it is, which `fetch` would normalise. */
const sendRaw = (method: string, path: string, headers: Record<string, string>) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(local.endpoint);
    request({ hostname, port, method, path, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.once("end", () => resolve({ status: response.statusCode!, body }));
    })
      .once("error", reject)
      .end();
  });

/** Headers that name a signer, for calls that are refused before the signature is checked. */
const claimedFor = (service: string) => ({
  "x-amz-date": "20260101T000000Z",
  authorization: `AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

const s3Signer = new SignatureV4({
  service: "s3",
  region: "us-east-1",
  credentials: { accessKeyId: "owner", secretAccessKey: "owner" },
  sha256: Sha256,
  uriEscapePath: false,
});

describe("the endpoint refuses", () => {
  test("an unsigned request, and says how to sign", async () => {
    const response = await fetch(local.endpoint);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      __type: "MissingAuthenticationToken",
      message: expect.stringContaining("AWS_ENDPOINT_URL"),
    });
  });

  test("an unknown service, and names the known ones", async () => {
    const response = await fetch(local.endpoint, { headers: claimedFor("kinesis") });
    expect([response.status, await response.json()]).toEqual([
      404,
      expect.objectContaining({
        __type: "UnknownService",
        message: "the local cloud has no service kinesis; it has dynamodb, iam, s3, sns, sqs, sts",
      }),
    ]);
  });

  test.each([S3Client, STSClient, DynamoDBClient])(
    "credentials of an earlier run, with an error that %p can read",
    async (Client) => {
      const client = new Client({
        region: "us-east-1",
        endpoint: local.endpoint,
        credentials: { accessKeyId: "ASIALOCAL0123456789A", secretAccessKey: "s", sessionToken: "t" },
      });
      const sent =
        client instanceof S3Client
          ? client.send(new ListBucketsCommand({}))
          : client instanceof STSClient
            ? client.send(new GetCallerIdentityCommand({}))
            : client.send(new DescribeTableCommand({ TableName: "t" }));
      await expect(sent).rejects.toMatchObject({
        name:
          client instanceof S3Client
            ? "InvalidAccessKeyId"
            : client instanceof STSClient
              ? "InvalidClientTokenId"
              : "UnrecognizedClientException",
        message: expect.stringContaining("Assume the role again with AssumeRole"),
      });
      client.destroy();
    },
  );

  test("a port that is in use or invalid, in one line", async () => {
    const occupied = createServer();
    await new Promise<void>((resolve) => occupied.listen(0, "127.0.0.1", resolve));
    const { port } = occupied.address() as AddressInfo;
    const start = (awsPort: number) =>
      startLocalCloud({ template: { Resources: {} }, artifactFolder: "", awsPort, services: () => [] });
    await expect(start(port)).rejects.toMatchObject({
      name: "OperatorError",
      message: `port ${port} for the AWS endpoint is in use; stop what uses it or choose another with --aws-port`,
    });
    occupied.close();
    await expect(start(70_000)).rejects.toMatchObject({
      name: "OperatorError",
      message: expect.stringMatching(/^port 70000 for the AWS endpoint cannot be used: .*--aws-port$/),
    });
  });
});

describe("a local call", () => {
  const post = (path: string, body: string) => fetch(local.endpoint + path, { method: "POST", body });

  test("returns JSON", async () => {
    const response = await post("/_doorstep/echo?a=1", '{"b":2}');
    expect(await response.json()).toEqual({ body: { b: 2 }, query: "?a=1" });
  });

  test("that is unknown is 404 and lists the known ones", async () => {
    const response = await post("/_doorstep/flush", "");
    expect([response.status, await response.json()]).toEqual([
      404,
      expect.objectContaining({
        message:
          "the local call POST /_doorstep/flush does not exist; the local calls are POST /_doorstep/echo",
      }),
    ]);
  });

  test("whose body is not JSON is 400, and one over 1 MB is 413", async () => {
    const malformed = await post("/_doorstep/echo", "{");
    expect([malformed.status, await malformed.json()]).toEqual([
      400,
      expect.objectContaining({ __type: "SerializationException" }),
    ]);
    expect((await post("/_doorstep/echo", `"${"x".repeat(1024 * 1024)}"`)).status).toBe(413);
  });
});

describe("S3 behind the endpoint", () => {
  test("serves a presigned URL to anyone who has it", async () => {
    const { hostname, port } = new URL(local.endpoint);
    const { path, query } = await s3Signer.presign(
      {
        method: "GET",
        protocol: "http:",
        hostname,
        port: Number(port),
        path: "/photos/a.txt",
        headers: { host: `${hostname}:${port}`, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
      },
      { expiresIn: 60 },
    );
    const response = await fetch(
      `${local.endpoint}${path}?${new URLSearchParams(query as Record<string, string>).toString()}`,
    );
    expect([response.status, await response.text()]).toEqual([200, "a.txt"]);
  });

  test("applies the bucket's Deny to a role, but not to the account owner", async () => {
    const get = (Key: string) => new GetObjectCommand({ Bucket: "photos", Key });
    expect(await (await asRole().send(get("a.txt"))).Body!.transformToString()).toBe("a.txt");
    await expect(asRole().send(get("secret/b.txt"))).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("with an explicit deny"),
    });
    const { Body } = await local.client(S3Client).send(get("secret/b.txt"));
    expect(await Body!.transformToString()).toBe("secret/b.txt");
  });

  test("refuses a HEAD without a body", async () => {
    await expect(
      asRole().send(new HeadObjectCommand({ Bucket: "photos", Key: "secret/b.txt" })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  test.each([
    ["/photos/../../../x", "/photos/../../../x"],
    ["/photos/%2e%2e/%2E%2e/x", "/photos/../../x"],
    ["/photos/a/..%2f..%2fx", "/photos/a/..%2F..%2Fx"],
  ])("writes no file outside its bucket: %s", async (path, canonicalPath) => {
    const { hostname, host } = new URL(local.endpoint);
    const { headers } = await s3Signer.sign({
      method: "PUT",
      protocol: "http:",
      hostname,
      path: canonicalPath,
      headers: { host },
    });
    const { status, body } = await sendRaw("PUT", path, headers);
    expect(status).toBe(400);
    expect(body).toContain("<Code>InvalidArgument</Code>");
  });
});

test("only the endpoint and the HTTP API listen, on ports of loopback: fauxqs and dynalite are called in process", () => {
  const { _getActiveHandles } = process as unknown as { _getActiveHandles(): unknown[] };
  const addresses = _getActiveHandles
    .call(process)
    .filter((handle): handle is Server => typeof (handle as Partial<Server>).address === "function")
    .filter(({ listening }) => listening)
    .map((server) => server.address() as AddressInfo);
  expect(addresses.map(({ address }) => address)).toEqual(["127.0.0.1", "127.0.0.1"]);
});

describe("a page of another origin or name", () => {
  /** Sends a request whose Host the sender chooses, as `fetch` does not allow. */
  const send = (address: string, path: string, headers: Record<string, string>) =>
    new Promise<[number | undefined, string]>((resolve, reject) => {
      const { port } = new URL(address);
      request({ host: "127.0.0.1", port, path, method: "POST", headers })
        .once("response", (response) => {
          streamText(response).then((body) => resolve([response.statusCode, body]), reject);
        })
        .once("error", reject)
        .end("{}");
    });

  test.each([
    ["Origin", { origin: "https://evil.example" }],
    ["Origin", { origin: "null" }],
    ["Sec-Fetch-Site", { "sec-fetch-site": "cross-site" }],
    ["Host", { host: "evil.example" }],
    ["Host", { host: "127.0.0.1.evil.example:80" }],
  ])("is refused by its %s on every listener, before its request is read", async (part, headers) => {
    const refusal = [403, expect.stringContaining(`web pages of other origins or names: ${part} `)];
    for (const path of ["/", "/_doorstep/echo", "/photos/a.txt"])
      expect(await send(local.endpoint, path, headers)).toEqual(refusal);
    const httpApiAddress = local.resources.get("Api")!.attributes!["ApiEndpoint"]!;
    expect(await send(httpApiAddress, "/cameras/x/motion/start", headers)).toEqual(refusal);
  });
});

test("a bucket in the name of the host is authorised as one in the path", async () => {
  const s3 = new S3Client({
    ...(await local.configOf("Role")),
    endpoint: local.endpoint.replace("127.0.0.1", "localhost"),
    // Not every resolver knows names below localhost.
    requestHandler: {
      httpAgent: new Agent({
        lookup: (_hostname, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
      }),
    },
  });
  const get = (Key: string) => new GetObjectCommand({ Bucket: "photos", Key });
  const { Body } = await s3.send(get("a.txt"));
  expect(await Body!.transformToString()).toBe("a.txt");
  await expect(s3.send(get("secret/b.txt"))).rejects.toMatchObject({ name: "AccessDenied" });
});

describe("until every resource stands", () => {
  test("others get 503 with Retry-After from every listener, while services call each other", async () => {
    const seen: unknown[] = [];
    const slow: Service = {
      name: "slow",
      start: (cloud) => ({
        resources: {
          "Test::Slow::Resource": {
            properties: [],
            create: async () => {
              await cloud.client(STSClient, cloud.owner).send(new GetCallerIdentityCommand({}));
              const outside = new S3Client({
                region: cloud.region,
                endpoint: cloud.endpoint,
                credentials: { accessKeyId: "local", secretAccessKey: "local" },
                maxAttempts: 1,
              });
              seen.push(await outside.send(new ListBucketsCommand({})).catch((error: unknown) => error));
              for (const path of ["/", "/_doorstep/echo"]) {
                const { status, headers } = await fetch(cloud.endpoint + path);
                seen.push([status, headers.get("retry-after")]);
              }
              return { ref: "slow" };
            },
          },
        },
        // The HTTP API starts before this service and is ready before it.
        ready: async () => void seen.push((await fetch(cloud.endpoint)).status),
      }),
    };
    const other = await startTestCloud({
      services: [echo, slow],
      template: { Resources: { Slow: { Type: "Test::Slow::Resource", Properties: {} } } },
    });
    expect(seen).toEqual([
      expect.objectContaining({ name: "ServiceUnavailable" }),
      [503, "1"],
      [503, "1"],
      503,
    ]);
    expect((await fetch(`${other.endpoint}/_doorstep/echo`, { method: "POST" })).status).toBe(200);
    await other.stop();
  });
});

test("stopping stops the others even if one service fails to stop", async () => {
  const stopped: string[] = [];
  const stubborn: Service = {
    name: "stubborn",
    start: () => ({ stop: () => Promise.reject(new Error("I stay")) }),
  };
  const polite: Service = { name: "polite", start: () => ({ stop: () => void stopped.push("polite") }) };
  const other = await startTestCloud({ services: [polite, dynamodb, stubborn] });
  await expect(other.stop()).rejects.toThrow("I stay");
  expect(stopped).toEqual(["polite"]);
  await expect(fetch(other.endpoint)).rejects.toThrow("fetch failed");
});
