import { systemClock } from "../../base/clock.ts";
import { openAccount, type Section } from "../doctor/account.ts";
import { checks } from "../doctor/checks.ts";
import { failed, type Status } from "../doctor/finding.ts";
import { CLOUD_FLAGS, clientConfig, STACK_FLAG } from "../cloud.ts";
import { defineCommand } from "../command.ts";
import type { Console } from "../console.ts";
import { prove, type Proof } from "../prove/prove.ts";
import { PROOF_CLIP } from "../proof-clip.ts";
import { counted, readDuration } from "../text.ts";

const FLAGS = {
  since: { type: "string", value: "<time>", default: "1h", about: "how far back data is looked for" },
  prove: {
    type: "boolean",
    about: "try what the documentation leaves open, on the deployed stack; it makes things and removes them",
  },
  clip: { type: "string", value: "<file>", about: "with --prove: the video to analyse; else a drawn one" },
  wait: {
    type: "string",
    value: "<time>",
    default: "15m",
    about: "with --prove: how long rows may take to Athena",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Before a deployment it looks at credentials, Region and whether streaming video is open to the account; after it, at the
stack, Rekognition's role, the cameras, the topic, whether data arrives (by CloudWatch's metrics since then), queues and
error prefixes. It changes nothing.

  ✓ fine   ✗ to be mended   ? could not be told, or need not be anything

Exit code 1 with any ✗; --json has the sections then within error.report. Needs sts:GetCallerIdentity,
cloudformation:DescribeStacks and ListStackResources, iam:GetRole, rekognition:ListStreamProcessors and
DescribeStreamProcessor, kinesisvideo:ListStreams, dynamodb:Scan, cloudwatch:GetMetricData, sns:GetTopicAttributes and
ListSubscriptionsByTopic, sqs:GetQueueAttributes, s3:ListBucket; what is missing of these is a ?.

--prove makes a camera prove-…, analyses a second of video, sends marked notifications through the stack, says which
assumptions hold (docs/assumptions.md), and removes its marks. It takes some minutes, and beside what camera add and
upload need: sns:Publish, Subscribe and Unsubscribe, sqs:CreateQueue and DeleteQueue, athena and glue reads, and
s3:DeleteObject.`;

const MARKS = {
  ok: ["✓", "green"],
  wrong: ["✗", "red"],
  unknown: ["?", "yellow"],
} as const satisfies Record<Status, readonly [string, "green" | "red" | "yellow"]>;

/** What doctor found to be wrong; the report is what it prints. */
class Unwell extends Error {
  override readonly name = "Unwell";
  readonly report: unknown;

  constructor(count: number, report: unknown) {
    super(`${counted(count, "thing")} to be mended`);
    this.report = report;
  }
}

export const doctor = defineCommand({
  name: "doctor",
  about: "Check the account before and after a deployment, and whether data arrives",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console, signal }) {
    if (flags.prove) return await runProof(flags, console, signal);
    const nowMs = systemClock.now();
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
    const report = { stack: flags.stack, region: account.region, account: account.accountId, sections };
    if (wrong.length > 0) throw new Unwell(wrong.length, report);
    console.result(report);
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
  flags: {
    clip: string | undefined;
    wait: string;
    stack: string;
    region: string | undefined;
    endpoint: string | undefined;
  },
  console: Console,
  signal: AbortSignal,
): Promise<void> {
  const proof = await prove(flags.stack, {
    config: clientConfig(flags),
    clip: flags.clip ?? PROOF_CLIP,
    waitMs: readDuration("--wait", flags.wait),
    signal,
    onProgress: (text) => console.progress(`${text} …`),
  });
  showProof(proof, console);
  const fallen = proof.outcomes.filter(({ holds }) => holds === false);
  if (fallen.length > 0) throw new Unwell(fallen.length, proof);
  signal.throwIfAborted();
  console.result(proof);
}

function showProof({ outcomes, removed, left }: Proof, console: Console): void {
  const findings = outcomes.map(({ claim, holds, seen, ifFalse }) => ({
    status: holds === undefined ? ("unknown" as const) : holds ? ("ok" as const) : ("wrong" as const),
    what: `${claim} ${console.style("dim", `(${seen})`)}`,
    ...(holds === false && { todo: ifFalse }),
  }));
  show({ name: "assumptions", findings }, console);
  console.say(
    `${counted(removed.length, "mark")} removed${removed.length > 0 ? `: ${removed.join(", ")}` : ""}`,
  );
  for (const one of left) console.say(`left: ${one}`);
}
