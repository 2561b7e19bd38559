// The AWS CLI, boto3 and ffmpeg, unchanged, against the local cloud, and its webhooks at the reference libraries of Standard
// Webhooks: `npm run test:clients`. All must be installed (Debian: awscli, python3-boto3, ffmpeg; PyPI: standardwebhooks),
// which is why this is no part of `npm test`.
import { execFile } from "node:child_process";
import { deepStrictEqual, strictEqual } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { packageService } from "../../demo/package-service.ts";
import { clipsOf } from "../../demo/clips.ts";
import { DetectionsListener } from "../../operator/detections-listener.ts";
import { startStack, type TestStack } from "../local/stack.ts";
import { checkShell, checkWebhooks } from "./webhooks.ts";

const run = promisify(execFile);
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

type Json = Record<string, any>;

await packageService();
const clips = clipsOf([]);
const stack = await startStack([join(clips[0]!.file, "..")]);
const folder = mkdtempSync(join(tmpdir(), "doorstep-clients-"));
const env = {
  ...process.env,
  AWS_ENDPOINT_URL: stack.config.endpoint,
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "cli",
  AWS_SECRET_ACCESS_KEY: "cli",
  AWS_PAGER: "",
};
/** What was asked of the AWS CLI. */
const commands = new Set<string>();

try {
  const sessionIds = await fillTheLake(stack);
  await checkCli(stack, sessionIds);
  await checkRefusals();
  await checkBoto3();
  await checkWebhooks(stack);
  checkShell();
  const front = clips.find(({ file }) => file.endsWith("front-door.mp4"))!;
  await runClient("video with boto3 and ffmpeg", "python3", [scriptFile("video.py"), front.file, "192"]);
  await runClient("a processor of one's own", "bash", [scriptFile("own-processor.sh")]);
  await runClient("faces in video", "bash", [scriptFile("face-search.sh")]);
} finally {
  await stack.stop();
  rmSync(folder, { recursive: true });
}

/** The journey of `npm start`: clips, sessions, notifications, lake. */
async function fillTheLake({ journey, config, flushFirehose }: TestStack): Promise<string[]> {
  const listener = await DetectionsListener.subscribe(journey.outputs.DetectionsTopicArn, config);
  const uploads = await Promise.all(clips.map((clip) => journey.upload(clip)));
  const sessions = await Promise.all(uploads.map((upload) => journey.motionStart(upload)));
  const sessionIds = sessions.map(({ sessionId }) => sessionId);
  await listener.untilAllCompleted(sessionIds, 120_000);
  await listener.close();
  await flushFirehose();
  return sessionIds;
}

async function aws(...args: string[]): Promise<Json> {
  commands.add(args.slice(0, 2).join(" "));
  const { stdout } = await run("aws", [...args, "--output", "json"], { env, maxBuffer: MAX_OUTPUT_BYTES });
  return stdout.trim().startsWith("{") ? (JSON.parse(stdout) as Json) : {};
}

/** Runs a command that must fail and gives what it said. */
async function awsRefused(...args: string[]): Promise<string> {
  return await aws(...args).then(
    () => Promise.reject(new Error(`aws ${args.join(" ")} was not refused`)),
    (error: { stderr?: string }) => error.stderr ?? "",
  );
}

