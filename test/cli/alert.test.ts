import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { alertSettingsTable } from "../../aws/alert-settings.ts";
import { personsTable } from "../../aws/persons.ts";
import { DAY_MS, HOUR_MS } from "../../base/durations.ts";
import { putRecords } from "../../operator/delivery-stream.ts";
import { stackAlertOutputs } from "../../operator/stack.ts";
import type { AlertDecision } from "../../schemas/alert-decision.ts";
import type { TestStack } from "../local/stack.ts";
import { doorstep } from "./process.ts";
import { useStack } from "./stack.ts";

let stack: TestStack;
let settings: ReturnType<typeof alertSettingsTable>;
useStack(async (started) => {
  stack = started;
  const { AlertSettingsTableName } = await stackAlertOutputs("doorstep-dev", stack.config);
  settings = alertSettingsTable(AlertSettingsTableName, new DynamoDBClient(stack.config));
  for (const [id, ...flags] of [
    ["front-door", "--labels", "PERSON,Car=80", "--tag", "site=north"],
    ["yard", "--labels", "PET"],
  ])
    await succeeded(["camera", "add", id!, "--engine", "frames", ...flags]);
});

async function succeeded(args: readonly string[]) {
  const { exitCode, stdout, stderr } = await doorstep([...args, "--json"]);
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Runs an alert command that succeeds, and returns its JSON. */
const alert = (...args: string[]) => succeeded(["alert", ...args]);

const flagsOf = (flags: Readonly<Record<string, string>>): string[] =>
  Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);

/** Runs an alert command that fails, and returns its exit code and the first line of its error. */
async function refusal(...args: string[]) {
  const { exitCode, stdout, stderr } = await doorstep(["alert", ...args]);
  expect(stdout).toBe("");
  return [exitCode, stderr.split("\n")[0]!.replace(/^doorstep alert /, "")];
}

