import {
  CreateStreamProcessorCommand,
  DeleteStreamProcessorCommand,
  DescribeStreamProcessorCommand,
  ListStreamProcessorsCommand,
  RekognitionClient,
  StartStreamProcessorCommand,
  StopStreamProcessorCommand,
  UpdateStreamProcessorCommand,
  type CreateStreamProcessorRequest,
  type StartStreamProcessorRequest,
} from "@aws-sdk/client-rekognition";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { rekognition } from "../../../local/rekognition/index.ts";
import { startTestCloud, type TestCloud } from "../cloud.ts";
import { processor } from "./stack.ts";

let local: TestCloud;
let client: RekognitionClient;
beforeAll(async () => {
  local = await startTestCloud({ services: [rekognition] });
  client = local.client(RekognitionClient);
});
afterAll(() => local.stop());
afterEach(async () => {
  local.clock.turn(1000);
  const { StreamProcessors = [] } = await client.send(new ListStreamProcessorsCommand({}));
  for (const { Name } of StreamProcessors) await client.send(new DeleteStreamProcessorCommand({ Name }));
  local.clock.turn(1000);
});

const create = (changes: Partial<Record<keyof CreateStreamProcessorRequest, unknown>> = {}, name?: string) =>
  client.send(
    new CreateStreamProcessorCommand({ ...processor(name), ...changes } as CreateStreamProcessorRequest),
  );
const createOn = (name: string) =>
  create(
    {
      Input: {
        KinesisVideoStream: { Arn: processor().Input.KinesisVideoStream.Arn.replace("front-door", name) },
      },
    },
    name,
  );
const start = (changes: Partial<Record<keyof StartStreamProcessorRequest, unknown>> = {}) =>
  client.send(
    new StartStreamProcessorCommand({
      Name: "front-door",
      StartSelector: { KVSStreamStartSelector: { ProducerTimestamp: 1_763_726_400_000 } },
      StopSelector: { MaxDurationInSeconds: 30 },
      ...changes,
    } as StartStreamProcessorRequest),
  );
const describeIt = (Name = "front-door") => client.send(new DescribeStreamProcessorCommand({ Name }));

