import {
  AssociateFacesCommand,
  CreateCollectionCommand,
  CreateUserCommand,
  DeleteCollectionCommand,
  DeleteFacesCommand,
  DeleteUserCommand,
  DescribeCollectionCommand,
  DetectFacesCommand,
  DisassociateFacesCommand,
  IndexFacesCommand,
  ListCollectionsCommand,
  ListFacesCommand,
  ListUsersCommand,
  RekognitionClient,
  SearchFacesByImageCommand,
  SearchFacesCommand,
  SearchUsersByImageCommand,
  SearchUsersCommand,
  type Face,
  type IndexFacesCommandInput,
} from "@aws-sdk/client-rekognition";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { rekognition } from "../../../../local/rekognition/index.ts";
import { startTestCloud, type TestCloud } from "../../cloud.ts";
import { ownersRole } from "../../template-parts.ts";
import { ASTRONAUT, astronaut, emptyPicture, twoAstronauts } from "./pictures.ts";

let local: TestCloud;
let client: RekognitionClient;
/** Pictures of one person, as IndexFaces takes them. */
let pictures: Buffer[];
beforeAll(async () => {
  local = await startTestCloud({
    services: [rekognition],
    template: {
      Resources: {
        Pictures: { Type: "AWS::S3::Bucket", Properties: { BucketName: "pictures" } },
        Searcher: ownersRole("searcher", ["rekognition:SearchUsersByImage"]),
      },
    },
  });
  client = local.client(RekognitionClient);
  pictures = [ASTRONAUT, await astronaut({ isMirrored: true }), await astronaut({ scale: 1.5 })];
});
afterAll(() => local.stop());

const CollectionId = "people";
beforeEach(async () => {
  local.clock.turn(1000);
  await client.send(new DeleteCollectionCommand({ CollectionId })).catch(() => {});
  await client.send(new CreateCollectionCommand({ CollectionId }));
  local.clock.turn(1000);
});

const index = async (Bytes: Buffer, changes: Partial<IndexFacesCommandInput> = {}) =>
  await client.send(new IndexFacesCommand({ CollectionId, Image: { Bytes }, ...changes }));
const indexed = async (Bytes: Buffer, ExternalImageId = "ada"): Promise<string> =>
  (await index(Bytes, { ExternalImageId })).FaceRecords![0]!.Face!.FaceId!;
const listed = async (): Promise<Face[]> =>
  (await client.send(new ListFacesCommand({ CollectionId }))).Faces!;
const described = async () => await client.send(new DescribeCollectionCommand({ CollectionId }));
const createUser = async (UserId: string) =>
  await client.send(new CreateUserCommand({ CollectionId, UserId }));
const associate = async (UserId: string, ...FaceIds: string[]) =>
  await client.send(new AssociateFacesCommand({ CollectionId, UserId, FaceIds }));
const deleteFaces = async (...FaceIds: string[]) =>
  await client.send(new DeleteFacesCommand({ CollectionId, FaceIds }));
const searchUsers = async (Bytes: Buffer, QualityFilter?: "AUTO") =>
  await client.send(new SearchUsersByImageCommand({ CollectionId, Image: { Bytes }, QualityFilter }));
const NO_FACE_ID = "00000000-0000-4000-8000-000000000000";

