import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KinesisVideoClient, GetDataEndpointCommand } from "@aws-sdk/client-kinesis-video";
import {
  GetImagesCommand,
  KinesisVideoArchivedMediaClient,
} from "@aws-sdk/client-kinesis-video-archived-media";
import {
  AssociateFacesCommand,
  CreateCollectionCommand,
  CreateUserCommand,
  DetectFacesCommand,
  IndexFacesCommand,
  RekognitionClient,
  SearchFacesByImageCommand,
  SearchUsersByImageCommand,
} from "@aws-sdk/client-rekognition";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { kinesisVideo } from "../../../../local/kinesis-video/index.ts";
import { rekognition } from "../../../../local/rekognition/index.ts";
import { startTestCloud, type TestCloud } from "../../cloud.ts";
import { record } from "../../kinesis-video/clips.ts";
import { ASTRONAUT, emptyPicture } from "./pictures.ts";

const CLIP = join(import.meta.dirname, "../../../../events/videos/front-door.mp4");
const CollectionId = "people";
const box = (left: number) => ({ left, top: 0.25, width: 0.125, height: 0.25 });
const track = (person: string, left: number, more: object = {}) => ({
  person,
  ...more,
  keyframes: [0, 16_000].map((offsetMillis) => ({ offsetMillis, box: box(left) })),
});

let local: TestCloud;
let client: RekognitionClient;
let folder: string;
let frame: Buffer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-faces-"));
  writeFileSync(
    join(folder, "front-door.faces.json"),
    JSON.stringify({ tracks: [track("ada", 0.25), track("eve", 0.625, { brightness: 5 })] }),
  );
  // Without a model, nothing but the ground truth can find a face.
  local = await startTestCloud({
    services: [kinesisVideo, rekognition],
    objectModel: false,
    clipFolders: [folder],
    template: {
      Resources: {
        Stream: {
          Type: "AWS::KinesisVideo::Stream",
          Properties: { Name: "front-door", DataRetentionInHours: 1 },
        },
        People: { Type: "AWS::Rekognition::Collection", Properties: { CollectionId } },
      },
    },
  });
  client = local.client(RekognitionClient);
  const startMs = local.clock.now() - 60_000;
  await record(local, { streamName: "front-door" }, CLIP, startMs);
  await local
    .client(KinesisVideoClient)
    .send(new GetDataEndpointCommand({ StreamName: "front-door", APIName: "GET_IMAGES" }));
  const { Images = [] } = await local.client(KinesisVideoArchivedMediaClient).send(
    new GetImagesCommand({
      StreamName: "front-door",
      ImageSelectorType: "PRODUCER_TIMESTAMP",
      StartTimestamp: new Date(startMs + 5600),
      EndTimestamp: new Date(startMs + 5600),
      Format: "JPEG",
    }),
  );
  frame = Buffer.from(Images[0]!.ImageContent!, "base64");
});
afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true });
});

const hashOf = (content: Buffer): string => createHash("sha256").update(content).digest("hex");
const searchUsers = async (Bytes: Buffer) =>
  await client.send(new SearchUsersByImageCommand({ CollectionId, Image: { Bytes }, QualityFilter: "AUTO" }));

describe("the faces of known footage and pictures need no model", () => {
  test("a picture whose faces are given is indexed as that person, and its user is found in the clip", async () => {
    const picture = await emptyPicture();
    await local.control("POST /_doorstep/rekognition/faces", {
      picture: hashOf(picture),
      faces: [{ person: "ada", box: box(0.5) }],
    });
    const { FaceRecords } = await client.send(
      new IndexFacesCommand({ CollectionId, Image: { Bytes: picture }, ExternalImageId: "person-1" }),
    );
    const { FaceId } = FaceRecords![0]!.Face!;
    await client.send(new CreateUserCommand({ CollectionId, UserId: "person-1" }));
    await client.send(new AssociateFacesCommand({ CollectionId, UserId: "person-1", FaceIds: [FaceId!] }));
    const { SearchedFace, UserMatches, UnsearchedFaces } = await searchUsers(frame);
    expect(SearchedFace!.FaceDetail!.BoundingBox).toEqual({
      Left: 0.25,
      Top: 0.25,
      Width: 0.125,
      Height: 0.25,
    });
    expect(UserMatches).toMatchObject([{ Similarity: expect.closeTo(100, 3), User: { UserId: "person-1" } }]);
    expect(UnsearchedFaces!.map(({ Reasons }) => Reasons)).toEqual([["FACE_NOT_LARGEST"]]);
  });

  test("a part of a served image has the faces whose middle it shows, with boxes of the part", async () => {
    const picture = await loadImage(frame);
    const cut = async (left: number): Promise<Buffer> => {
      const canvas = createCanvas(picture.width / 4, picture.height / 2);
      canvas.getContext("2d").drawImage(picture, -left * picture.width, -0.125 * picture.height);
      return await canvas.encode("jpeg", 85);
    };
    const { FaceDetails } = await client.send(
      new DetectFacesCommand({ Image: { Bytes: await cut(0.1875) } }),
    );
    expect(FaceDetails!.map(({ BoundingBox }) => BoundingBox)).toEqual([
      { Left: 0.25, Top: 0.25, Width: 0.5, Height: 0.5 },
    ]);
    const dark = await searchUsers(await cut(0.5625));
    expect([dark.SearchedFace, dark.UserMatches]).toEqual([undefined, []]);
    expect(dark.UnsearchedFaces!.map(({ Reasons }) => Reasons)).toEqual([["LOW_BRIGHTNESS"]]);
  });

  test("a track may name an external image id of the collection", async () => {
    const picture = await createCanvas(400, 400).encode("png");
    const given = (person: string) => ({ picture: hashOf(picture), faces: [{ person, box: box(0.5) }] });
    await local.control("POST /_doorstep/rekognition/faces", given("somebody"));
    const Image = { Bytes: picture };
    await client.send(new IndexFacesCommand({ CollectionId, Image, ExternalImageId: "person-2" }));
    await local.control("POST /_doorstep/rekognition/faces", given("person-2"));
    const { FaceMatches } = await client.send(new SearchFacesByImageCommand({ CollectionId, Image }));
    expect(FaceMatches!.map(({ Face }) => Face!.ExternalImageId)).toEqual(["person-2"]);
  });

  test("any other picture is refused, and the error says why", async () => {
    await client.send(new CreateCollectionCommand({ CollectionId: "others" }));
    await expect(searchUsers(ASTRONAUT)).rejects.toMatchObject({
      name: "UnknownOperationException",
      message: "Faces cannot be found here: the face model is switched off.",
    });
  });

  test("a faces file that is wrong is refused with the member and the expected value", async () => {
    const send = (body: object) => local.control("POST /_doorstep/rekognition/faces", body);
    await expect(send({ clip: "x.mp4", faces: { tracks: [{ person: "" }] } })).rejects.toThrow(
      /x\.faces\.json: tracks\[0\]\.person: expected a name/,
    );
    await expect(send({ clip: "../x.mp4", faces: { tracks: [] } })).rejects.toThrow(/expected a file's name/);
    await expect(send({ picture: "abc", faces: [] })).rejects.toThrow(/expected the SHA-256/);
  });
});
