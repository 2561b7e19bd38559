import { describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { stackFinding } from "../../cli/doctor/account.ts";
import { alertFindings, type AlertState } from "../../cli/doctor/alerts.ts";
import { concurrencyFindings } from "../../cli/doctor/concurrency.ts";
import { filterOutcome } from "../../cli/prove/lake.ts";
import { mappingOutcome } from "../../cli/prove/mapping.ts";
import { cameraFindings } from "../../cli/doctor/cameras.ts";
import { dataFindings } from "../../cli/doctor/data.ts";
import { faceFindings, type FaceState } from "../../cli/doctor/faces.ts";
import { errorFindings, queueFindings, type ErrorPlace } from "../../cli/doctor/leftovers.ts";
import { trustFindings } from "../../cli/doctor/role.ts";
import { framesFindings, streamingFindings } from "../../cli/doctor/engines.ts";
import { filterFindings, subscriptionFindings } from "../../cli/doctor/topic.ts";
import type { Finding } from "../../cli/doctor/finding.ts";
import { alertRule, type AlertRuleInput } from "../../schemas/alert-rule.ts";
import { alertTarget } from "../../schemas/alert-target.ts";
import { exampleText } from "../support/notifications.ts";
import { UNREADABLE_FORMS } from "../support/unreadable-forms.ts";

const ACCOUNT = "123456789012";
const textsOf = (findings: readonly Finding[]) => findings.map(({ status, what }) => `${status}: ${what}`);

describe("faces", () => {
  const HOUR = 3_600_000;
  const NOW = 400 * 24 * HOUR;
  const [ADA, BOB, CID] = ["a", "b", "c"].map((digit) => `person-${digit.repeat(20)}`) as [
    string,
    string,
    string,
  ];
  const person = (personId: string, expiresInDays = 100) => ({
    personId,
    version: 1,
    name: `Name of ${personId}`,
    consent: {
      givenBy: "self",
      givenAtMs: 0,
      wording: "2026-11",
      expiresAtMs: NOW + expiresInDays * 24 * HOUR,
    },
    createdAtMs: 0,
  });
  const stored = (personId: string | undefined, enrolledFor = personId) => ({
    faceId: "f",
    enrolledFor,
    personId,
  });
  const camera = (cameraId: string, engine: string, faces = true) => ({
    cameraId,
    engine,
    faces,
    streamName: `s-${cameraId}`,
    processorName: `p-${cameraId}`,
  });
  const run = (given: object) => ({ run: { dueAtMs: NOW, ...given } as never });
  const metric = (metric: string, value: number, dimensions: Record<string, string> = {}) => ({
    namespace: "any",
    metric,
    dimensions,
    value,
  });
  const findings = (given: Partial<FaceState>) =>
    faceFindings({
      cameras: [camera("porch", "frames")],
      collection: { faces: 1, users: 1, modelVersion: "7.0" },
      records: [person(ADA)],
      stored: [stored(ADA)],
      running: [],
      dataStreams: new Map(),
      sessions: new Map(),
      sums: [
        metric("SuccessfulRequestCount", 9, { Operation: "SearchUsersByImage" }),
        metric("FacesFound", 5),
        metric("FacesRecognised", 2),
        metric("FacesUnknown", 3),
        metric("DeliveryToS3.Records", 5),
      ],
      sinceMs: NOW - HOUR,
      nowMs: NOW,
      ...given,
    });
  const FINE = [
    "ok: 1 face of 1 person in the collection, of face model 7.0",
    "ok: 1 camera searches faces",
    "ok: 9 searches of faces by this account succeeded in 60 minutes",
    "ok: 5 faces found: 2 recognised, 3 unknown in 60 minutes",
    "ok: 5 rows of faces delivered to the lake in 60 minutes",
  ];

  test.each<[string, Partial<FaceState>, string[], string[]]>([
    ["a camera that finds faces", {}, [], []],
    [
      "a consent that expires soon, and one that has",
      { records: [person(ADA, 7), person(BOB, 0)], stored: [stored(ADA), stored(BOB)] },
      [
        "ok: 1 face of 2 persons in the collection, of face model 7.0",
        `unknown: the consent of ${BOB} has expired, so cameras do not recognise them`,
        `unknown: the consent of ${ADA} expires on 1971-02-12`,
      ],
      [FINE[0]!],
    ],
    [
      "a person without a picture, and faces of nobody",
      {
        records: [person(ADA), person(BOB)],
        stored: [stored(ADA), stored(undefined, BOB), stored(CID), stored(undefined, CID)],
      },
      [
        "ok: 1 face of 2 persons in the collection, of face model 7.0",
        `wrong: ${BOB} has no picture in the collection, so no camera recognises them`,
        "wrong: 1 face of persons that no search by person finds: an enrolment or a merge was interrupted",
        "wrong: 2 faces in the collection of nobody who is enrolled",
      ],
      [FINE[0]!],
    ],
    [
      "face-search processors that are left running",
      {
        cameras: ["a", "b", "c", "d"].map((id) => camera(id, "face-search")),
        running: ["p-a", "p-b", "p-c"],
        dataStreams: new Map(["a", "b", "c", "d"].map((id) => [`p-${id}`, "Enabled"])),
        sessions: new Map([
          ["a", run({})],
          ["b", run({ endedAtMs: 1 })],
          ["c", run({ dueAtMs: NOW - HOUR })],
        ]),
        sums: [
          metric("IncomingRecords", 30, { StreamName: "s-a" }),
          metric("FacesFound", 5),
          metric("FacesUnknown", 5),
          metric("DeliveryToS3.Records", 5),
        ],
      },
      [
        "ok: 4 cameras search faces",
        "wrong: b: its face-search processor runs without a session, which costs about $173 a day",
        "wrong: c: its face-search processor runs without a session, which costs about $173 a day",
        "ok: a: 30 records in its data stream in 60 minutes",
        "unknown: b: no records in its data stream in 60 minutes",
        "unknown: c: no records in its data stream in 60 minutes",
        "unknown: d: no records in its data stream in 60 minutes",
        "ok: 5 faces found: 0 recognised, 5 unknown in 60 minutes",
      ],
      [FINE[1]!, FINE[2]!, FINE[3]!],
    ],
    [
      "calls that are refused and throttled, and no face",
      {
        sums: [
          metric("SuccessfulRequestCount", 8, { Operation: "IndexFaces" }),
          metric("UserErrorCount", 2, { Operation: "SearchUsersByImage" }),
          metric("ThrottledCount", 4, { Operation: "IndexFaces" }),
          metric("DetectedFaceCount", 8, { Operation: "IndexFaces" }),
          metric("FacesNotSearched", 1),
        ],
      },
      [
        "unknown: no searches of faces by this account succeeded in 60 minutes",
        "unknown: 2 of 10 calls for faces were refused, by anybody in this account: SearchUsersByImage 2",
        "unknown: 4 calls for faces were throttled",
        "ok: 8 faces detected in pictures to enrol",
        "unknown: no faces found: 0 recognised, 0 unknown in 60 minutes",
        "unknown: 0 images were not sent to the search, and 1 persons were not searched",
        "unknown: no rows of faces delivered to the lake in 60 minutes",
      ],
      FINE.slice(2),
    ],
  ])("of %s", (_, given, added, missing) => {
    const texts = textsOf(findings(given));
    const expected = [...FINE.filter((one) => !missing.includes(one)), ...added];
    expect(texts.toSorted()).toEqual(expected.toSorted());
  });

  test("name the data streams that nothing reads, and those of no camera", () => {
    const cameras = ["none", "bare", "off", "new", "fine"].map((id) => camera(id, "face-search"));
    const dataStreams = new Map([
      ["p-bare", undefined],
      ["p-off", "Disabled"],
      ["p-new", "Creating"],
      ["p-fine", "Enabled"],
      ["p-moved", "Enabled"],
      ["p-gone", undefined],
    ]);
    const all = findings({ cameras: [...cameras, camera("moved", "frames")], dataStreams });
    const found = all.filter(({ what }) => what.includes("data stream") && !what.includes(" records in "));
    expect(textsOf(found)).toEqual([
      "wrong: none: the data stream p-none does not exist",
      "wrong: bare: its data stream has no trigger of recordFaces, so nothing is read",
      "wrong: off: the trigger of recordFaces on its data stream is Disabled, so nothing is read, and records are kept for a day",
      "unknown: new: the trigger of recordFaces on its data stream is Creating",
      "wrong: the data stream p-moved is of no camera of the engine face-search, and is billed by the hour",
      "wrong: the data stream p-gone is of no camera of the engine face-search, and is billed by the hour",
    ]);
    expect(found.find(({ what }) => what.includes("p-moved"))!.todo).toContain(
      "npx doorstep camera update moved --engine frames completes",
    );
  });

  test("of a stack without cameras that search and without persons are one line", () => {
    const none = {
      cameras: [camera("porch", "frames", false)],
      collection: { faces: 0, users: 0, modelVersion: "7.0" },
      records: [],
      stored: [],
    };
    expect(textsOf(findings(none))).toEqual(["ok: no camera searches faces, and nobody is enrolled"]);
  });

  test("name persons by id alone, and say of each problem what to do", () => {
    const all = findings({ records: [person(ADA, 0), person(BOB, 3), person(CID)], stored: [] });
    expect(JSON.stringify(all)).not.toContain("Name of");
    for (const { status, todo } of all) expect(status === "ok" || todo !== undefined).toBe(true);
  });
});

describe("alerts", () => {
  const rule = (given: Partial<AlertRuleInput>) => v.parse(alertRule, { ruleId: "people", ...given });
  const phone = v.parse(alertTarget, { targetId: "phone", format: "ntfy", url: "https://ntfy.sh/cameras" });
  const family = v.parse(alertTarget, { targetId: "family", format: "sns" });
  const arn = "arn:aws:sns:us-east-1:123456789012:alerts:1";
  const mail = { protocol: "email", endpoint: "me@example.com", arn, targetIds: ["family"] };
  const findings = (given: Partial<AlertState>) =>
    textsOf(
      alertFindings({
        rules: [rule({ targets: ["phone"] })],
        targets: [phone],
        snoozes: [],
        subscriptions: [],
        cameras: [],
        persons: [],
        unsent: [],
        nowMs: 0,
        ...given,
      }),
    );

  test.each<[string, Partial<AlertState>, string[]]>([
    ["no rule", { rules: [], targets: [] }, ["ok: no rule is configured, so no detection raises an alert"]],
    ["a rule with its target", {}, ["ok: 1 rule in use, with 1 target"]],
    [
      "a rule without a target",
      { rules: [rule({})], targets: [] },
      [
        "ok: 1 rule in use, with no targets",
        "unknown: rule people: it has no target, so its alerts are on the event bus only",
      ],
    ],
    [
      "a rule that can raise nothing",
      { rules: [rule({ targets: ["phone"], schedule: [] })] },
      ["wrong: rule people: its schedule has no hours"],
    ],
    [
      "a rule that is switched off",
      { rules: [rule({ targets: ["phone"], schedule: [], enabled: false })] },
      ["ok: no rules in use, with 1 target", "unknown: target phone is used by no rule"],
    ],
    [
      "a target that the sender has disabled",
      { targets: [{ ...phone, disabled: "it responded 410 (gone) at 2026-11-30T12:00:00.000Z" }] },
      [
        "wrong: rule people: its target is disabled: phone",
        "wrong: target phone is disabled: it responded 410 (gone) at 2026-11-30T12:00:00.000Z",
      ],
    ],
    [
      "an address that has confirmed",
      { rules: [rule({ targets: ["family"] })], targets: [family], subscriptions: [mail] },
      ["ok: 1 rule in use, with 1 target"],
    ],
    [
      "an address that has not confirmed",
      {
        rules: [rule({ targets: ["family"] })],
        targets: [family],
        subscriptions: [{ ...mail, arn: undefined, targetIds: undefined }],
      },
      [
        "wrong: target family has no confirmed subscription",
        "wrong: email me@example.com gets no alerts: its subscription is not confirmed",
      ],
    ],
    [
      "messages that were given up, each reason once",
      {
        unsent: [
          { targetId: "phone", reason: "it responded 410 (gone)" },
          { targetId: "phone", reason: "it responded 410 (gone)" },
          { targetId: undefined, reason: undefined },
        ],
      },
      [
        "wrong: messages were not sent to phone: it responded 410 (gone)",
        "wrong: messages were not sent to a target: no reason is known",
      ],
    ],
    [
      "a snooze",
      { snoozes: [{ of: { kind: "camera", id: "yard" }, untilMs: 0 }] },
      ["ok: 1 rule in use, with 1 target", "ok: the camera yard is snoozed until 1970-01-01T00:00:00.000Z"],
    ],
  ])("with %s", (_what, state, expected) => expect(findings(state)).toEqual(expected));
});

const trust = (Condition?: object, Service = "rekognition.amazonaws.com") => ({
  Statement: [
    { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service }, ...(Condition && { Condition }) },
  ],
});