describe("a collection", () => {
  test("is created once, is described with its counts, and is deleted with its faces", async () => {
    await expect(client.send(new CreateCollectionCommand({ CollectionId }))).rejects.toMatchObject({
      name: "ResourceAlreadyExistsException",
    });
    const first = await client.send(new CreateCollectionCommand({ CollectionId: "others" }));
    expect(first).toMatchObject({
      StatusCode: 200,
      CollectionArn: "aws:rekognition:us-east-1:000000000000:collection/others",
      FaceModelVersion: "7.0",
    });
    await indexed(ASTRONAUT);
    await createUser("ada");
    expect(await described()).toMatchObject({
      FaceCount: 1,
      UserCount: 1,
      CollectionARN: "arn:aws:rekognition:us-east-1:000000000000:collection/people",
      CreationTimestamp: expect.any(Date),
    });
    const page = await client.send(new ListCollectionsCommand({ MaxResults: 1 }));
    expect(page).toMatchObject({ CollectionIds: ["others"], FaceModelVersions: ["7.0"] });
    const next = await client.send(new ListCollectionsCommand({ NextToken: page.NextToken }));
    expect([next.CollectionIds, next.NextToken]).toEqual([["people"], undefined]);
    local.clock.turn(1000);
    for (const one of ["others", CollectionId])
      await client.send(new DeleteCollectionCommand({ CollectionId: one }));
    await client.send(new CreateCollectionCommand({ CollectionId }));
    expect(await described()).toMatchObject({ FaceCount: 0, UserCount: 0 });
  });

  test("that does not exist is named by every call that needs it", async () => {
    const request = { CollectionId: "nobody" };
    const Image = { Bytes: ASTRONAUT };
    const FaceIds = [NO_FACE_ID];
    const user = { ...request, UserId: "ada" };
    for (const command of [
      new DescribeCollectionCommand(request),
      new DeleteCollectionCommand(request),
      new IndexFacesCommand({ ...request, Image }),
      new ListFacesCommand(request),
      new ListUsersCommand(request),
      new DeleteFacesCommand({ ...request, FaceIds }),
      new CreateUserCommand(user),
      new DeleteUserCommand(user),
      new AssociateFacesCommand({ ...user, FaceIds }),
      new DisassociateFacesCommand({ ...user, FaceIds }),
      new SearchFacesCommand({ ...request, FaceId: NO_FACE_ID }),
      new SearchFacesByImageCommand({ ...request, Image }),
      new SearchUsersCommand(user),
      new SearchUsersByImageCommand({ ...request, Image }),
    ])
      await expect(client.send(command as DescribeCollectionCommand)).rejects.toMatchObject({
        name: "ResourceNotFoundException",
        message: "The collection id: nobody does not exist",
      });
  });

  test("is not refused while streaming video is closed to the account", async () => {
    await local.control("POST /_doorstep/rekognition/availability", { open: false });
    expect(await described()).toMatchObject({ FaceCount: 0 });
    await local.control("POST /_doorstep/rekognition/availability", { open: true });
  });

  test("is called five times a second, then throttled", async () => {
    const hasty = new RekognitionClient({
      region: "us-east-1",
      endpoint: local.endpoint,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      maxAttempts: 1,
    });
    const calls = await Promise.allSettled(
      Array.from({ length: 7 }, () => hasty.send(new DescribeCollectionCommand({ CollectionId }))),
    );
    hasty.destroy();
    expect(calls.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    expect(calls.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { name: "ProvisionedThroughputExceededException" },
    });
  });
});

