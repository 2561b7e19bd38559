import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { faceSearch } from "../../aws/faces.ts";
import { scriptedService } from "./scripted-service.ts";

let service: Awaited<ReturnType<typeof scriptedService>>;
let client: RekognitionClient;
beforeAll(async () => {
  service = await scriptedService();
  client = new RekognitionClient(service.config);
});
beforeEach(() => void service.requests.splice(0));
afterAll(async () => {
  client.destroy();
  await service.stop();
});

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff);
const search = () =>
  faceSearch({ collectionId: "doorstep-dev-faces", threshold: 90 }, client).searchFaces(JPEG);

const BoundingBox = { Left: 0.25, Top: 0.1, Width: 0.5, Height: 0.4 };
const box = { left: 0.25, top: 0.1, width: 0.5, height: 0.4 };

describe("faces of an image", () => {
  test("are the largest one with the persons it resembles, the most similar first, and those that were not searched", async () => {
    service.respond({
      body: {
        SearchedFace: {
          FaceDetail: {
            BoundingBox,
            Confidence: 99.5,
            Pose: { Pitch: 1, Roll: -2, Yaw: 3 },
            Quality: { Brightness: 70, Sharpness: 80 },
            Landmarks: [{ Type: "nose", X: 0.5, Y: 0.3 }],
          },
        },
        UserMatches: [
          { Similarity: 91, User: { UserId: "person-b", UserStatus: "ACTIVE" } },
          { Similarity: 99, User: { UserId: "person-a", UserStatus: "UPDATING" } },
          { Similarity: 95 },
        ],
        UnsearchedFaces: [
          { FaceDetails: { BoundingBox, Confidence: 60 }, Reasons: ["LOW_FACE_QUALITY", "LOW_SHARPNESS"] },
          { FaceDetails: { BoundingBox } },
          { FaceDetails: { Confidence: 60 }, Reasons: ["SMALL_BOUNDING_BOX"] },
        ],
      },
    });
    expect(await search()).toEqual({
      kind: "faces",
      faces: [
        {
          confidence: 99.5,
          box,
          pitch: 1,
          roll: -2,
          yaw: 3,
          brightness: 70,
          sharpness: 80,
          matches: [
            { personId: "person-a", similarity: 99 },
            { personId: "person-b", similarity: 91 },
          ],
        },
        { confidence: 60, box, unsearchedReason: "LOW_FACE_QUALITY", matches: [] },
        { confidence: null, box, unsearchedReason: "UNKNOWN", matches: [] },
      ],
    });
    expect(service.requests).toEqual([
      {
        CollectionId: "doorstep-dev-faces",
        Image: { Bytes: Buffer.from(JPEG).toString("base64") },
        MaxUsers: 5,
        UserMatchThreshold: 90,
        QualityFilter: "AUTO",
      },
    ]);
  });

  test("are none where the image shows no face, which is no error", async () => {
    service.respond({ body: { UserMatches: [], UnsearchedFaces: [], FaceModelVersion: "7" } });
    expect(await search()).toEqual({ kind: "faces", faces: [] });
  });
});

describe("a search that is refused", () => {
  const refused = async (error: string, message: string, status = 400) => {
    service.respond({ error, status, body: { message } });
    const result = await search();
    expect(service.requests).toHaveLength(1);
    return result;
  };

  test.each([
    ["ProvisionedThroughputExceededException", "Provisioned Rate exceeded.", 400],
    ["ThrottlingException", "Slow down", 400],
    ["InternalServerError", "Internal server error", 500],
  ])("with %s (%s) is throttled, and is not sent again by itself", async (...error) => {
    expect(await refused(...error)).toEqual({ kind: "throttled" });
  });

  test.each(["ImageTooLargeException", "InvalidImageFormatException", "InvalidParameterException"])(
    "with %s is about an image that is unreadable",
    async (error) => {
      expect(await refused(error, "no")).toEqual({
        kind: "unreadable",
        reason: `SearchUsersByImage: ${error}: no`,
      });
    },
  );

  test("because there is no collection names the collection", async () => {
    expect(await refused("ResourceNotFoundException", "The collection id does not exist")).toEqual({
      kind: "refused",
      reason:
        "there is no collection doorstep-dev-faces, though the stack created it: create it again under this id and enrol everybody again: The collection id does not exist",
    });
  });

  test("because of a policy is refused with the policy's message, and without a message because of the Region", async () => {
    expect(await refused("AccessDeniedException", "User: arn is not authorized")).toEqual({
      kind: "refused",
      reason:
        "the function's role may not call rekognition:SearchUsersByImage: AccessDeniedException: User: arn is not authorized",
    });
    service.requests.splice(0);
    expect(await refused("AccessDeniedException", "")).toEqual({
      kind: "refused",
      reason: expect.stringMatching(/^SearchUsersByImage is not available in this account and Region/),
    });
  });

  test("with any other error throws it", async () => {
    await expect(refused("ExpiredTokenException", "expired")).rejects.toMatchObject({
      name: "ExpiredTokenException",
    });
  });
});

test("a search whose connection breaks is sent once more, and then throws", async () => {
  service.respond(undefined, { body: {} });
  expect(await search()).toEqual({ kind: "faces", faces: [] });
  service.respond(undefined, undefined);
  await expect(search()).rejects.toThrow();
  expect(service.requests).toHaveLength(4);
});