describe("the role's trust", () => {
  test.each([
    ["its account", { StringEquals: { "aws:SourceAccount": ACCOUNT } }],
    [
      "its processors",
      { ArnLike: { "AWS:SourceArn": `arn:aws:rekognition:us-east-1:${ACCOUNT}:streamprocessor/*` } },
    ],
  ])("is ok when restricted to %s", (_what, condition) => {
    expect(trustFindings("role", trust(condition), ACCOUNT)[0]!.status).toBe("ok");
  });

  test.each([
    ["no condition", trust(), "role trusts rekognition.amazonaws.com for any account"],
    [
      "another account",
      trust({ StringEquals: { "aws:SourceAccount": "999999999999" } }),
      "role trusts rekognition.amazonaws.com for any account",
    ],
    [
      "another service",
      trust(undefined, "lambda.amazonaws.com"),
      "role does not trust rekognition.amazonaws.com",
    ],
    ["an invalid policy", { Statement: 1 }, "the trust policy of role is not readable"],
  ])("is wrong with %s", (_what, policy, what) => {
    expect(textsOf(trustFindings("role", policy, ACCOUNT))).toEqual([`wrong: ${what}`]);
  });
});

test.each([
  ["UPDATE_COMPLETE", "ok"],
  ["UPDATE_IN_PROGRESS", "unknown"],
  ["UPDATE_ROLLBACK_COMPLETE", "wrong"],
  ["ROLLBACK_COMPLETE", "wrong"],
  ["DELETE_FAILED", "wrong"],
])("a stack that is %s is %s", (status, expected) => {
  expect(stackFinding("doorstep-dev", status).status).toBe(expected);
});