describe("IndexFaces", () => {
  test("adds the faces of a picture, largest first, and says why it left others out", async () => {
    const two = await twoAstronauts();
    const { FaceRecords, UnindexedFaces, FaceModelVersion } = await index(two, {
      ExternalImageId: "ada",
      MaxFaces: 1,
    });
    expect(FaceModelVersion).toBe("7.0");
    const [{ Face, FaceDetail }] = FaceRecords as [NonNullable<typeof FaceRecords>[number]];
    expect(FaceRecords).toHaveLength(1);
    expect(Face).toMatchObject({ ExternalImageId: "ada", IndexFacesModelVersion: "7.0" });
    expect(FaceDetail!.Landmarks!.map(({ Type }) => Type!).toSorted()).toEqual([
      "eyeLeft",
      "eyeRight",
      "mouthLeft",
      "mouthRight",
      "nose",
    ]);
    expect(Object.keys(FaceDetail!).toSorted()).toEqual([
      "BoundingBox",
      "Confidence",
      "Landmarks",
      "Pose",
      "Quality",
    ]);
    // She looks into the camera, in the upper middle of the left half.
    expect(Math.abs(FaceDetail!.Pose!.Yaw!) < 15 && Face!.BoundingBox!.Left! < 0.25).toBe(true);
    expect(UnindexedFaces!.map(({ Reasons }) => Reasons)).toEqual([["EXCEEDS_MAX_FACES"]]);
    expect(UnindexedFaces![0]!.FaceDetail!.BoundingBox!.Left! > 0.5).toBe(true);
    expect(await listed()).toEqual([Face]);
  });

  test("stores the same picture with the same external image id once, and with another one again", async () => {
    const first = await index(ASTRONAUT, { ExternalImageId: "ada" });
    const again = await index(ASTRONAUT, { ExternalImageId: "ada" });
    expect(again.FaceRecords).toEqual(first.FaceRecords);
    await indexed(ASTRONAUT, "eve");
    expect((await listed()).map(({ ExternalImageId }) => ExternalImageId!).toSorted()).toEqual([
      "ada",
      "eve",
    ]);
  });

  test("leaves out a face that is blurred or too small, unless the filter is off", async () => {
    const reasons = async (picture: Buffer) =>
      (await index(picture)).UnindexedFaces!.map((face) => face.Reasons);
    const blurred = await astronaut({ blurPixels: 2 });
    expect(await reasons(blurred)).toEqual([["LOW_SHARPNESS", "LOW_CONFIDENCE"]]);
    expect(await reasons(await astronaut({ scale: 0.25 }))).toEqual([["SMALL_BOUNDING_BOX"]]);
    expect(await listed()).toEqual([]);
    expect((await index(blurred, { QualityFilter: "NONE" })).FaceRecords).toHaveLength(1);
  });

  test("of a picture without a face adds none, without an error", async () => {
    expect(await index(await emptyPicture())).toMatchObject({ FaceRecords: [], UnindexedFaces: [] });
  });

  test.each<[string, Partial<IndexFacesCommandInput>, object]>([
    [
      "what is no image",
      { Image: { Bytes: Buffer.from("GIF89a") } },
      { name: "InvalidImageFormatException" },
    ],
    [
      "an object that is not there",
      { Image: { S3Object: { Bucket: "pictures", Name: "none.jpg" } } },
      { name: "InvalidS3ObjectException" },
    ],
    ...["Ada Lovelace", "ada/1.jpg", "ada@home", "Jürgen", ""].map(
      (ExternalImageId): [string, Partial<IndexFacesCommandInput>, object] => [
        `the external image id "${ExternalImageId}"`,
        { ExternalImageId },
        {
          name: "InvalidParameterException",
          message: `ExternalImageId: "${ExternalImageId}" is not a valid external image id: expected 1 to 255 characters matching ^[a-zA-Z0-9_.\\-:]+$`,
        },
      ],
    ),
    ["no face at all", { MaxFaces: 0 }, { name: "InvalidParameterException" }],
  ])("refuses %s", async (_, changes, error) => {
    await expect(index(ASTRONAUT, changes)).rejects.toMatchObject(error);
    expect(await listed()).toEqual([]);
  });
});

describe("DeleteFaces", () => {
  test("keeps a face of a user, and says so in the response alone", async () => {
    const face = await indexed(pictures[0]!);
    await createUser("ada");
    await associate("ada", face);
    expect(await deleteFaces(face, NO_FACE_ID)).toMatchObject({
      DeletedFaces: [],
      UnsuccessfulFaceDeletions: [
        { FaceId: face, UserId: "ada", Reasons: ["ASSOCIATED_TO_AN_EXISTING_USER"] },
        { FaceId: NO_FACE_ID, Reasons: ["FACE_NOT_FOUND"] },
      ],
    });
    await client.send(new DisassociateFacesCommand({ CollectionId, UserId: "ada", FaceIds: [face] }));
    expect(await deleteFaces(face)).toMatchObject({ DeletedFaces: [face], UnsuccessfulFaceDeletions: [] });
    expect(await listed()).toEqual([]);
  });

  test("takes 1 to 4096 faces", async () => {
    for (const count of [0, 4097])
      await expect(deleteFaces(...Array.from({ length: count }, () => NO_FACE_ID))).rejects.toMatchObject({
        name: "InvalidParameterException",
        message: "FaceIds: expected 1 to 4096 face ids",
      });
  });
});

