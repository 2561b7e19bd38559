import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { objectVersions } from "../../aws/object-versions.ts";
import { sleep, systemClock } from "../../base/clock.ts";
import { writeHistory } from "../../cli/generate/write-history.ts";
import { FACE_RECORDS_PREFIX, rewriteFaceFiles, type FaceFiles } from "../../core/faces/face-files.ts";
import { packageService, templateFile } from "../../demo/package-service.ts";
import { athena } from "../../local/athena/index.ts";
import { boot } from "../../local/boot.ts";
import { startFauxqs } from "../../local/fauxqs.ts";
import { glue } from "../../local/glue/index.ts";
import { iam } from "../../local/iam/index.ts";
import { s3 } from "../../local/s3/index.ts";
import { readTemplate, type Template } from "../../local/template/template.ts";
import { parquetFiles } from "../queries/lake.ts";
import { decisions } from "./decisions.ts";
import { faces, FORGOTTEN, MERGED, SWEPT_UNTIL_HOUR } from "./faces.ts";
import type { Outcome } from "./outcome.ts";

const DAY_MS = 86_400_000;
/** Days of history before today. Trino lists the objects of every hour that the projection covers, so it begins there. */
const HISTORY_DAYS = 2;
const LAKE_TYPES = new Set(["AWS::Glue::Database", "AWS::Glue::Table"]);
const POLL_MS = 20;
const MAX_ROWS = 1000;

/** The packaged service's lake in the local cloud, with a synthetic history, decisions and faces of the days before today. */
export interface Lake {
  readonly endpoint: string;
  readonly database: string;
  /** Names of days for statements: `{today}`, `{day}` (yesterday) and `{day2}`, the day before. */
  readonly days: Readonly<Record<string, string>>;
  query(sql: string): Promise<Outcome>;
  stop(): Promise<void>;
}

export async function startLake(onProgress: (text: string) => void): Promise<Lake> {
  onProgress("Packaging the service");
  await packageService();
  const todayMs = Math.floor(systemClock.now() / DAY_MS) * DAY_MS;
  const dayBefore = (days: number) => new Date(todayMs - days * DAY_MS).toISOString().slice(0, 10);
  const dataFolder = mkdtempSync(join(tmpdir(), "doorstep-trino-lake-"));
  const remove = () => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  const { cloud, stack, stop } = await boot({
    template: lakeOf(readTemplate(templateFile), dayBefore(HISTORY_DAYS)),
    stackName: "doorstep-trino",
    artifactFolder: "",
    dataFolder,
    awsPort: 0,
    services: async (host) => {
      const fauxqs = await startFauxqs(host);
      host.atStop(() => fauxqs.stop());
      return [iam, s3(fauxqs), glue, athena];
    },
  }).catch((error: unknown) => {
    remove();
    throw error;
  });
  const ref = (id: string) => stack.resources.get(id)!.ref;
  onProgress("Writing the history");
  const config = { region: cloud.region, endpoint: cloud.endpoint, credentials: OWNER };
  await writeHistory(
    {
      cameras: 4,
      seed: 1,
      detectionsPerDay: 30,
      fromMs: todayMs - HISTORY_DAYS * DAY_MS,
      untilMs: todayMs,
      streamPrefix: "doorstep-dev-camera-",
      evidenceBucket: "evidence",
    },
    { bucket: ref("LakeBucket"), config },
    { signal: AbortSignal.timeout(DAY_MS) },
  );
  const s3Client = new S3Client({ ...config, forcePathStyle: true });
  for (const [path, Body] of await parquetFiles([...decisions(todayMs), ...faces(todayMs)]))
    await s3Client.send(
      new PutObjectCommand({ Bucket: ref("LakeBucket"), Key: `${path}/facts.parquet`, Body }),
    );
  await rewriteSome(objectVersions(ref("LakeBucket"), s3Client), dayBefore(HISTORY_DAYS));
  s3Client.destroy();
  const client = new AthenaClient(config);
  const context = {
    WorkGroup: ref("AnalystsWorkGroup"),
    QueryExecutionContext: { Database: ref("LakeDatabase") },
  };
  return {
    endpoint: cloud.endpoint,
    database: ref("LakeDatabase"),
    days: { today: dayBefore(0), day: dayBefore(1), day2: dayBefore(2) },
    query: (QueryString) => queryAthena(client, { QueryString, ...context }),
    stop: async () => {
      client.destroy();
      await stop();
      remove();
    },
  };
}

