// Empties a stack's buckets, every version of every object, since CloudFormation deletes only empty buckets. Without --yes
// it only counts them.
//
//     npm run empty -- --stack doorstep-dev [--yes]
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  S3Client,
  type ListObjectVersionsCommandOutput,
} from "@aws-sdk/client-s3";
import { errorMessage } from "../base/errors.ts";
import { DEPLOYMENT_BUCKET } from "../resources/rules/template.ts";

/** The names of a stack's data buckets. */
export async function dataBuckets(stackName: string, client: CloudFormationClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName: stackName },
  ))
    for (const { ResourceType, LogicalResourceId, PhysicalResourceId } of StackResourceSummaries)
      if (ResourceType === "AWS::S3::Bucket" && LogicalResourceId !== DEPLOYMENT_BUCKET && PhysicalResourceId)
        names.push(PhysicalResourceId);
  return names;
}

/**
 * Deletes, or only counts, every version and delete marker of a bucket, with one call per thousand.
 * @returns how many there were
 * @throws Error that names the first one that could not be deleted
 */
export async function emptyBucket(
  bucket: string,
  client: S3Client,
  { isDryRun = false }: { isDryRun?: boolean } = {},
): Promise<number> {
  let count = 0;
  let page: Partial<ListObjectVersionsCommandOutput> = {};
  do {
    page = await client.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        KeyMarker: page.NextKeyMarker,
        VersionIdMarker: page.NextVersionIdMarker,
      }),
    );
    const { Versions = [], DeleteMarkers = [] } = page;
    const objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key!, VersionId }));
    count += objects.length;
    if (!isDryRun && objects.length > 0) await remove(bucket, objects, client);
  } while (page.IsTruncated);
  return count;
}

async function remove(
  bucket: string,
  objects: { Key: string; VersionId: string | undefined }[],
  client: S3Client,
): Promise<void> {
  const { Errors = [] } = await client.send(
    new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
  );
  const [failed] = Errors;
  if (failed)
    throw new Error(`${bucket}/${failed.Key}: ${failed.Message}; ${Errors.length} were not deleted`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { stack: { type: "string" }, yes: { type: "boolean", default: false } },
  });
  if (!values.stack) throw new Error("--stack is missing: npm run empty -- --stack doorstep-<stage> [--yes]");
  const s3 = new S3Client({ forcePathStyle: process.env["AWS_ENDPOINT_URL"] !== undefined });
  for (const bucket of await dataBuckets(values.stack, new CloudFormationClient())) {
    const count = await emptyBucket(bucket, s3, { isDryRun: !values.yes });
    console.log(
      `${bucket}: ${count} versions ${values.yes ? "deleted" : "would be deleted; --yes deletes them"}`,
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  await main().catch((error: unknown) => {
    console.error(errorMessage(error));
    process.exitCode = 1;
  });