describe("a user", () => {
  test("is created without faces, becomes active with some, and leaves its faces when it is deleted", async () => {
    const users = async () => (await client.send(new ListUsersCommand({ CollectionId }))).Users;
    await createUser("ada");
    expect(await users()).toEqual([{ UserId: "ada", UserStatus: "CREATED" }]);
    await expect(createUser("ada")).rejects.toMatchObject({ name: "ConflictException" });
    const [a, b] = [await indexed(pictures[0]!), await indexed(pictures[1]!)];
    expect(await associate("ada", a, b)).toMatchObject({
      AssociatedFaces: [{ FaceId: a }, { FaceId: b }],
      UnsuccessfulFaceAssociations: [],
      UserStatus: "UPDATING",
    });
    expect(await users()).toEqual([{ UserId: "ada", UserStatus: "ACTIVE" }]);
    const { Faces } = await client.send(new ListFacesCommand({ CollectionId, UserId: "ada" }));
    expect(Faces!.map(({ UserId }) => UserId)).toEqual(["ada", "ada"]);
    await client.send(new DeleteUserCommand({ CollectionId, UserId: "ada" }));
    expect(await users()).toEqual([]);
    expect((await listed()).map(({ UserId }) => UserId)).toEqual([undefined, undefined]);
    await expect(client.send(new DeleteUserCommand({ CollectionId, UserId: "ada" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("gets no face of another user, none that is not there and none that is too different", async () => {
    const [mine, hers] = [await indexed(pictures[0]!), await indexed(pictures[1]!)];
    await createUser("ada");
    await createUser("eve");
    await associate("eve", hers);
    expect(await associate("ada", mine, hers, NO_FACE_ID)).toMatchObject({
      AssociatedFaces: [{ FaceId: mine }],
      UnsuccessfulFaceAssociations: [
        { FaceId: hers, UserId: "eve", Reasons: ["ASSOCIATED_TO_A_DIFFERENT_USER"] },
        { FaceId: NO_FACE_ID, Reasons: ["FACE_NOT_FOUND"] },
      ],
    });
    const other = await indexed(pictures[2]!);
    const demanding = new AssociateFacesCommand({
      CollectionId,
      UserId: "ada",
      FaceIds: [other, mine],
      UserMatchThreshold: 100,
    });
    expect(await client.send(demanding)).toMatchObject({
      AssociatedFaces: [],
      UnsuccessfulFaceAssociations: [
        { FaceId: other, Confidence: expect.any(Number), Reasons: ["LOW_MATCH_CONFIDENCE"] },
      ],
    });
  });

  test("is created once for a token, which no other request may use", async () => {
    const request = { CollectionId, UserId: "ada", ClientRequestToken: `token-${local.clock.now()}` };
    await client.send(new CreateUserCommand(request));
    await client.send(new CreateUserCommand(request));
    await expect(client.send(new CreateUserCommand({ ...request, UserId: "eve" }))).rejects.toMatchObject({
      name: "IdempotentParameterMismatchException",
    });
  });
});

describe("a search", () => {
  test("by a face or a picture finds the faces that are similar, most similar first, and not the searched one", async () => {
    const [first, ...others] = [
      await indexed(pictures[0]!),
      await indexed(pictures[1]!),
      await indexed(pictures[2]!),
    ] as [string, ...string[]];
    const byFace = await client.send(new SearchFacesCommand({ CollectionId, FaceId: first }));
    expect(byFace.SearchedFaceId).toBe(first);
    expect(byFace.FaceMatches!.map(({ Face }) => Face!.FaceId!).toSorted()).toEqual(others.toSorted());
    const byPicture = await client.send(
      new SearchFacesByImageCommand({ CollectionId, Image: { Bytes: pictures[0]! }, MaxFaces: 2 }),
    );
    expect(byPicture.FaceMatches).toHaveLength(2);
    expect(byPicture.FaceMatches![0]).toMatchObject({
      Similarity: expect.closeTo(100, 5),
      Face: { FaceId: first, ExternalImageId: "ada" },
    });
    expect(byPicture.SearchedFaceBoundingBox).toEqual(byPicture.FaceMatches![0]!.Face!.BoundingBox);
    const strict = new SearchFacesCommand({ CollectionId, FaceId: first, FaceMatchThreshold: 100 });
    expect((await client.send(strict)).FaceMatches).toEqual([]);
    await expect(
      client.send(new SearchFacesCommand({ CollectionId, FaceId: NO_FACE_ID })),
    ).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  test("for users finds the user of the largest face, and lists the faces that it did not search for", async () => {
    await createUser("ada");
    await associate("ada", await indexed(pictures[0]!), await indexed(pictures[1]!));
    const { SearchedFace, UserMatches, UnsearchedFaces } = await searchUsers(await twoAstronauts());
    expect(UserMatches).toEqual([
      { Similarity: expect.any(Number), User: { UserId: "ada", UserStatus: "ACTIVE" } },
    ]);
    expect(UserMatches![0]!.Similarity).toBeGreaterThan(99);
    expect(SearchedFace!.FaceDetail!.BoundingBox!.Left! < 0.25).toBe(true);
    expect(UnsearchedFaces!.map(({ Reasons }) => Reasons)).toEqual([["FACE_NOT_LARGEST"]]);
    const byFace = new SearchUsersCommand({ CollectionId, FaceId: await indexed(pictures[2]!) });
    expect((await client.send(byFace)).UserMatches).toMatchObject([{ User: { UserId: "ada" } }]);
    const byUser = new SearchUsersCommand({ CollectionId, UserId: "ada" });
    expect(await client.send(byUser)).toMatchObject({ UserMatches: [], SearchedUser: { UserId: "ada" } });
    await expect(client.send(new SearchUsersCommand({ CollectionId }))).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "expected either UserId or FaceId",
    });
  });

  test("in a picture without a face is an error for faces, and has no SearchedFace for users", async () => {
    const Bytes = await emptyPicture();
    await expect(
      client.send(new SearchFacesByImageCommand({ CollectionId, Image: { Bytes } })),
    ).rejects.toMatchObject({ name: "InvalidParameterException", message: /no faces in the image/ });
    const { SearchedFace, UserMatches, UnsearchedFaces } = await searchUsers(Bytes);
    expect([SearchedFace, UserMatches, UnsearchedFaces]).toEqual([undefined, [], []]);
  });

  test("names nobody for a face that is below the quality bar", async () => {
    await createUser("ada");
    await associate("ada", await indexed(pictures[0]!));
    const { SearchedFace, UserMatches, UnsearchedFaces } = await searchUsers(
      await astronaut({ scale: 0.25 }),
      "AUTO",
    );
    expect([SearchedFace, UserMatches]).toEqual([undefined, []]);
    expect(UnsearchedFaces!.map(({ Reasons }) => Reasons)).toEqual([["SMALL_BOUNDING_BOX"]]);
  });

  test("reads an object in S3 with the caller's own permissions", async () => {
    await local
      .client(S3Client)
      .send(new PutObjectCommand({ Bucket: "pictures", Key: "ada.jpg", Body: ASTRONAUT }));
    const Image = { S3Object: { Bucket: "pictures", Name: "ada.jpg" } };
    await client.send(new IndexFacesCommand({ CollectionId, Image, ExternalImageId: "ada.jpg" }));
    expect(await described()).toMatchObject({ FaceCount: 1 });
    const searcher = new RekognitionClient(await local.configOf("Searcher"));
    await expect(searcher.send(new SearchUsersByImageCommand({ CollectionId, Image }))).rejects.toMatchObject(
      { name: "InvalidS3ObjectException" },
    );
    await expect(searcher.send(new IndexFacesCommand({ CollectionId, Image }))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    searcher.destroy();
  });
});

describe("DetectFaces", () => {
  test("returns the faces of a picture, largest first, and stores none", async () => {
    const { FaceDetails } = await client.send(
      new DetectFacesCommand({ Image: { Bytes: await twoAstronauts() }, Attributes: ["ALL"] }),
    );
    expect(FaceDetails!.map(({ BoundingBox }) => BoundingBox!.Left! < 0.5)).toEqual([true, false]);
    expect(await described()).toMatchObject({ FaceCount: 0 });
  });
});
