import { KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { streamImages } from "../../aws/images.ts";
import { scriptedService } from "./scripted-service.ts";

let service: Awaited<ReturnType<typeof scriptedService>>;
let control: KinesisVideoClient;
beforeAll(async () => {
  service = await scriptedService();
  control = new KinesisVideoClient(service.config);
});
beforeEach(() => void service.requests.splice(0));
afterAll(async () => {
  control.destroy();
  await service.stop();
});

const AT_MS = 1_763_726_400_250;
const LOOK_UP = { StreamName: "porch", APIName: "GET_IMAGES" };
const REQUEST = {
  StreamName: "porch",
  ImageSelectorType: "PRODUCER_TIMESTAMP",
  StartTimestamp: AT_MS / 1000,
  EndTimestamp: (AT_MS + 100) / 1000,
  SamplingInterval: 200,
  Format: "JPEG",
  MaxResults: 1,
};
const endpoint = () => ({ body: { DataEndpoint: service.config.endpoint } });
const images = (...Images: object[]) => ({ body: { Images } });
const image = { TimeStamp: AT_MS / 1000, ImageContent: Buffer.from("jpeg").toString("base64") };
const found = { kind: "image", jpeg: new Uint8Array(Buffer.from("jpeg")), atMs: AT_MS };
const NOT_FOUND = { error: "ResourceNotFoundException", status: 404, body: { Message: "not found" } };

describe("an image of a moment", () => {
  test("is requested alone, at an endpoint that is looked up once, and decoded from base64", async () => {
    const { imageAt } = streamImages(control);
    service.respond(endpoint(), images(image), images(image));
    expect(await imageAt("porch", AT_MS)).toEqual(found);
    expect(await imageAt("porch", AT_MS)).toEqual(found);
    expect(service.requests).toEqual([LOOK_UP, REQUEST, REQUEST]);
  });

  test.each([
    [[{ TimeStamp: AT_MS / 1000, Error: "NO_MEDIA" }], { kind: "no-video" }],
    [[], { kind: "no-video" }],
    [[{ TimeStamp: AT_MS / 1000 }], { kind: "no-video" }],
    [
      [{ TimeStamp: AT_MS / 1000, Error: "MEDIA_ERROR" }],
      { kind: "unreadable", reason: "GetImages: MEDIA_ERROR" },
    ],
  ])("of the response %j is %j", async (entries, expected) => {
    service.respond(endpoint(), images(...entries));
    expect(await streamImages(control).imageAt("porch", AT_MS)).toEqual(expected);
  });

  test("is throttled while its own call or the look-up of the endpoint is", async () => {
    const error = "ClientLimitExceededException";
    service.respond({ error }, endpoint(), { error }, images(image));
    const { imageAt } = streamImages(control);
    expect(await imageAt("porch", AT_MS)).toEqual({ kind: "throttled" });
    expect(await imageAt("porch", AT_MS)).toEqual({ kind: "throttled" });
    expect(await imageAt("porch", AT_MS)).toEqual(found);
  });

  test("is requested anew at a new endpoint when the stream is not found at the kept one", async () => {
    const { imageAt } = streamImages(control);
    service.respond(endpoint(), images(image), NOT_FOUND, endpoint(), images(image));
    expect(await imageAt("porch", AT_MS)).toEqual(found);
    expect(await imageAt("porch", AT_MS)).toEqual(found);
    expect(service.requests).toEqual([LOOK_UP, REQUEST, REQUEST, LOOK_UP, REQUEST]);
  });

  test("is refused when the stream is not found at an endpoint that was just looked up", async () => {
    service.respond(endpoint(), NOT_FOUND);
    expect(await streamImages(control).imageAt("porch", AT_MS)).toEqual({
      kind: "refused",
      reason: "there is no stream porch in this account and Region: not found",
    });
  });

  test.each(["NotAuthorizedException", "AccessDeniedException"])("is refused by %s", async (error) => {
    service.respond(endpoint(), { error, status: 401, body: { Message: "no" } });
    expect(await streamImages(control).imageAt("porch", AT_MS)).toEqual({
      kind: "refused",
      reason: `the function's role may not call GetImages on the stream porch: ${error}: no`,
    });
  });

  test("with any other error throws it", async () => {
    service.respond(endpoint(), { error: "InvalidArgumentException", body: { Message: "no" } });
    await expect(streamImages(control).imageAt("porch", AT_MS)).rejects.toMatchObject({
      name: "InvalidArgumentException",
    });
  });
});