describe("CreateStreamProcessor", () => {
  test("returns the ARN, and Describe returns the request without its tags", async () => {
    const { StreamProcessorArn } = await create({ Tags: { camera: "front-door" } });
    expect(StreamProcessorArn).toBe("arn:aws:rekognition:us-east-1:000000000000:streamprocessor/front-door");
    const { $metadata: _, CreationTimestamp, LastUpdateTimestamp, ...described } = await describeIt();
    expect(described).toEqual({ ...processor(), StreamProcessorArn, Status: "STOPPED" });
    expect(CreationTimestamp).toBeInstanceOf(Date);
    expect(LastUpdateTimestamp).toEqual(CreationTimestamp);
  });

  test.each<[string, Partial<Record<keyof CreateStreamProcessorRequest, unknown>>, string]>([
    [
      "a name with a space",
      { Name: "front door" },
      'Name: "front door" is not a valid stream processor name',
    ],
    ["a name of 129 characters", { Name: "x".repeat(129) }, "Name: "],
    ["a role that is not an ARN", { RoleArn: "full" }, 'RoleArn: "full" is not a valid IAM role ARN'],
    [
      "a stream of another service",
      { Input: { KinesisVideoStream: { Arn: "arn:aws:kinesis:us-east-1:000000000000:stream/x" } } },
      "Input.KinesisVideoStream.Arn: ",
    ],
    [
      "an unknown label",
      { Settings: { ConnectedHome: { Labels: ["CAT"] } } },
      "Settings.ConnectedHome.Labels[0]: expected one of PERSON, PET, PACKAGE, ALL",
    ],
    [
      "no label",
      { Settings: { ConnectedHome: { Labels: [] } } },
      "Settings.ConnectedHome.Labels: expected 1 to 128 labels",
    ],
    [
      "a confidence over 100",
      { Settings: { ConnectedHome: { Labels: ["ALL"], MinConfidence: 101 } } },
      "Settings.ConnectedHome.MinConfidence: is 101; expected 0..100 percent",
    ],
    ["no bucket", { Output: {} }, "Output.S3Destination: is missing"],
    ["no topic", { NotificationChannel: undefined }, "NotificationChannel: is missing"],
    [
      "face search with what a label processor has",
      { Settings: { FaceSearch: { CollectionId: "known" } } },
      "Output.S3Destination: a face search processor has no Output.S3Destination; label processors do",
    ],
    [
      "a region that is neither a box nor a polygon",
      { RegionsOfInterest: [{}] },
      "RegionsOfInterest[0]: expected either BoundingBox or Polygon",
    ],
    [
      "a region in pixels",
      { RegionsOfInterest: [{ BoundingBox: { Left: 20, Top: 0, Width: 1, Height: 1 } }] },
      "RegionsOfInterest[0].BoundingBox.Left: is 20; expected 0..1",
    ],
    [
      "eleven regions",
      {
        RegionsOfInterest: Array.from({ length: 11 }, () => ({
          BoundingBox: { Left: 0, Top: 0, Width: 1, Height: 1 },
        })),
      },
      "RegionsOfInterest: expected at most 10 regions",
    ],
    ["a tag that begins with aws:", { Tags: { "aws:x": "1" } }, "Tags.aws:x: "],
  ])("refuses %s", async (_, changes, message) => {
    const error = await create(changes).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.name).toBe("InvalidParameterException");
    expect(error?.message).toContain(message);
  });

  test("refuses a name that is in use", async () => {
    await create();
    await expect(create()).rejects.toMatchObject({
      name: "ResourceInUseException",
      message: "Stream processor name already in use.",
    });
  });

  test("refuses a second processor on one stream", async () => {
    await create();
    const refused = create({}, "second");
    await expect(refused).rejects.toMatchObject({ name: "ResourceInUseException" });
    await expect(refused).rejects.toThrow("is the input of stream processor front-door; a stream takes one");
  });

  test("does not check the role, the stream, the bucket or the topic", async () => {
    await expect(create({ RoleArn: "arn:aws:iam::000000000000:role/nobody" })).resolves.toHaveProperty(
      "StreamProcessorArn",
    );
  });
});

describe("StartStreamProcessor", () => {
  const selector = (KVSStreamStartSelector: object) => ({ StartSelector: { KVSStreamStartSelector } });

  test.each<[string, Partial<Record<keyof StartStreamProcessorRequest, unknown>>, string]>([
    [
      "a start in seconds",
      selector({ ProducerTimestamp: 1_763_726_400 }),
      "StartSelector.KVSStreamStartSelector.ProducerTimestamp: is 1763726400, which looks like seconds; expected epoch milliseconds: multiply by 1000",
    ],
    ["no start", { StartSelector: undefined }, "StartSelector: is missing"],
    ["no stop", { StopSelector: undefined }, "StopSelector: is missing"],
    [
      "neither a time nor a fragment",
      selector({}),
      "expected either ProducerTimestamp (epoch milliseconds) or FragmentNumber",
    ],
    ["a fragment number that is none", selector({ FragmentNumber: "x" }), "FragmentNumber"],
    [
      "0 seconds",
      { StopSelector: { MaxDurationInSeconds: 0 } },
      "StopSelector.MaxDurationInSeconds: is 0; expected 1..120 s",
    ],
    [
      "121 seconds",
      { StopSelector: { MaxDurationInSeconds: 121 } },
      "StopSelector.MaxDurationInSeconds: is 121; expected 1..120 s",
    ],
  ])("refuses %s", async (_, changes, message) => {
    await create();
    const error = await start(changes).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.name).toBe("InvalidParameterException");
    expect(error?.message).toContain(message);
  });

  test("refuses a processor that does not exist", async () => {
    await expect(start()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(start()).rejects.toThrow("Stream processor front-door does not exist in us-east-1");
  });
});