describe("streaming video", () => {
  const textsIn = (region: string, statuses?: readonly ("STARTING" | "RUNNING" | "STOPPED")[]) =>
    textsOf(
      streamingFindings(
        region,
        statuses?.map((Status) => ({ Status })),
      ).findings,
    );

  test("is open to an account with processors, and a quota that is nearly used up is wrong", () => {
    const running = Array.from({ length: 33 }, () => "STARTING" as const);
    expect(textsIn("eu-west-1", running)).toEqual([
      "ok: stream-processor: open to this account, which has 33 stream processors",
      "ok: 33 of 10000 stream processors of the account and Region (default quota)",
      "wrong: 33 of 40 label sessions that run at a time (default quota)",
      "ok: face-search: open to this account; a camera has it by --engine face-search alone",
      "ok: 0 of 10 face searches of streaming video that run at a time (default quota)",
    ]);
  });

  test("runs ten face searches at a time, which are RUNNING where a session of labels is STARTING", () => {
    const running = Array.from({ length: 8 }, () => "RUNNING" as const);
    expect(textsIn("us-east-1", [...running, "STARTING"]).slice(2)).toEqual([
      "ok: 1 of 200 label sessions that run at a time (default quota)",
      "ok: face-search: open to this account; a camera has it by --engine face-search alone",
      "wrong: 8 of 10 face searches of streaming video that run at a time (default quota)",
    ]);
  });

  test("searches faces in other Regions than those in which it detects labels", () => {
    expect(textsIn("eu-central-1", ["STOPPED"])).toEqual([
      "unknown: stream-processor: Rekognition detects no labels in streaming video in eu-central-1 (as of 2026-11)",
      "ok: face-search: open to this account; a camera has it by --engine face-search alone",
      "ok: 0 of 10 face searches of streaming video that run at a time (default quota)",
    ]);
    expect(textsIn("us-east-2", ["STOPPED"])[3]).toMatch(
      /^ok: face-search: not here: Rekognition searches no faces in streaming video in us-east-2 \(as of 2026-11\), but in us-east-1, us-west-2, .*--engine frames --faces on$/,
    );
  });

  test("that is closed to the account leaves the engine frames for labels and faces", () => {
    expect(textsIn("us-east-1")).toEqual([
      "unknown: stream-processor: Rekognition's streaming video is closed to this account",
      "ok: face-search: not here: Rekognition's streaming video is closed to this account; the engine frames searches faces too, in every account: --engine frames --faces on",
    ]);
  });
});

