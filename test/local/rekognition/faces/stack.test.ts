import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, GetMetricStatisticsCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import {
  CreateCollectionCommand,
  DeleteFacesCommand,
  DescribeCollectionCommand,
  DetectFacesCommand,
  IndexFacesCommand,
  RekognitionClient,
} from "@aws-sdk/client-rekognition";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { monitoring } from "../../../../local/monitoring/index.ts";
import { rekognition } from "../../../../local/rekognition/index.ts";
import { startTestCloud, type TestCloud } from "../../cloud.ts";
import { emptyPicture } from "./pictures.ts";

let folder: string;
let local: TestCloud | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-faces-"));
});
afterEach(async () => {
  await local?.stop();
  local = undefined;
  rmSync(folder, { recursive: true });
});

async function boot(CollectionId: string, logicalId = "People"): Promise<TestCloud> {
  await local?.stop();
  local = undefined;
  local = await startTestCloud({
    services: [monitoring, rekognition],
    objectModel: false,
    dataFolder: folder,
    template: {
      Resources: {
        [logicalId]: {
          Type: "AWS::Rekognition::Collection",
          Properties: { CollectionId, Tags: [{ Key: "stack", Value: "test" }] },
        },
      },
    },
  });
  return local;
}

const described = async (CollectionId: string) =>
  await local!.client(RekognitionClient).send(new DescribeCollectionCommand({ CollectionId }));

/** Gives the local cloud a picture with so many faces. */
async function knownPicture(count: number): Promise<Buffer> {
  const picture = await emptyPicture();
  await local!.control("POST /_doorstep/rekognition/faces", {
    picture: createHash("sha256").update(picture).digest("hex"),
    faces: Array.from({ length: count }, (_, index) => ({
      person: `person-${index}`,
      box: { left: index / 4, top: 0.25, width: 0.25, height: 0.25 },
    })),
  });
  return picture;
}

test("a collection of the template keeps its faces when the stack starts again, and a new id is a new collection", async () => {
  const { resources, client } = await boot("people");
  const arn = "arn:aws:rekognition:us-east-1:000000000000:collection/people";
  expect(resources.get("People")).toMatchObject({ ref: "people", attributes: { Arn: arn } });
  await client(RekognitionClient).send(
    new IndexFacesCommand({ CollectionId: "people", Image: { Bytes: await knownPicture(3) } }),
  );
  await boot("people");
  expect(await described("people")).toMatchObject({ FaceCount: 3, CollectionARN: arn });
  await boot("neighbours");
  expect(await described("neighbours")).toMatchObject({ FaceCount: 0 });
});

test("a collection that exists already and is not of the template is refused", async () => {
  const { client } = await boot("people");
  await client(RekognitionClient).send(new CreateCollectionCommand({ CollectionId: "others" }));
  await expect(boot("others")).rejects.toThrow(
    "collection others exists already and is not the template's People; delete it with DeleteCollection, or use another id",
  );
});

test("each call is in the metrics of AWS/Rekognition, by operation and in total", async () => {
  const { client, clock } = await boot("people");
  const startMs = clock.now();
  const people = client(RekognitionClient);
  const Bytes = await knownPicture(2);
  await people.send(new IndexFacesCommand({ CollectionId: "people", Image: { Bytes }, MaxFaces: 1 }));
  await people.send(new DetectFacesCommand({ Image: { Bytes } }));
  await people.send(new DetectFacesCommand({ Image: { Bytes } }));
  const bad = new DeleteFacesCommand({ CollectionId: "people", FaceIds: [] });
  await expect(people.send(bad)).rejects.toThrow();
  clock.turn(60_000);
  const sumOf = async (MetricName: string, operation?: string): Promise<number | undefined> => {
    const { Datapoints = [] } = await client(CloudWatchClient).send(
      new GetMetricStatisticsCommand({
        Namespace: "AWS/Rekognition",
        MetricName,
        ...(operation !== undefined && { Dimensions: [{ Name: "Operation", Value: operation }] }),
        StartTime: new Date(startMs - 60_000),
        EndTime: new Date(startMs + 120_000),
        Period: 3600,
        Statistics: ["Sum"],
      }),
    );
    return Datapoints.reduce<number | undefined>((sum, { Sum }) => (sum ?? 0) + Sum!, undefined);
  };
  expect(await sumOf("SuccessfulRequestCount", "IndexFaces")).toBe(1);
  expect(await sumOf("SuccessfulRequestCount", "DetectFaces")).toBe(2);
  expect(await sumOf("SuccessfulRequestCount")).toBe(3);
  // A face that was not indexed is detected, too.
  expect(await sumOf("DetectedFaceCount", "IndexFaces")).toBe(2);
  expect(await sumOf("DetectedFaceCount", "DetectFaces")).toBe(4);
  expect(await sumOf("UserErrorCount", "DeleteFaces")).toBe(1);
  expect(await sumOf("ServerErrorCount", "DeleteFaces")).toBeUndefined();
  const { Metrics = [] } = await client(CloudWatchClient).send(
    new ListMetricsCommand({ Namespace: "AWS/Rekognition", MetricName: "ResponseTime" }),
  );
  expect(new Set(Metrics.map(({ Dimensions }) => Dimensions![0]?.Value))).toEqual(
    new Set(["IndexFaces", "DetectFaces", undefined]),
  );
});