/** Has persons forgotten, merged and swept as the product does it, so that rewritten files stand beside those of Firehose. */
async function rewriteSome(files: FaceFiles, firstDay: string): Promise<void> {
  const rule = { forgotten: FORGOTTEN, merged: MERGED, removeUnknown: false };
  let rewritten = 0;
  const onRewritten = async () => void rewritten++;
  await rewriteFaceFiles(files, async () => rule, { onRewritten });
  await rewriteFaceFiles(files, async () => ({ ...rule, removeUnknown: true }), {
    before: `${FACE_RECORDS_PREFIX}dt=${firstDay}/hour=${SWEPT_UNTIL_HOUR}`,
    onRewritten,
  });
  const keys: string[] = [];
  for await (const page of files.versions(FACE_RECORDS_PREFIX)) keys.push(...page.map(({ key }) => key));
  const left = keys.filter((key) => key.includes("/rewritten-")).length;
  if (rewritten !== 5 || left !== 3 || keys.length !== 5)
    throw new Error(`${rewritten} rewrites left ${left} of ${keys.length} files; expected 5, 3 and 5`);
}

/** The local cloud takes any credentials for those of the account's owner. */
const OWNER = { accessKeyId: "trino", secretAccessKey: "trino" };

/** What of the service's template is the lake; projection begins at `firstDay`. */
function lakeOf({ Resources, ...rest }: Template, firstDay: string): Template {
  const lake = Object.entries(Resources).filter(
    ([id, { Type }]) => id === "LakeBucket" || LAKE_TYPES.has(Type) || Type.startsWith("AWS::Athena::"),
  );
  const text = JSON.stringify({ ...rest, Resources: Object.fromEntries(lake), Outputs: {} });
  return JSON.parse(text, (key, value: unknown) =>
    key === "projection.dt.range" ? `${firstDay},NOW+1DAY` : value,
  ) as Template;
}

async function queryAthena(
  client: AthenaClient,
  request: ConstructorParameters<typeof StartQueryExecutionCommand>[0],
): Promise<Outcome> {
  const { QueryExecutionId } = await client.send(new StartQueryExecutionCommand(request));
  for (;;) {
    const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    const { State, StateChangeReason: message = "" } = QueryExecution?.Status ?? {};
    if (State === "SUCCEEDED") break;
    if (State === "FAILED" || State === "CANCELLED")
      return { error: /^[A-Z_]+(?=:)/.exec(message)?.[0] ?? "", message };
    await sleep(systemClock, POLL_MS);
  }
  const { ResultSet } = await client.send(
    new GetQueryResultsCommand({ QueryExecutionId, MaxResults: MAX_ROWS }),
  );
  const infos = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
  const columns = infos.map(({ Name = "" }) => Name);
  const rows = (ResultSet?.Rows ?? []).map(({ Data = [] }) =>
    Data.map(({ VarCharValue }) => VarCharValue ?? null),
  );
  // The first row of a SELECT repeats the column names (documented: GetQueryResults).
  if (JSON.stringify(rows[0]) === JSON.stringify(columns)) rows.shift();
  return {
    columns,
    types: infos.map(({ Type = "", Precision, Scale }) =>
      Type === "decimal" ? `decimal(${Precision},${Scale})` : Type,
    ),
    rows,
  };
}