test("the stack's limit of calls of DetectLabels is ok up to the Region's default quota, and worth a look above it", () => {
  const callsIn = (region: string, limit: number) => textsOf(framesFindings(region, limit))[1];
  expect(callsIn("eu-west-1", 50)).toBe(
    "ok: the stack makes at most 50 calls of DetectLabels a second; the default quota is 50",
  );
  expect(callsIn("eu-central-1", 50)).toBe(
    "unknown: the stack makes at most 50 calls of DetectLabels a second; the default quota is 5, and calls above the account's quota are throttled",
  );
  expect(framesFindings("eu-west-1", undefined)).toHaveLength(1);
  expect(textsOf(framesFindings("ca-central-1", 5))).toEqual([
    "unknown: frames: ca-central-1 does not have both Kinesis Video Streams and Rekognition's DetectLabels (as of 2026-11)",
  ]);
});

test("ten concurrent executions, as new accounts have, are too few, and so are few that are not reserved", () => {
  const few = concurrencyFindings({ ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 });
  expect(textsOf(few)).toEqual([
    "unknown: 10 of the 10 functions that the account runs at a time in this Region are not reserved: " +
      "when cameras or strangers use them up, requests get 503, and sessions and rows are late",
  ]);
  expect(few[0]!.todo).toContain("Service Quotas");
  const statusOf = (ConcurrentExecutions: number, UnreservedConcurrentExecutions: number) =>
    concurrencyFindings({ ConcurrentExecutions, UnreservedConcurrentExecutions })[0]!.status;
  expect([statusOf(1000, 100), statusOf(1000, 99)]).toEqual(["ok", "unknown"]);
});