describe("doorstep alert rule", () => {
  const people = {
    ruleId: "people",
    cameras: ["front-door"],
    tags: { site: "north" },
    labels: { PERSON: 80, CAR: 0 },
    schedule: [
      { days: ["fri"], from: "22:00", until: "24:00" },
      { days: ["sat"], from: "00:00", until: "06:00" },
    ],
    timeZone: "Europe/Berlin",
    severity: "critical",
    cooldownSeconds: 600,
    maxPerHour: 5,
    targets: [],
    packageReminderMinutes: 30,
    enabled: true,
  };
  const flags = flagsOf({
    camera: "front-door",
    tag: "site=north",
    labels: "person=80,Car",
    schedule: "fri 22:00-06:00",
    "time-zone": "Europe/Berlin",
    severity: "critical",
    cooldown: "10m",
    "max-per-hour": "5",
    "package-reminder": "30m",
  });

  test("add creates a rule with all settings, once, and warns of what has no effect", async () => {
    const { rule, outcome, problems } = await alert("rule", "add", "people", ...flags);
    expect([rule, outcome]).toEqual([people, "created"]);
    expect(problems.map(({ what }: { what: string }) => what)).toEqual([
      "it has no target, so its alerts are on the event bus only",
      "it reminds of packages, and its labels leave out PACKAGE",
    ]);
    expect(await settings.findRule("people")).toEqual(people);
    expect(await alert("rule", "add", "people", ...flags)).toMatchObject({ outcome: "existed" });
    expect(await refusal("rule", "add", "people", "--off")).toEqual([
      1,
      "rule add: people exists with other cameras, tags, labels, schedule, timeZone, severity, cooldownSeconds, maxPerHour, packageReminderMinutes, enabled; nothing was changed, npx doorstep alert rule update people does",
    ]);
  });

  test.each([
    [["--camera", "hall"], 1, "no camera hall is registered; npx doorstep camera list has the ids"],
    [["--target", "pager"], 1, "there is no target pager; npx doorstep alert target add pager creates it"],
    [
      ["--camera", "yard", "--tag", "site=north"],
      1,
      "none of its cameras has the tag site=north; a rule with several conditions takes only cameras that fulfil all of them. --force saves a rule that raises nothing yet",
    ],
    [
      ["--schedule", "never"],
      1,
      "its schedule has no hours; give it hours, or switch it off with --off. --force saves a rule that raises nothing yet",
    ],
  ])("add refuses a rule with %j", async (some, code, problem) => {
    expect(await refusal("rule", "add", "odd", ...some)).toEqual([
      code,
      `rule add: odd was not saved: ${problem}`,
    ]);
    expect(await settings.findRule("odd")).toBeUndefined();
  });

  test.each([
    [["--labels", "PERSON=101"], "--labels: PERSON is 101; expected 0..100, e.g. PERSON=80"],
    [["--labels", "PERSON,person"], "--labels: person; expected labels such as"],
    [["--schedule", "fri 25:00-26:00"], "--schedule: fri 25:00-26:00; expected hours such as"],
    [["--time-zone", "Mars"], "--time-zone: Mars; expected an IANA time zone"],
    [["--severity", "loud"], "--severity: loud; expected info, warning, critical"],
    [["--cooldown", "2d"], "--cooldown: 172800; expected at most 86400 seconds"],
    [["--max-per-hour", "0"], "--max-per-hour: 0; expected at least 1 alert an hour"],
    [["--package-reminder", "30s"], "--package-reminder: 0.5; expected whole minutes"],
    [["--camera", "Front Door"], "--camera: Front Door; expected 1 to 63 lower case letters"],
  ])("names the flag of a wrong value: %j", async (some, message) => {
    const [exitCode, error] = await refusal("rule", "add", "odd", ...some);
    expect(exitCode).toBe(2);
    expect(error).toContain(message);
  });

  test("--force saves a rule that can raise nothing yet, and show names what is missing", async () => {
    await alert("rule", "add", "buses", "--labels", "Bus", "--force");
    const { problems } = await alert("rule", "show", "buses");
    expect(problems[0]).toMatchObject({ kind: "never", what: "none of its cameras detects BUS" });
    await alert("rule", "remove", "buses");
    expect(await refusal("rule", "show", "buses")).toEqual([
      1,
      "rule show: there is no rule buses in stack doorstep-dev; npx doorstep alert rule list",
    ]);
  });

  test("update changes only what is given, and clears what is any, always or none", async () => {
    const cleared = { camera: "any", tag: "any", schedule: "always", "package-reminder": "none" };
    const { rule, changed } = await alert("rule", "update", "people", ...flagsOf(cleared), "--off");
    expect(changed).toEqual(["cameras", "tags", "schedule", "packageReminderMinutes", "enabled"]);
    const { cameras: _c, tags: _t, schedule: _s, packageReminderMinutes: _p, ...rest } = people;
    expect(rule).toEqual({ ...rest, enabled: false });
    expect(await alert("rule", "update", "people", "--on")).toMatchObject({ changed: ["enabled"] });
    expect(await alert("rule", "update", "people", "--on")).toMatchObject({ changed: [] });
    expect(await refusal("rule", "update", "people")).toEqual([
      2,
      "rule update: expected a setting to change, e.g. --labels PERSON=80",
    ]);
  });

  test("is for persons by their names or ids, which show names", async () => {
    const { PersonsTableName } = await stackAlertOutputs("doorstep-dev", stack.config);
    const nowMs = stack.clock.now();
    const consent = { givenBy: "Ada", givenAtMs: nowMs, wording: "2026-11", expiresAtMs: nowMs + DAY_MS };
    const ada = { personId: `person-${"a".repeat(20)}`, version: 1, name: "Ada Lovelace", consent };
    await personsTable(PersonsTableName, new DynamoDBClient(stack.config)).put({
      ...ada,
      createdAtMs: nowMs,
    });
    await succeeded(["camera", "add", "cellar", "--engine", "frames", "--faces", "on"]);
    const persons = ["--person", "ada-lovelace", "--person", "Unknown"];
    const { rule } = await alert("rule", "add", "faces", ...persons);
    expect(rule.persons).toEqual([ada.personId, "unknown"]);
    expect((await doorstep(["alert", "rule", "show", "faces"])).stdout).toMatch(
      /^ *persons +Ada Lovelace, unknown$/m,
    );
    expect(await refusal("rule", "update", "faces", "--person", "Bob")).toEqual([
      1,
      "rule update: --person: nobody called Bob is enrolled; npx doorstep faces list",
    ]);
    const { changed } = await alert("rule", "update", "faces", "--person", "any");
    expect(changed).toEqual(["persons"]);
    expect(await settings.findRule("faces")).not.toHaveProperty("persons");
    await alert("rule", "remove", "faces");
  });

  test("list shows each rule in a line, and what is snoozed", async () => {
    await alert("snooze", "rule", "people", "--for", "1h");
    const { stdout } = await doorstep(["alert", "rule", "list"]);
    expect(stdout).toMatch(
      /^people +any +PERSON=80,CAR {2,}always +critical +none +yes +until \d{4}-\d\d-\d\dT[\d:.]+Z$/m,
    );
    expect(stdout).toMatch(/^1 rule$/m);
    await alert("wake", "rule", "people");
  });
});

