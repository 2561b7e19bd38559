import { describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { targetSecret } from "../../../core/alerts/keys.ts";
import { messageFor, type AlertMessage } from "../../../core/alerts/messages/index.ts";
import { textOf, titleOf } from "../../../core/alerts/messages/words.ts";
import type { ShownPerson } from "../../../core/alerts/names.ts";
import type { AlertDelivery, AlertDetail } from "../../../schemas/alert-message.ts";
import { deliveryOf, targetOf } from "./samples.ts";

const SECRET = "the alerts' secret";
const NOW_MS = Date.now();
const LINKS = {
  frame: "https://api.example/media/frame",
  crop: "https://api.example/media/crop",
  snooze: "https://api.example/snooze/token",
};

type Webhooked = Extract<AlertMessage, { via: "webhook" }>;

const write = (
  settings: Parameters<typeof targetOf>[0],
  delivery: AlertDelivery = deliveryOf(),
  links: Partial<typeof LINKS> = LINKS,
  persons: readonly ShownPerson[] = [],
) => messageFor({ delivery, target: targetOf(settings), links, persons }, SECRET, NOW_MS);

const bodyOf = (message: AlertMessage) => JSON.parse((message as Webhooked).body) as Record<string, unknown>;

/** Persons by name; without one, an unknown person. */
const shown = (...names: readonly (string | undefined)[]): ShownPerson[] =>
  names.map((name, index) =>
    name === undefined ? { person: "unknown" } : { person: `person-${String(index).repeat(20)}`, name },
  );

const label = (name: string, detectedAt = "2026-11-30T14:02:03.500Z", confidence: number | null = 90) => ({
  name,
  confidence,
  detectedAt,
});

describe("a title", () => {
  const titles = (detail: Partial<AlertDetail>, type: AlertDelivery["type"] = "AlertUpdated") =>
    titleOf(deliveryOf({ type }, detail));

  test("names what was detected, in the order of its detection, and the camera", () => {
    expect([
      titles({}),
      titles({ labels: [label("PERSON"), label("PACKAGE")] }),
      titles({ labels: [label("PET"), label("PERSON"), label("SPORTS CAR")] }),
      titles({ labels: [] }),
    ]).toEqual([
      "Person at front-door",
      "Person and package at front-door",
      "Pet, person and sports car at front-door",
      "Motion at front-door",
    ]);
  });

  test("says what became of a package, unless something was detected after that", () => {
    const at = "2026-11-30T14:03:00.000Z";
    const labels = [label("PACKAGE")];
    expect([
      titles({ labels, package: { state: "left", at } }),
      titles({ labels, package: { state: "still-there", at } }),
      titles({ labels, package: { state: "gone", at } }),
      titles({
        labels: [...labels, label("PERSON", "2026-11-30T14:04:00.000Z")],
        package: { state: "left", at },
      }),
    ]).toEqual([
      "Package left at front-door",
      "Package still at front-door",
      "Package gone from front-door",
      "Package and person at front-door",
    ]);
  });

  test("names the persons whose faces were seen in place of a person", () => {
    const titled = (labels: AlertDetail["labels"], ...names: readonly (string | undefined)[]) =>
      titleOf(deliveryOf({}, { labels }), shown(...names));
    expect([
      titled([label("PERSON")], "Anna"),
      titled([label("PERSON")], undefined),
      titled([label("PET"), label("PERSON"), label("PACKAGE")], "Anna", undefined),
      titled([label("PERSON")], "Anna", "Ben", "Cem", "Dora", "Eve", "Finn", "Gül"),
    ]).toEqual([
      "Anna at front-door",
      "Unknown person at front-door",
      "Pet, Anna, unknown person and package at front-door",
      "Anna, Ben, Cem, Dora, Eve and 2 more at front-door",
    ]);
  });

  test("says when it is over, and when it is a test", () => {
    expect([titles({}, "AlertEnded"), titles({}, "AlertTest")]).toEqual([
      "Person at front-door (ended)",
      "Test alert: person at front-door",
    ]);
  });
});

test("a text says when, what, how certain, what became of a package, and since when it is over", () => {
  expect([
    textOf(deliveryOf({}, { labels: [label("PERSON"), label("PET", undefined, null)] })),
    textOf(
      deliveryOf(
        { type: "AlertEnded" },
        {
          package: { state: "left", at: "2026-11-30T14:03:00.000Z" },
          endedAt: "2026-11-30T14:02:40.000Z",
        },
      ),
    ),
    textOf(deliveryOf({ type: "AlertTest" })),
  ]).toEqual([
    "Detected at 2026-11-30 14:02:03 UTC: person (90 %), pet.",
    "Detected at 2026-11-30 14:02:03 UTC: person (97 %). A package was left, as seen at 2026-11-30 14:03:00 UTC. Over since 2026-11-30 14:02:40 UTC.",
    "This is a test of the target. No camera has detected anything.",
  ]);
});

describe("a message in the format standard", () => {
  const picture = { frameUri: "s3://evidence/evidence/frame.jpg" };

  test("has the alert without its addresses in S3, with title, text and links", () => {
    const delivery = deliveryOf({}, { picture });
    const { picture: _, ...data } = delivery.detail;
    expect(bodyOf(write({}, delivery))).toEqual({
      type: "AlertRaised",
      timestamp: "2026-11-30T14:02:05.250Z",
      data: { ...data, title: "Person at front-door", text: textOf(delivery), links: LINKS },
    });
  });

  test("is accepted by the reference library, and has the event's id at every attempt", () => {
    const target = targetOf({ token: "bearer-token" });
    for (const nowMs of [NOW_MS, NOW_MS + 60_000]) {
      const content = { delivery: deliveryOf(), target, links: {}, persons: [] };
      const { url, headers, body } = messageFor(content, SECRET, nowMs) as Webhooked;
      expect(url).toBe(target.url);
      expect(headers).toMatchObject({
        "content-type": "application/json",
        authorization: "Bearer bearer-token",
        "webhook-id": "front-door-1796047320000-1",
        "webhook-timestamp": String(Math.floor(nowMs / 1000)),
      });
      expect(new Webhook(targetSecret(SECRET, target)).verify(body, { ...headers })).toEqual(
        JSON.parse(body),
      );
    }
  });
});

test("a message to Home Assistant is the standard body, unsigned", () => {
  const url = "http://homeassistant.local:8123/api/webhook/secret-id";
  const message = write({ format: "home-assistant", url }) as Webhooked;
  expect(message.url).toBe(url);
  expect(message.headers).toEqual({ "content-type": "application/json", "user-agent": "Doorstep" });
  expect(bodyOf(message)).toEqual(bodyOf(write({})));
});

describe("a message to ntfy", () => {
  const format = "ntfy";
  const url = "https://ntfy.example/doorstep-alerts";

  test("is posted to the server's root, with topic, words, urgency, picture and snooze", () => {
    const message = write({ format, url, token: "tk_1" }) as Webhooked;
    expect([message.url, message.headers["authorization"]]).toEqual(["https://ntfy.example/", "Bearer tk_1"]);
    expect(bodyOf(message)).toEqual({
      topic: "doorstep-alerts",
      title: "Person at front-door",
      message: textOf(deliveryOf()),
      priority: 4,
      tags: ["bust_in_silhouette"],
      sequence_id: "front-door-1796047320000",
      click: LINKS.frame,
      attach: LINKS.crop,
      filename: "front-door.jpg",
      actions: [{ action: "http", label: "Snooze", url: LINKS.snooze, method: "POST", clear: true }],
    });
  });

  test("is as urgent as the alert, and makes no sound if the change is silent", () => {
    const priority = (detail: Partial<AlertDetail>) =>
      bodyOf(write({ format, url }, deliveryOf({}, detail)))["priority"];
    expect([
      priority({ severity: "info" }),
      priority({ severity: "critical" }),
      priority({ severity: "critical", silent: true }),
    ]).toEqual([3, 5, 2]);
  });

  test("has no picture, click or action without links, and a server below a path is posted to there", () => {
    const message = write(
      { format, url: "https://example.com/ntfy/topic_1/" },
      deliveryOf(),
      {},
    ) as Webhooked;
    expect(message.url).toBe("https://example.com/ntfy/");
    expect(Object.keys(bodyOf(message))).toEqual([
      "topic",
      "title",
      "message",
      "priority",
      "tags",
      "sequence_id",
    ]);
  });

  test("has a sequence id that ntfy takes, also for the longest camera id", () => {
    const alertId = `${"a".repeat(63)}-1796047320000`;
    expect(bodyOf(write({ format, url }, deliveryOf({}, { alertId })))["sequence_id"]).toMatch(/^[\w-]{64}$/);
  });

  test("needs a topic in the target's URL", () => {
    expect(() => write({ format, url: "https://ntfy.example/" })).toThrow(
      "the URL of the target phone has no topic, e.g. https://ntfy.sh/my-topic",
    );
  });
});

test("a message of every format names the persons whose faces were seen, in its title and its text", () => {
  const persons = shown("Anna <3", undefined);
  const formats = ["standard", "home-assistant", "ntfy", "slack", "sns"] as const;
  const written = formats.map((format) => {
    const url = format === "ntfy" ? "https://ntfy.sh/my-door" : "https://receiver.example/hook";
    return JSON.stringify(write({ format, url }, deliveryOf(), LINKS, persons));
  });
  for (const message of written) {
    expect(message).toMatch(/Anna (<|&lt;)3 and unknown person at front-door/);
    expect(message).toMatch(/Faces: Anna (<|&lt;)3 and unknown person\./);
  }
  const { data } = bodyOf(write({}, deliveryOf({}, { persons: ["unknown"] }), LINKS, persons));
  expect(data).toMatchObject({ persons });
  expect(bodyOf(write({}, deliveryOf({}, { persons: ["unknown"] }))).data).not.toHaveProperty("persons");
});

describe("a message to Slack", () => {
  const settings = { format: "slack", url: "https://hooks.slack.example/services/T/B/x" } as const;

  test("has words, links and the picture", () => {
    expect(bodyOf(write(settings))).toEqual({
      text: "Person at front-door",
      blocks: [
        {
          type: "section",
          text: {
            type: "mrkdwn",
            text: `*Person at front-door*\n${textOf(deliveryOf())}\n<${LINKS.frame}|Picture> · <${LINKS.snooze}|Snooze>`,
          },
        },
        { type: "image", image_url: LINKS.crop, alt_text: "Person at front-door" },
      ],
    });
  });

  test("has nothing that Slack reads as markup of its own", () => {
    const labels = [label("<!CHANNEL> & CO")];
    const { text } = bodyOf(write(settings, deliveryOf({}, { labels })));
    expect(text).toBe("&lt;!channel&gt; &amp; co at front-door");
  });
});

describe("a message by SNS", () => {
  test("has a subject, plain text with addresses, and the target for filter policies", () => {
    expect(write({ format: "sns", url: undefined })).toEqual({
      via: "topic",
      subject: "Person at front-door",
      text: `Person at front-door\n${textOf(deliveryOf())}\nPicture: ${LINKS.frame}\nSnooze: ${LINKS.snooze}`,
      attributes: { target: "phone" },
    });
  });

  test("has a subject that SNS takes, however much was detected", () => {
    const labels = Array.from({ length: 20 }, (_, index) => label(`SOMETHING LONG ${index}`));
    const { subject } = write({ format: "sns" }, deliveryOf({}, { labels })) as { subject: string };
    expect(subject).toHaveLength(99);
  });
});

test("a silent change is not sent where it would be read as another alert", () => {
  const silent = deliveryOf({ type: "AlertUpdated" }, { silent: true });
  const via = (["standard", "home-assistant", "ntfy", "slack", "sns"] as const).map(
    (format) => write({ format, url: "https://example.com/a" }, silent).via,
  );
  expect(via).toEqual(["webhook", "webhook", "webhook", "nothing", "nothing"]);
});

test("a target without a URL is named", () => {
  expect(() => write({ url: undefined })).toThrow("the target phone has no URL");
});