describe("filter policies, which apply within 15 minutes of a change of the stack,", () => {
  const sentAtMs = Date.UTC(2026, 10, 30, 12);
  const after = (minutes: number) => ({ sentAtMs, stackChangedAtMs: sentAtMs - minutes * 60_000 });

  test("hold where each type is in its table, whenever", () => {
    expect(filterOutcome(3, 1, after(1))).toEqual({
      holds: true,
      seen: "3 rows in detections, 1 in session_records",
    });
  });

  test("stay open where rows are missing within that time, and the result says when to run it again", () => {
    expect(filterOutcome(3, 0, after(4))).toEqual({
      holds: undefined,
      seen:
        "3 rows in detections, 0 in session_records; the stack was changed 4 minutes before, " +
        "and SNS applies filter policies within 15: run it again after 2026-11-30T12:11:00.000Z",
    });
  });

  test("do not hold where rows are missing later, and stay open where nothing arrived at all", () => {
    expect(filterOutcome(3, 0, after(15)).holds).toBe(false);
    expect(filterOutcome(0, 0, after(15)).holds).toBeUndefined();
    expect(filterOutcome(3, 0, { sentAtMs }).holds).toBe(false);
  });
});

test("a topic without one of the stack's subscriptions, or with one unconfirmed, is wrong", () => {
  const wanted = [
    { arn: "t:1", logicalId: "One" },
    { arn: "t:2", logicalId: "Two" },
  ];
  expect(textsOf(subscriptionFindings(wanted, ["t:1", "PendingConfirmation"]))).toEqual([
    "wrong: it lacks Two",
    "wrong: 1 subscriptions wait for confirmation",
  ]);
});