describe("doorstep alert snooze", () => {
  test("snoozes a camera or a rule until a time, lists them, and wakes them", async () => {
    const nowMs = stack.clock.now();
    const { snooze } = await alert("snooze", "camera", "yard", "--for", "2h");
    expect(snooze.of).toEqual({ kind: "camera", id: "yard" });
    expect(snooze.untilMs - nowMs).toBeGreaterThanOrEqual(2 * HOUR_MS);
    const until = new Date(nowMs + DAY_MS).toISOString();
    await alert("snooze", "rule", "people", "--until", until);
    expect(await alert("snooze", "--list")).toEqual({
      snoozes: [
        { of: { kind: "camera", id: "yard" }, untilMs: snooze.untilMs },
        { of: { kind: "rule", id: "people" }, untilMs: Date.parse(until) },
      ],
    });
    expect(await alert("wake", "camera", "yard")).toMatchObject({ outcome: "woken" });
    expect(await alert("wake", "camera", "yard")).toMatchObject({ outcome: "unchanged" });
    await alert("wake", "rule", "people");
    expect(await settings.snoozes(stack.clock.now())).toEqual([]);
  });

  test.each([
    [["camera", "yard"], 2, "expected --for, e.g. --for 1h, or --until"],
    [["camera", "yard", "--for", "0"], 2, "--for 0 is over already; expected a time in the future"],
    [
      ["camera", "yard", "--for", "31d"],
      2,
      "--for 31d is too long; expected at most 30d, or alert rule update --off",
    ],
    [["camera"], 2, "expected camera <id> or rule <id>, or --list"],
    [["cat", "yard", "--for", "1h"], 2, "expected camera or rule, then its id, got cat yard"],
    [
      ["camera", "hall", "--for", "1h"],
      1,
      "no camera hall is registered in stack doorstep-dev; npx doorstep camera list",
    ],
    [
      ["rule", "hall", "--for", "1h"],
      1,
      "there is no rule hall in stack doorstep-dev; npx doorstep alert rule list",
    ],
  ])("refuses %j", async (args, code, message) =>
    expect(await refusal("snooze", ...args)).toEqual([code, `snooze: ${message}`]),
  );
});