describe("the other actions", () => {
  test("refuse a processor that does not exist", async () => {
    const Name = "nobody";
    const notFound = { name: "ResourceNotFoundException" };
    await expect(describeIt(Name)).rejects.toMatchObject(notFound);
    await expect(client.send(new StopStreamProcessorCommand({ Name }))).rejects.toMatchObject(notFound);
    await expect(client.send(new UpdateStreamProcessorCommand({ Name }))).rejects.toMatchObject(notFound);
    await expect(client.send(new DeleteStreamProcessorCommand({ Name }))).rejects.toMatchObject(notFound);
  });

  test("List pages through the processors in order of their names", async () => {
    for (const name of ["c", "a", "b"]) await createOn(name);
    const first = await client.send(new ListStreamProcessorsCommand({ MaxResults: 2 }));
    expect(first.StreamProcessors).toEqual([
      { Name: "a", Status: "STOPPED" },
      { Name: "b", Status: "STOPPED" },
    ]);
    const second = await client.send(
      new ListStreamProcessorsCommand({ MaxResults: 2, NextToken: first.NextToken }),
    );
    expect(second.StreamProcessors).toEqual([{ Name: "c", Status: "STOPPED" }]);
    expect(second.NextToken).toBeUndefined();
    await expect(client.send(new ListStreamProcessorsCommand({ NextToken: "?" }))).rejects.toMatchObject({
      name: "InvalidPaginationTokenException",
    });
  });

  test("Stop refuses a processor without a running session", async () => {
    await create();
    await expect(client.send(new StopStreamProcessorCommand({ Name: "front-door" }))).rejects.toMatchObject({
      name: "ResourceInUseException",
      message: "Processor not available for stopping stream.",
    });
  });

  test("Update sets the given parameters, deletes the named ones and keeps the others", async () => {
    await create({ RegionsOfInterest: [{ BoundingBox: { Left: 0, Top: 0, Width: 1, Height: 1 } }] });
    const { LastUpdateTimestamp: before } = await describeIt();
    local.clock.turn(5000);
    const update = (changes: object) =>
      client.send(new UpdateStreamProcessorCommand({ Name: "front-door", ...changes }));
    await update({ SettingsForUpdate: { ConnectedHomeForUpdate: { Labels: ["PET"], MinConfidence: 80 } } });
    const once = await describeIt();
    expect(once.Settings).toEqual({ ConnectedHome: { Labels: ["PET"], MinConfidence: 80 } });
    expect(once.RegionsOfInterest).toHaveLength(1);
    expect(once.LastUpdateTimestamp!.getTime() - before!.getTime()).toBeGreaterThanOrEqual(5000);

    await update({ ParametersToDelete: ["ConnectedHomeMinConfidence", "RegionsOfInterest"] });
    const twice = await describeIt();
    expect(twice.Settings).toEqual({ ConnectedHome: { Labels: ["PET"] } });
    expect(twice.RegionsOfInterest).toBeUndefined();

    await expect(
      update({
        SettingsForUpdate: { ConnectedHomeForUpdate: { MinConfidence: 70 } },
        ParametersToDelete: ["ConnectedHomeMinConfidence"],
      }),
    ).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  test("are refused over their calls per second: a second Stop within a second", async () => {
    await create();
    const impatient = new RekognitionClient({
      region: "us-east-1",
      endpoint: local.endpoint,
      credentials: { accessKeyId: "owner", secretAccessKey: "owner" },
      maxAttempts: 1,
    });
    const stop = () => impatient.send(new StopStreamProcessorCommand({ Name: "front-door" }));
    await expect(stop()).rejects.toMatchObject({ name: "ResourceInUseException" });
    await expect(stop()).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
    local.clock.turn(1000);
    await expect(stop()).rejects.toMatchObject({ name: "ResourceInUseException" });
    impatient.destroy();
  });
});