test("a filter policy on the subscription that takes every message is wrong", () => {
  expect([undefined, "", "{}"].flatMap(filterFindings)).toEqual([]);
  expect(textsOf(filterFindings('{"a":["b"]}'))).toEqual([
    'wrong: DetectionsSubscription has the filter policy {"a":["b"]}; what it does not match is lost unseen',
  ]);
});

test("a camera whose processor or session of frames has failed is wrong, with the reason; frames needs no processor", () => {
  const camera = (cameraId: string, engine: "stream-processor" | "frames") => ({
    cameraId,
    engine,
    streamName: cameraId,
    processorName: cameraId,
  });
  const streams = new Map(["door", "yard", "shed", "gate", "barn"].map((name) => [name, "ACTIVE"]));
  const processors = new Map([
    ["door", { status: "FAILED", reason: "Access denied to Role" }],
    ["barn", { status: "STOPPED", reason: undefined }],
  ]);
  expect(
    textsOf(
      cameraFindings(
        [
          camera("door", "stream-processor"),
          camera("yard", "frames"),
          camera("shed", "stream-processor"),
          camera("gate", "frames"),
          camera("barn", "frames"),
        ],
        streams,
        processors,
        new Map([["gate", "the stream gate stores no video"]]),
      ),
    ),
  ).toEqual([
    "ok: 1 of 5 have everything that they need",
    "wrong: door: its stream processor has FAILED: Access denied to Role",
    "wrong: shed: the stream processor shed does not exist",
    "wrong: gate: its latest session failed: the stream gate stores no video",
    "unknown: barn: its engine is frames, but the stream processor barn still exists",
  ]);
});

test("messages in a queue with a redrive policy are waiting, those in a dead-letter queue are wrong", () => {
  expect(
    textsOf(
      queueFindings([
        { name: "wake", messages: 2, isLast: false },
        { name: "undelivered", messages: 1, isLast: true },
      ]),
    ),
  ).toEqual([
    "wrong: 1 message in undelivered that could not be delivered or processed",
    "ok: 2 messages waiting in wake",
  ]);
});

describe("records under the error prefixes", () => {
  const NOW_MS = Date.parse("2026-11-21T12:00:00Z");
  const line = (data: string, errorCode = "Lambda.ProcessingFailedStatus") =>
    JSON.stringify({
      errorCode,
      errorMessage: "as Firehose says",
      arrivalTimestamp: NOW_MS - 1000,
      rawData: Buffer.from(data).toString("base64"),
    });
  const place = (lines: readonly string[], prefix = "errors/detection_records/processing-failed") => ({
    prefix,
    objects: 2,
    read: { objects: 2, lines, failure: "its object is empty" },
  });
  const findingsOf = (...places: ErrorPlace[]) => errorFindings(places, false, "lake", NOW_MS);
  const UNREAD_TODO =
    "its bytes are kept: correct what publishes it, or run `npx doorstep redrive` after an update that reads it";

  test.each(UNREADABLE_FORMS)(
    "of %s are counted, with the first reason and what to do",
    (_form, text, reason) => {
      expect(findingsOf(place([line(text), line("other")]))).toEqual([
        {
          status: "wrong",
          what: `2 records in 2 objects under s3://lake/errors/detection_records/processing-failed; the first: ${reason}`,
          todo: UNREAD_TODO,
        },
      ]);
    },
  );

  test.each(["label-detected.json", "stream-processing-complete.json"])(
    "that can be read by now are named as such: %s",
    (file) => {
      expect(textsOf(findingsOf(place([line(exampleText(file))])))).toEqual([
        "wrong: 1 record in 2 objects under s3://lake/errors/detection_records/processing-failed; the first can be read by now",
      ]);
    },
  );

  test("that failed for another reason are named with Firehose's", () => {
    expect(textsOf(findingsOf(place([line("{}", "Lambda.InvokeAccessDenied")], "errors/x")))).toEqual([
      "wrong: 1 record in 2 objects under s3://lake/errors/x; the first: Lambda.InvokeAccessDenied: as Firehose says",
    ]);
  });

  test("are counted as far as they were read", () => {
    const refused = { objects: 0, lines: [], failure: "Access Denied" };
    const some = { objects: 20, lines: [line("no JSON")], failure: "Access Denied" };
    const places = [
      { prefix: "errors/a", objects: 2, read: refused },
      { prefix: "errors/session_records/b", objects: 21, read: some },
      place(["not Firehose's"], "errors/c"),
    ];
    expect(textsOf(errorFindings(places, true, "lake", NOW_MS))).toEqual([
      "wrong: no records in the first 0 of 2 objects under s3://lake/errors/a; the first cannot be read: Access Denied",
      "wrong: 1 record in the first 20 of 21 objects under s3://lake/errors/session_records/b; the first: the record is not JSON; expected exactly one notification",
      "wrong: 1 record in 2 objects under s3://lake/errors/c; the first is not Firehose's: the line is not a JSON object; expected a record that Firehose could not handle",
      "unknown: more objects than the first 1000 under s3://lake/errors/",
    ]);
  });
});

