import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "@jest/globals";
import { dataBuckets, emptyBucket } from "../../tools/empty-buckets.ts";

interface Version {
  readonly Key: string;
  readonly VersionId: string;
}

interface Command {
  readonly input: {
    readonly KeyMarker?: string;
    readonly VersionIdMarker?: string;
    readonly Delete?: { readonly Objects: readonly Version[] };
  };
}

const PAGE = 2;

/** A versioned bucket that lists two versions per page, in order of key and version, and denies deleting the key `locked`. */
function fakeS3(versions: readonly Version[], markers: readonly Version[] = []) {
  const left = new Map([...versions, ...markers].map((one) => [`${one.Key} ${one.VersionId}`, one]));
  const client = new S3Client({ region: "us-east-1" });
  client.send = (({ input }: Command) => {
    const { Delete, KeyMarker, VersionIdMarker } = input;
    if (Delete) {
      const Errors = Delete.Objects.filter(({ Key }) => Key === "locked").map(({ Key }) => ({
        Key,
        Message: "Access Denied",
      }));
      for (const { Key, VersionId } of Delete.Objects)
        if (Key !== "locked") left.delete(`${Key} ${VersionId}`);
      return Promise.resolve({ Errors });
    }
    const after = KeyMarker === undefined ? "" : `${KeyMarker} ${VersionIdMarker}`;
    const rest = [...left.keys()].toSorted().filter((one) => one > after);
    const page = rest.slice(0, PAGE).map((one) => left.get(one)!);
    const last = page.at(-1);
    return Promise.resolve({
      Versions: page.filter((one) => versions.includes(one)),
      DeleteMarkers: page.filter((one) => markers.includes(one)),
      IsTruncated: rest.length > PAGE,
      NextKeyMarker: last?.Key,
      NextVersionIdMarker: last?.VersionId,
    });
  }) as never;
  return { client, left };
}

const version = (Key: string, VersionId: string): Version => ({ Key, VersionId });

test("deletes every version and every delete marker, over all pages", async () => {
  const { client, left } = fakeS3(
    [version("a", "1"), version("a", "2"), version("b", "1"), version("c", "1")],
    [version("b", "2")],
  );
  expect(await emptyBucket("evidence", client)).toBe(5);
  expect(left.size).toBe(0);
  expect(await emptyBucket("evidence", client)).toBe(0);
});

test("only counts them in a dry run", async () => {
  const { client, left } = fakeS3([version("a", "1"), version("a", "2"), version("b", "1")]);
  expect(await emptyBucket("evidence", client, { isDryRun: true })).toBe(3);
  expect(left.size).toBe(3);
});

test("names what cannot be deleted, and stops", async () => {
  const { client } = fakeS3([version("locked", "1")]);
  await expect(emptyBucket("evidence", client)).rejects.toThrow(
    "evidence/locked: Access Denied; 1 were not deleted",
  );
});

test("leaves out the deployment bucket, which Serverless empties", async () => {
  const client = new CloudFormationClient({ region: "us-east-1" });
  client.send = (() =>
    Promise.resolve({
      StackResourceSummaries: ["LakeBucket", "ServerlessDeploymentBucket"].map((id) => ({
        LogicalResourceId: id,
        PhysicalResourceId: id.toLowerCase(),
        ResourceType: "AWS::S3::Bucket",
      })),
    })) as never;
  expect(await dataBuckets("doorstep-dev", client)).toEqual(["lakebucket"]);
});