describe("doorstep alert target", () => {
  let receiver: Server;
  let url: string;
  let respond = 204;
  const received: { readonly headers: IncomingMessage["headers"]; readonly body: string }[] = [];
  beforeAll(async () => {
    receiver = createServer((request, response) => {
      void text(request).then((body) => {
        received.push({ headers: request.headers, body });
        response.writeHead(respond).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks/very-secret`;
  });
  afterAll(() => void receiver.close());

  test("add shows the signing secret once, and the URL never with its path", async () => {
    const target = flagsOf({ url, token: "bearer-secret" });
    const { exitCode, stdout } = await doorstep([
      "alert",
      "target",
      "add",
      "pager",
      ...target,
      "--allow-private",
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/very-secret|bearer-secret/);
    expect(stdout).toMatch(/^ {2}url +http:\/\/127\.0\.0\.1:\d+\/…$/m);
    expect(stdout).toMatch(/^format: standard, because nothing else is known of its host and path/m);
    const [secret] = /whsec_[\w+/]{43}=/.exec(stdout)!;
    expect(await alert("target", "show", "pager", "--secret")).toMatchObject({
      target: { targetId: "pager", format: "standard", hasToken: true, allowPrivate: true },
      secret,
    });
    const shown = await doorstep(["alert", "target", "show", "pager", "--json"]);
    expect(shown.stdout).not.toMatch(/secret":|very-secret|bearer-secret/);
    expect(await settings.findTarget("pager")).toMatchObject({ url, token: "bearer-secret" });
    expect(await refusal("target", "add", "pager", "--url", "https://192.0.2.1/", "--allow-private")).toEqual(
      [
        1,
        "target add: there is a target pager already; nothing was changed. npx doorstep alert target remove pager removes it",
      ],
    );
  });

  test.each([
    [[], "expected --url, or --email and --sms, and not both"],
    [["--url", "example"], "--url is not a URL; expected one such as https://example.com/hook"],
    [
      ["--url", "http://example.com/secret"],
      "--url http://example.com/…: its URL does not begin with https://; give an address of the public Internet, or --allow-private for one on this machine or network",
    ],
    [
      ["--url", "https://127.0.0.1/secret"],
      "--url https://127.0.0.1/…: 127.0.0.1 is at 127.0.0.1, which is not a public address, and the target may not be at a private one; give an address of the public Internet, or --allow-private for one on this machine or network",
    ],
    [
      ["--url", "https://ntfy.sh/", "--format", "ntfy"],
      "--url https://ntfy.sh: ntfy expects the topic as its path, e.g. https://ntfy.sh/my-cameras",
    ],
    [
      ["--url", "https://example.com/", "--format", "fax"],
      "--format is fax; expected standard, home-assistant, ntfy, slack, sns",
    ],
    [["--email", "me"], "--email is me; expected an address such as me@example.com"],
    [["--sms", "0170"], "--sms is 0170; expected a number with its country code, e.g. +491701234567"],
    [
      ["--email", "me@example.com", "--format", "slack"],
      "--format is slack; expected sns with --email and --sms",
    ],
  ])("add refuses %j", async (args, message) =>
    expect(await refusal("target", "add", "odd", ...args)).toEqual([2, `target add: ${message}`]),
  );

  test("rotate-secret gives a new secret, and refuses another rotation while both are in use", async () => {
    const before = await alert("target", "show", "pager", "--secret");
    const { target, secret } = await alert("target", "rotate-secret", "pager");
    expect(secret).not.toBe(before.secret);
    expect(target.secretVersion).toBe(2);
    expect(target.previousSecretUntilMs - stack.clock.now()).toBeGreaterThan(DAY_MS - HOUR_MS);
    const [exitCode, message] = await refusal("target", "rotate-secret", "pager");
    expect([exitCode, message]).toEqual([
      1,
      expect.stringMatching(
        /^target rotate-secret: pager's secret was rotated to version 2, and messages are signed with version 1 too until /,
      ),
    ]);
    const leaked = await alert("target", "rotate-secret", "pager", "--overlap", "0");
    expect(leaked.target).toMatchObject({ secretVersion: 3 });
    expect(leaked.target).not.toHaveProperty("previousSecretUntilMs");
  });

  test("remove refuses a target that rules use, unless it may take it out of them", async () => {
    await alert("target", "add", "spare", "--url", url, "--allow-private");
    await alert("rule", "update", "people", "--target", "spare", "--target", "pager");
    expect(await refusal("target", "remove", "spare")).toEqual([
      1,
      "target remove: spare was not removed: the rule people send alerts to it; change them with npx doorstep alert rule update --target, or use --force to take it out of them",
    ]);
    expect(await alert("target", "remove", "spare", "--force")).toMatchObject({ rules: ["people"] });
    expect((await settings.findRule("people"))!.targets).toEqual(["pager"]);
    expect(await settings.findTarget("spare")).toBeUndefined();
  });

  test("disable and enable switch a target off and on, and list says why it is off", async () => {
    await alert("target", "disable", "pager");
    const { stdout } = await doorstep(["alert", "target", "list"]);
    expect(stdout).toMatch(
      /^pager +standard +http:\/\/127\.0\.0\.1:\d+\/… +people +no: disabled by its operator at \d{4}-/m,
    );
    expect(await refusal("test", "pager")).toEqual([
      1,
      expect.stringMatching(
        /^test: pager is disabled: .*; npx doorstep alert target enable pager enables it$/,
      ),
    ]);
    expect(await alert("target", "enable", "pager")).toMatchObject({ outcome: "enabled" });
    expect(await alert("target", "enable", "pager")).toMatchObject({ outcome: "unchanged" });
  });
  test("test waits until the receiver has accepted a signed message", async () => {
    const { secret } = await alert("target", "show", "pager", "--secret");
    const { outcome } = await alert("test", "pager", "--camera", "front-door");
    expect(outcome).toBe("accepted");
    const { headers, body } = received.at(-1)!;
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: "AlertTest",
      data: { cameraId: "front-door", severity: "warning" },
    });
    expect(headers["authorization"]).toBe("Bearer bearer-secret");
  });

  test("test says why the receiver did not accept it, and exits with 1", async () => {
    respond = 500;
    const [exitCode, message] = await refusal("test", "pager");
    expect(exitCode).toBe(1);
    expect(message).toMatch(
      /^test: http:\/\/127\.0\.0\.1:\d+\/… did not accept the test message: it responded 500; it is sent again later$/,
    );
    respond = 204;
  });
});

describe("doorstep alert target by e-mail and SMS", () => {
  const [me, you, phone] = ["me@example.com", "you@example.com", "+491701234567"];

  /** Runs something, and returns the text of the message that an address is sent. */
  async function messageTo(address: string, run: () => Promise<unknown>): Promise<string> {
    const { events } = stack.local.cloud;
    const written = () =>
      events.matching(
        ({ service, detail }) => service === "sns" && detail["to"] === address && "file" in detail,
      );
    const before = written().length;
    await run();
    await events.waitFor(() => written().length > before);
    return readFileSync(String(written().at(-1)!.detail["file"]), "utf8");
  }

  const confirm = async (mail: string) => {
    const [link] = /http:\/\/\S+Action=ConfirmSubscription\S+/.exec(mail)!;
    expect((await fetch(link)).status).toBe(200);
  };

  test("subscribes each address to the target's messages, and says who has to confirm", async () => {
    const adding = ["target", "add", "family", "--email", me!, "--sms", phone!];
    const mail = await messageTo(me!, async () => {
      expect(await alert(...adding)).toMatchObject({
        target: { targetId: "family", format: "sns" },
        waiting: [{ protocol: "email", endpoint: me }],
      });
    });
    const doctor = await doorstep(["doctor"]);
    expect(doctor.stdout).toMatch(
      /✗ email me@example\.com gets no alerts: its subscription is not confirmed/,
    );
    await confirm(mail);
    const { subscriptions } = await alert("target", "show", "family");
    expect(subscriptions.map(({ endpoint }: { endpoint: string }) => endpoint).toSorted()).toEqual(
      [me, phone].toSorted(),
    );
    const sms = await messageTo(phone!, () => alert("test", "family"));
    expect(sms).toContain("This is a test of the target");
  });

  test("gives an address that is subscribed the messages of a further target, and takes them away with it", async () => {
    expect(await alert("target", "add", "both", "--email", me!)).toMatchObject({ waiting: [] });
    const targetsOf = async () =>
      (await alert("target", "list")).targets.map(({ targetId }: { targetId: string }) => targetId);
    expect(await targetsOf()).toEqual(expect.arrayContaining(["both", "family"]));
    expect(await alert("target", "remove", "both")).toMatchObject({
      unsubscribed: [{ protocol: "email", endpoint: me }],
    });
    const { stdout } = await doorstep(["alert", "target", "list"]);
    expect(stdout).toMatch(/^family +sns +(?=.*email me@example\.com)(?=.*sms \+491701234567)/m);
    expect(await alert("target", "remove", "family")).toMatchObject({ outcome: "removed" });
  });

  test("refuses an address that has yet to confirm for another target, and leaves none behind", async () => {
    await alert("target", "add", "first", "--email", you!);
    expect(await refusal("target", "add", "second", "--email", you!)).toEqual([
      1,
      "target add: you@example.com has not confirmed an earlier subscription yet: open the link in the message that SNS sent, or wait 48 hours until SNS deletes it",
    ]);
    expect(await settings.findTarget("second")).toBeUndefined();
    expect(await refusal("test", "first")).toEqual([
      1,
      expect.stringMatching(/^test: first has no confirmed subscription, so nobody would get the message; /),
    ]);
    await alert("target", "remove", "first");
  });
});

describe("doorstep alert log and explain", () => {
  let atMs: number;
  let alertId: string;
  const decision = (labelId: string, change: Partial<AlertDecision>): AlertDecision => ({
    type: "ALERT_DECISION",
    eventId: "event-1",
    labelId,
    cameraId: "front-door",
    sessionId: "session-1",
    label: "PERSON",
    confidence: 91.5,
    detectedAtMs: atMs,
    decidedAtMs: atMs + 1000,
    decision: "suppressed",
    reason: "no-rule",
    ...change,
  });
  beforeAll(async () => {
    atMs = stack.clock.now() - HOUR_MS;
    alertId = `front-door-${atMs}`;
    const inAlert = { ruleId: "people", severity: "critical", alertId } as const;
    const decisions = [
      decision("1", { decision: "raised", reason: "first-detection", revision: 1, ...inAlert }),
      decision("2", {
        label: "PET",
        eventId: "event-2",
        reason: "label",
        ruleId: "people",
        decidedAtMs: atMs + 2000,
      }),
      decision("3", { cameraId: "yard", sessionId: "session-2", eventId: "event-3" }),
    ];
    const bytes = decisions.map((one) => Buffer.from(JSON.stringify(one)));
    await putRecords("doorstep-dev-alerts", bytes, new FirehoseClient(stack.config), stack.clock);
    await stack.flushFirehose();
  });

  const eventsOf = ({ decisions }: { decisions: readonly { event_id: string }[] }) =>
    decisions.map(({ event_id }) => event_id);

  test("log lists the decisions, the latest first, by camera, rule and reason", async () => {
    expect(eventsOf(await alert("log"))).toEqual(["event-2", "event-1", "event-3"]);
    expect(eventsOf(await alert("log", "--camera", "yard"))).toEqual(["event-3"]);
    expect(eventsOf(await alert("log", "--rule", "people", "--reason", "label"))).toEqual(["event-2"]);
    expect(eventsOf(await alert("log", "--limit", "1"))).toEqual(["event-2"]);
    expect(await refusal("log", "--reason", "weather")).toEqual([
      2,
      expect.stringMatching(/^log: --reason is weather; expected one of first-detection, new-label, /),
    ]);
  });

  test("explain says what became of each detection of an alert's sessions", async () => {
    const { stdout } = await doorstep(["alert", "explain", alertId]);
    expect(stdout.split("\n")[0]).toBe(
      `${new Date(atMs).toISOString()} PERSON (91.5) on front-door raised the alert ${alertId} (critical): ` +
        "the first detection of its motion that a rule takes. Rule: people.",
    );
    expect(eventsOf(await alert("explain", alertId))).toEqual(["event-1", "event-2"]);
  });

  test("explain says why a detection raised no alert, by its event", async () => {
    const { stdout } = await doorstep(["alert", "explain", "event-2"]);
    expect(stdout.split("\n")[0]).toMatch(
      / PET \(91\.5\) on front-door raised no alert: no rule is for this label\. Rule: people\.$/,
    );
    const [exitCode, message] = await refusal("explain", "event-0");
    expect([exitCode, message]).toEqual([
      1,
      expect.stringMatching(/^explain: the lake has no alert and no event event-0 between /),
    ]);
  });
});