test("missing data is unknown, and failures on its way are wrong", () => {
  const sum = (metric: string, value: number, name: string, of: string) => ({
    namespace: "any",
    metric,
    dimensions: { [name]: of },
    value,
  });
  const sums = [
    sum("PutMedia.IncomingFragments", 5, "StreamName", "door"),
    sum("PutMedia.IncomingFragments", 0, "StreamName", "yard"),
    sum("SessionsStarted", 1, "stack", "dev"),
    sum("IncomingRecords", 3, "DeliveryStreamName", "detections"),
    sum("Errors", 2, "FunctionName", "dev-transform"),
    sum("Throttles", 0, "FunctionName", "dev-transform"),
    sum("SessionsFailed", 1, "stack", "dev"),
    sum("SamplesRefused", 7, "stack", "dev"),
  ];
  expect(textsOf(dataFindings(sums, { sinceMs: 0, nowMs: 3_600_000 }))).toEqual([
    "ok: 5 fragments of video, from 1 of 2 cameras",
    "ok: 1 session started",
    "unknown: no notifications published in 60 minutes",
    "unknown: 3 records accepted by Firehose, no rows delivered to the lake in 60 minutes",
    "wrong: 2 errors of dev-transform in 60 minutes",
    "wrong: 1 sessions that failed in 60 minutes",
    "unknown: 7 samples of frames were throttled and repeated in 60 minutes, so the time between samples grew",
  ]);
});

describe("an image through DetectLabels", () => {
  const named = (Name: string, boxes: number) => ({
    Name,
    Confidence: 90.4,
    Instances: Array.from({ length: boxes }, () => ({ Confidence: 90.4 })),
  });

  test("proves a label's mapping by a name with a box; a parcel's also without one", () => {
    expect(mappingOutcome("PERSON", [named("Person", 2), named("Clothing", 0)])).toEqual({
      holds: true,
      seen: "Person 90 with 2 boxes; beside them Clothing 90 with no box",
    });
    expect(mappingOutcome("PET", [named("Cat", 1), named("Pet", 0)])).toEqual({
      holds: true,
      seen: "Cat 90 with a box, Pet 90 with no box",
    });
    expect(mappingOutcome("PACKAGE", [named("Cardboard", 0)]).holds).toBe(true);
  });

  test("refutes it where a person's or a pet's names have no box, and leaves it open where none of them came", () => {
    expect(mappingOutcome("PERSON", [named("Person", 0)]).holds).toBe(false);
    expect(mappingOutcome("PET", [named("Pet", 0), named("Animal", 0)]).holds).toBe(false);
    expect(mappingOutcome("PACKAGE", [named("Furniture", 1)])).toEqual({
      holds: undefined,
      seen: "none of its names came from a drawn image; what came: Furniture 90 with a box",
    });
    expect(mappingOutcome("PET", []).seen).toBe(
      "none of its names came from a drawn image; what came: nothing",
    );
  });
});
