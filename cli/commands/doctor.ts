import type { Clock } from "../../base/clock.ts";
import { openAccount, type Section } from "../doctor/account.ts";
import { checks } from "../doctor/checks.ts";
import { failed, type Status } from "../doctor/finding.ts";
import { CLOUD_FLAGS, clientConfig, STACK_FLAG, type StackFlags } from "../cloud.ts";
import { defineCommand } from "../command.ts";
import type { Console } from "../console.ts";
import { prove, type Proof } from "../prove/prove.ts";
import { PROOF_CLIP } from "../proof-clip.ts";
import { counted, readDuration } from "../text.ts";

const FLAGS = {
  since: { type: "string", value: "<duration>", default: "1h", about: "how far back to look for data" },
  prove: {
    type: "boolean",
    about: "test on the deployed stack what the documentation leaves open; creates a camera and removes it",
  },
  clip: {
    type: "string",
    value: "<file>",
    about: "with --prove: the video to analyse; by default a drawn one",
  },
  wait: {
    type: "string",
    value: "<duration>",
    default: "15m",
    about: "with --prove: how long to wait for rows in Athena",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Before a deployment, it checks credentials, Region, which engines the account can use and which one camera add would choose,
and whether it may run enough functions at a time. After it, also the stack, Rekognition's role, the cameras, the topic,
whether data arrives (by CloudWatch metrics), faces and the consents of persons, the rules and targets of alerts, queues and error
prefixes. It changes nothing.

  ✓ fine   ✗ has to be fixed   ? could not be checked, or may be as intended

The exit code is 1 with any ✗; --json then has the sections in error.summary. Needs sts:GetCallerIdentity,
cloudformation:DescribeStacks and ListStackResources, iam:GetRole, lambda:GetAccountSettings, rekognition:ListStreamProcessors,
DescribeStreamProcessor, DescribeCollection and ListFaces, kinesisvideo:ListStreams, dynamodb:Scan, Query and GetItem, cloudwatch:GetMetricData, sns:GetTopicAttributes,
ListSubscriptionsByTopic and GetSubscriptionAttributes, sqs:GetQueueAttributes and ReceiveMessage, s3:ListBucket, and s3:GetObject on errors/*; a missing permission gives a ?.

--prove creates a camera prove-…, analyses a second of video, detects labels in an image of a person, a pet and a parcel,
publishes marked notifications, prints which assumptions hold (docs/assumptions.md), and removes what it created. It takes
some minutes, and needs the permissions of camera add and upload, and kinesisvideo:GetImages, rekognition:DetectLabels,
sns:Publish, Subscribe and Unsubscribe, sqs:CreateQueue and DeleteQueue, athena and glue reads, and s3:DeleteObject.
SNS applies a filter policy up to 15 minutes after the stack is created or changed (documented): what is missing within that
time leaves the assumption open, and the result says when to run it again.`;

const MARKS = {
  ok: ["✓", "green"],
  wrong: ["✗", "red"],
  unknown: ["?", "yellow"],
} as const satisfies Record<Status, readonly [string, "green" | "red" | "yellow"]>;

/** Doctor found something to fix. */
class ProblemsFound extends Error {
  override readonly name = "ProblemsFound";
  readonly summary: unknown;

  constructor(count: number, summary: unknown) {
    super(`${counted(count, "problem")} to fix`);
    this.summary = summary;
  }
}

export const doctor = defineCommand({
  name: "doctor",
  about: "Check the account and the deployment, and whether data arrives",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console, signal, clock }) {
    if (flags.prove) return await runProof(flags, console, signal, clock);
    const nowMs = clock.now();
    const sinceMs = nowMs - readDuration("--since", flags.since);
    const { account, sections } = await openAccount(clientConfig(flags), flags.stack, sinceMs, nowMs);
    for (const section of sections) show(section, console);
    if (account.accountId !== undefined)
      for (const { name, run } of checks) {
        signal.throwIfAborted();
        console.progress(`${name} …`);
        const findings = await run(account).catch((error: unknown) => [failed(name, error, name)]);
        if (findings.length === 0) continue;
        const section = { name, findings };
        sections.push(section);
        show(section, console);
      }
    const wrong = sections.flatMap(({ findings }) => findings).filter(({ status }) => status === "wrong");
    const summary = { stack: flags.stack, region: account.region, account: account.accountId, sections };
    if (wrong.length > 0) throw new ProblemsFound(wrong.length, summary);
    console.result(summary);
  },
});

function show({ name, findings }: Section, console: Console): void {
  if (findings.length === 0) return;
  console.say(console.style("bold", name));
  for (const { status, what, todo } of findings) {
    const [mark, colour] = MARKS[status];
    console.say(`  ${console.style(colour, mark)} ${what}`);
    if (todo !== undefined) console.say(console.style("dim", `    → ${todo}`));
  }
}

async function runProof(
  flags: StackFlags & { readonly clip: string | undefined; readonly wait: string },
  console: Console,
  signal: AbortSignal,
  clock: Clock,
): Promise<void> {
  const proof = await prove(flags.stack, {
    config: clientConfig(flags),
    clip: flags.clip ?? PROOF_CLIP,
    waitMs: readDuration("--wait", flags.wait),
    signal,
    clock,
    onProgress: (text) => console.progress(`${text} …`),
  });
  showProof(proof, console);
  const refuted = proof.outcomes.filter(({ holds }) => holds === false);
  if (refuted.length > 0) throw new ProblemsFound(refuted.length, proof);
  signal.throwIfAborted();
  console.result(proof);
}

function showProof({ outcomes, removed, left, isEmulated }: Proof, console: Console): void {
  const findings = outcomes.map(({ claim, holds, seen, ifFalse }) => ({
    status: holds === undefined ? ("unknown" as const) : holds ? ("ok" as const) : ("wrong" as const),
    what: `${claim} ${console.style("dim", `(${seen})`)}`,
    ...(holds === false && { todo: ifFalse }),
  }));
  show({ name: "assumptions", findings }, console);
  console.say(
    `${counted(removed.length, "part")} removed${removed.length > 0 ? `: ${removed.join(", ")}` : ""}`,
  );
  for (const one of left) console.say(`left: ${one}`);
  if (isEmulated)
    console.note(
      "this was the local cloud, which behaves as the assumptions say: it proves nothing about AWS",
    );
}