async function checkCli({ journey: { outputs } }: TestStack, sessionIds: readonly string[]): Promise<void> {
  strictEqual((await aws("sts", "get-caller-identity"))["Account"], "000000000000");

  const described = await aws("cloudformation", "describe-stacks", "--stack-name", "doorstep-dev");
  strictEqual(described["Stacks"][0].StackStatus, "CREATE_COMPLETE");

  const streams = await aws("kinesisvideo", "list-streams");
  deepStrictEqual(streams["StreamInfoList"].map((stream: Json) => stream["StreamName"]).toSorted(), [
    "doorstep-dev-camera-back-yard",
    "doorstep-dev-camera-front-door",
  ]);
  await aws("kinesisvideo", "create-stream", "--stream-name", "by-cli", "--data-retention-in-hours", "2");
  await checkStream("by-cli");
  await checkFragments("doorstep-dev-camera-front-door");

  const processor = "doorstep-dev-camera-front-door";
  const processors = await aws("rekognition", "list-stream-processors");
  strictEqual(processors["StreamProcessors"].length, 2);
  const shown = await aws("rekognition", "describe-stream-processor", "--name", processor);
  deepStrictEqual(shown["Settings"].ConnectedHome.Labels, ["PERSON", "PET", "PACKAGE"]);
  const noSuch = await awsRefused("rekognition", "describe-stream-processor", "--name", "nothing");
  strictEqual(noSuch.includes("ResourceNotFoundException"), true, noSuch);

  const file = join(folder, "note.txt");
  writeFileSync(file, "hello");
  await run("aws", ["s3", "cp", file, `s3://${outputs.LakeBucketName}/notes/note.txt`], { env });
  const { stdout: listed } = await run("aws", ["s3", "ls", `s3://${outputs.LakeBucketName}/notes/`], { env });
  strictEqual(/ 5 note\.txt/.test(listed), true, listed);
  await checkVersions(outputs.LakeBucketName, "notes/note.txt");

  const table = await aws(
    "glue",
    "get-table",
    "--database-name",
    outputs.DatabaseName,
    "--name",
    "detection_records",
  );
  strictEqual(table["Table"].Parameters["projection.enabled"], "true");

  const delivery = await aws(
    "firehose",
    "describe-delivery-stream",
    "--delivery-stream-name",
    "doorstep-dev-detections",
  );
  strictEqual(delivery["DeliveryStreamDescription"].DeliveryStreamStatus, "ACTIVE");

  await checkMail();

  const secret = await aws("secretsmanager", "get-secret-value", "--secret-id", outputs.MasterSecretArn);
  strictEqual(secret["SecretString"].length, 64);

  const key = '{"cameraId":{"S":"front-door"}}';
  const session = await aws("dynamodb", "get-item", "--table-name", outputs.SessionsTableName, "--key", key);
  strictEqual(sessionIds.includes(session["Item"].run.M.sessionId.S), true);

  const functions = await aws("lambda", "list-functions");
  const names = functions["Functions"].map(({ FunctionName }: { FunctionName: string }) => FunctionName);
  strictEqual(names.includes("doorstep-dev-startSession"), true);

  const sql =
    "SELECT camera_id, count(*) AS sessions FROM session_records GROUP BY camera_id ORDER BY camera_id";
  const started = await aws(
    "athena",
    "start-query-execution",
    "--query-string",
    sql,
    "--work-group",
    outputs.WorkGroupName,
    "--query-execution-context",
    `Database=${outputs.DatabaseName}`,
  );
  const id = started["QueryExecutionId"] as string;
  let status: Json = { State: "QUEUED" };
  for (
    let attempts = 0;
    attempts < 100 && ["QUEUED", "RUNNING"].includes(status["State"] as string);
    attempts++
  )
    status = (await aws("athena", "get-query-execution", "--query-execution-id", id))["QueryExecution"]
      .Status;
  strictEqual(status["State"], "SUCCEEDED", JSON.stringify(status));
  const results = await aws("athena", "get-query-results", "--query-execution-id", id);
  deepStrictEqual(
    results["ResultSet"].Rows.map((row: Json) => row["Data"].map((datum: Json) => datum["VarCharValue"])),
    [
      ["camera_id", "sessions"],
      ["back-yard", "1"],
      ["front-door", "1"],
    ],
  );
  process.stdout.write(`AWS CLI answered as on AWS: ${[...commands].join(", ")}\n`);
}

