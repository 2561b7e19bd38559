import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { expect, test } from "@jest/globals";
import { streamProcessors } from "../../aws/rekognition.ts";
import { scriptedService } from "./scripted-service.ts";

test("a start that is refused without a message says that streaming video is closed, and what to do", async () => {
  const service = await scriptedService();
  const error = "AccessDeniedException";
  const message = "User: arn is not authorized to perform: rekognition:StartStreamProcessor";
  service.respond({ error }, { error, body: { message } });
  const client = new RekognitionClient(service.config);
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
      reason: `${error}: ${message}`,
    });
  } finally {
    client.destroy();
    await service.stop();
  }
});
