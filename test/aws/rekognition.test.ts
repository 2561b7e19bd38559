import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { expect, test } from "@jest/globals";
import { streamProcessors } from "../../aws/rekognition.ts";
import { close } from "../../local/endpoint.ts";

test("a start that is refused without a message says that streaming video is closed, and what to do", async () => {
  const refusals = ["", "User: arn is not authorized to perform: rekognition:StartStreamProcessor"];
  const server = createServer((_, response) => {
    const message = refusals.shift();
    response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify({ __type: "AccessDeniedException", ...(message && { message }) }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new RekognitionClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "tester", secretAccessKey: "tester" },
    maxAttempts: 1,
  });
  try {
    const start = () =>
      streamProcessors(client).start({ processorName: "porch", videoStartMs: 0, maxDurationSeconds: 1 });
    expect(await start()).toEqual({
      kind: "refused",
      reason: expect.stringMatching(
        /^AccessDeniedException without a message: .* closed to this account .*(engine|account and Region)/,
      ),
    });
    expect(await start()).toEqual({
      kind: "refused",
      reason:
        "AccessDeniedException: User: arn is not authorized to perform: rekognition:StartStreamProcessor",
    });
  } finally {
    client.destroy();
    await close(server);
  }
});