/** A subscription by e-mail, from its confirmation to its end. The files of SNS are all the mails there are. */
async function checkMail(): Promise<void> {
  const { TopicArn } = await aws("sns", "create-topic", "--name", "by-cli");
  const of = ["--topic-arn", TopicArn as string];
  const to = ["--protocol", "email", "--notification-endpoint", "ann@example.com"];
  const subscribed = await aws("sns", "subscribe", ...of, ...to);
  strictEqual(subscribed["SubscriptionArn"], "pending confirmation");
  const confirmation = await nextMail(1);
  const listed = async (): Promise<string[]> =>
    (await aws("sns", "list-subscriptions-by-topic", ...of))["Subscriptions"].map(
      (one: Json) => one["SubscriptionArn"] as string,
    );
  deepStrictEqual(await listed(), ["PendingConfirmation"]);
  const token = /Token=([0-9a-f]+)/.exec(confirmation)![1]!;
  const confirmed = await aws("sns", "confirm-subscription", ...of, "--token", token);
  deepStrictEqual(await listed(), [confirmed["SubscriptionArn"]]);
  await aws("sns", "publish", ...of, "--subject", "Person", "--message", "Someone is at the door.");
  const mail = await nextMail(2);
  strictEqual(/^To: ann@example\.com\r\nSubject: Person\r\n/m.test(mail), true, mail);
  strictEqual(mail.includes("\r\n\r\nSomeone is at the door.\r\n"), true, mail);
  await aws("sns", "unsubscribe", "--subscription-arn", confirmed["SubscriptionArn"] as string);
  await aws("sns", "delete-topic", ...of);
}

/** The latest mail, once there are so many. */
async function nextMail(count: number): Promise<string> {
  const files = (): string[] =>
    stack.local.events
      .matching(({ service, detail }) => service === "sns" && String(detail["file"]).endsWith(".eml"))
      .map(({ detail }) => detail["file"] as string);
  await stack.local.events.waitFor(() => files().length >= count);
  return readFileSync(files()[count - 1]!, "utf8");
}

/** A stream with two hours of retention, from its first change to its deletion. */
async function checkStream(name: string): Promise<void> {
  const of = ["--stream-name", name];
  const describe = async (): Promise<Json> =>
    (await aws("kinesisvideo", "describe-stream", ...of))["StreamInfo"] as Json;
  const made = await describe();
  deepStrictEqual([made["Status"], made["DataRetentionInHours"]], ["ACTIVE", 2]);

  const change = ["--operation", "INCREASE_DATA_RETENTION", "--data-retention-change-in-hours", "22"];
  const retain = (version: string): string[] => [...of, "--current-version", version, ...change];
  await aws("kinesisvideo", "update-data-retention", ...retain(made["Version"] as string));
  const changed = await describe();
  strictEqual(changed["DataRetentionInHours"], 24);
  const late = await awsRefused(
    "kinesisvideo",
    "update-data-retention",
    ...retain(made["Version"] as string),
  );
  strictEqual(late.includes("VersionMismatchException"), true, late);

  const version = ["--current-version", changed["Version"] as string];
  await aws("kinesisvideo", "update-stream", ...of, ...version, "--device-name", "porch");
  strictEqual((await describe())["DeviceName"], "porch");

  await aws("kinesisvideo", "tag-stream", ...of, "--tags", "room=porch,floor=0");
  await aws("kinesisvideo", "untag-stream", ...of, "--tag-key-list", "floor");
  const tagged = await aws("kinesisvideo", "list-tags-for-stream", ...of);
  deepStrictEqual(tagged["Tags"], { room: "porch" });

  await aws("kinesisvideo", "delete-stream", "--stream-arn", made["StreamARN"] as string);
  const gone = await awsRefused("kinesisvideo", "describe-stream", ...of);
  strictEqual(gone.includes("ResourceNotFoundException"), true, gone);
}

