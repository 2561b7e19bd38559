import { openAccount, type Section } from "../doctor/account.ts";
import { checks } from "../doctor/checks.ts";
import { failed, type Status } from "../doctor/finding.ts";
import { CLOUD_FLAGS, clientConfig, STACK_FLAG } from "../cloud.ts";
import { defineCommand } from "../command.ts";
import type { Console } from "../console.ts";
import { counted, readDuration } from "../text.ts";

const FLAGS = {
  since: { type: "string", value: "<time>", default: "1h", about: "how far back data is looked for" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Before a deployment it looks at credentials, Region and whether streaming video is open to the account; after it, at the
stack, Rekognition's role, the cameras, the topic, queues and error prefixes. It changes nothing.

  ✓ fine   ✗ to be mended   ? could not be told, or need not be anything

Exit code 1 with any ✗. Needs sts:GetCallerIdentity, cloudformation:DescribeStacks and ListStackResources, iam:GetRole,
rekognition:ListStreamProcessors and DescribeStreamProcessor, kinesisvideo:ListStreams, dynamodb:Scan,
sns:GetTopicAttributes and ListSubscriptionsByTopic, sqs:GetQueueAttributes, s3:ListBucket; what is missing of these is a ?.`;

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
    const nowMs = Date.now();
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