/** The fragments of a camera's clip, from the endpoint that the control plane names. */
/** The versions of an object that is overwritten, deleted, brought back, and deleted with all its versions. */
async function checkVersions(bucket: string, key: string): Promise<void> {
  const api = (command: string, ...args: string[]) => aws("s3api", command, "--bucket", bucket, ...args);
  const list = async () => await api("list-object-versions", "--prefix", key);
  await run(
    "aws",
    ["s3", "cp", `s3://${bucket}/${key}`, `s3://${bucket}/${key}`, "--metadata-directive", "REPLACE"],
    {
      env,
    },
  );
  await run("aws", ["s3", "rm", `s3://${bucket}/${key}`], { env });
  const { Versions, DeleteMarkers } = await list();
  deepStrictEqual([Versions.length, DeleteMarkers.length, DeleteMarkers[0].IsLatest], [2, 1, true]);
  await api("delete-object", "--key", key, "--version-id", DeleteMarkers[0].VersionId);
  const head = await api("head-object", "--key", key);
  strictEqual(head["VersionId"], Versions[0].VersionId);
  const objects = Versions.map((one: Json) => ({ Key: key, VersionId: one["VersionId"] }));
  const { Deleted } = await api("delete-objects", "--delete", JSON.stringify({ Objects: objects }));
  deepStrictEqual(Deleted, objects);
  strictEqual((await list())["Versions"], undefined);
}

async function checkFragments(name: string): Promise<void> {
  const of = ["--stream-name", name];
  const found = await aws("kinesisvideo", "get-data-endpoint", ...of, "--api-name", "LIST_FRAGMENTS");
  const endpoint = ["--endpoint-url", found["DataEndpoint"] as string];
  const range = `StartTimestamp=${new Date(0).toISOString()},EndTimestamp=${new Date().toISOString()}`;
  const selector = `FragmentSelectorType=PRODUCER_TIMESTAMP,TimestampRange={${range}}`;
  const listed = await aws(
    "kinesis-video-archived-media",
    "list-fragments",
    ...endpoint,
    ...of,
    "--fragment-selector",
    selector,
    "--page-size",
    "3",
  );
  const fragments = listed["Fragments"] as Json[];
  deepStrictEqual(
    fragments.map((fragment) => fragment["FragmentLengthInMilliseconds"] as number),
    Array.from({ length: 8 }, () => 2000),
  );
  strictEqual(new Set(fragments.map((fragment) => fragment["FragmentNumber"] as string)).size, 8);
}

/** A wrong secret, in each protocol's own words. */
async function checkRefusals(): Promise<void> {
  const wrong = { ...env, AWS_SECRET_ACCESS_KEY: "wrong" };
  for (const [command, code] of [
    ["sts get-caller-identity", "SignatureDoesNotMatch"],
    ["s3api list-buckets", "SignatureDoesNotMatch"],
    ["sns list-topics", "SignatureDoesNotMatch"],
    ["dynamodb list-tables", "InvalidSignatureException"],
    ["kinesisvideo list-streams", "InvalidSignatureException"],
  ] as const) {
    const said = await run("aws", command.split(" "), { env: wrong }).then(
      () => `${command} was not refused`,
      (error: { stderr?: string }) => error.stderr ?? "",
    );
    strictEqual(said.includes(`(${code})`) && said.includes("AWS_SECRET_ACCESS_KEY=cli"), true, said);
  }
}

async function checkBoto3(): Promise<void> {
  const { stdout } = await run("python3", [scriptFile("boto3_client.py")], {
    env,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  process.stdout.write(stdout);
}

function scriptFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Runs a client, and prints the lines that say what passed. */
async function runClient(what: string, program: string, args: readonly string[]): Promise<void> {
  const { outputs } = stack.journey;
  const names = {
    DOORSTEP_FUNCTION: "doorstep-dev-wakeSessions",
    DOORSTEP_WORK_GROUP: outputs.WorkGroupName,
    DOORSTEP_DATABASE: outputs.DatabaseName,
  };
  const options = { env: { ...env, ...names }, maxBuffer: MAX_OUTPUT_BYTES };
  const { stdout } = await run(program, [...args], options).catch(
    (error: { stdout?: string; stderr?: string }) => {
      process.stdout.write(`${error.stdout ?? ""}${error.stderr ?? ""}`);
      throw new Error(`${what} failed`, { cause: error });
    },
  );
  const passed = stdout.split("\n").filter((line) => /^ {2}[^ "]/.test(line));
  process.stdout.write(`${what}:\n${passed.join("\n")}\n`);
}
