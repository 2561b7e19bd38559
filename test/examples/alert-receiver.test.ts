import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import * as v from "valibot";
import { clipsOf } from "../../demo/clips.ts";
import { startReceiver } from "../../examples/alert-receiver.ts";
import { Alerts } from "../../operator/alerts.ts";
import { alertRule } from "../../schemas/alert-rule.ts";
import { alertTarget } from "../../schemas/alert-target.ts";
import { startStack } from "../local/stack.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const PICTURE = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);

describe("the example of a receiver", () => {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-receiver-"));
  const pictures = createServer((request, response) => {
    if (request.url === "/media/link") response.writeHead(302, { location: "/jpeg" }).end();
    else if (request.url === "/jpeg") response.end(PICTURE);
    else response.writeHead(404).end("the picture is gone");
  });
  let origin: string;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let lines: string[];
  let printed: () => void;

  beforeAll(async () => {
    pictures.listen(0, "127.0.0.1");
    await once(pictures, "listening");
    origin = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    lines = [];
  });
  afterEach(() => receiver.close());
  afterAll(() => {
    pictures.close();
    rmSync(folder, { recursive: true });
  });

  const start = async (secret?: string): Promise<void> => {
    printed = () => {};
    receiver = await startReceiver({
      port: 0,
      picturesFolder: folder,
      secret,
      print: (line) => {
        lines.push(line);
        printed();
      },
    });
  };
  const linesPrinted = async (count: number): Promise<void> => {
    while (lines.length < count) await new Promise<void>((resolve) => (printed = resolve));
  };
  const send = async (revision: number, links = {}, secret = SECRET): Promise<number> => {
    const data = { alertId: "front-door-1", revision, severity: "warning", silent: revision > 1 };
    const body = JSON.stringify({
      type: revision > 1 ? "AlertUpdated" : "AlertRaised",
      data: { ...data, title: "Person at front-door", links },
    });
    const now = new Date();
    const headers = {
      "webhook-id": `front-door-1-${revision}`,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign(`front-door-1-${revision}`, now, body),
    };
    return (await fetch(receiver.url, { method: "POST", headers, body })).status;
  };

  test("prints each alert and saves its picture, by the link's redirect", async () => {
    await start(SECRET);
    expect(await send(1, { frame: `${origin}/gone`, crop: `${origin}/media/link` })).toBe(204);
    await linesPrinted(2);
    expect(lines).toEqual([
      "AlertRaised front-door-1: Person at front-door (warning, revision 1)",
      `  ${join(folder, "front-door-1-1.jpg")}`,
    ]);
    expect(readFileSync(join(folder, readdirSync(folder)[0]!))).toEqual(PICTURE);
  });

  test("applies revisions in their order: one that is old or known is accepted and changes nothing", async () => {
    await start(SECRET);
    for (const revision of [1, 3, 2, 3, 4]) expect(await send(revision)).toBe(204);
    expect(lines.map((line) => /revision \d.*\)$/.exec(line)?.[0])).toEqual([
      "revision 1)",
      "revision 3, silent)",
      "revision 4, silent)",
    ]);
  });

  test("refuses what Doorstep did not sign", async () => {
    await start(SECRET);
    expect(await send(1, {}, `whsec_${Buffer.alloc(32, 8).toString("base64")}`)).toBe(401);
    expect((await fetch(receiver.url, { method: "POST", body: "{}" })).status).toBe(401);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^Refused: .*No matching signature/);
  });

  test("says that a picture is gone, and that nothing is verified without a secret", async () => {
    await start();
    expect(await send(1, { crop: `${origin}/gone` })).toBe(204);
    await linesPrinted(2);
    expect(lines).toEqual([
      "AlertRaised front-door-1: Person at front-door (warning, revision 1, not verified)",
      "  no picture: Error: 404 the picture is gone",
    ]);
  });
});

test("the example receives the alerts of the packaged service, verifies them, and saves their pictures", async () => {
  const [clip] = clipsOf([]);
  const folder = mkdtempSync(join(tmpdir(), "doorstep-received-"));
  const stack = await startStack([dirname(clip!.file)]);
  const alerts = await Alerts.open("doorstep-dev", stack.config);
  const target = v.parse(alertTarget, { targetId: "here", format: "standard", allowPrivate: true });
  const lines: string[] = [];
  const messages = () => lines.filter((line) => line.startsWith("Alert"));
  let printed: () => void;
  const receiver = await startReceiver({
    port: 0,
    picturesFolder: folder,
    secret: await alerts.signingSecret(target),
    print: (line) => {
      lines.push(line);
      printed?.();
    },
  });
  try {
    await alerts.putTarget({ ...target, url: receiver.url });
    await alerts.putRule(v.parse(alertRule, { ruleId: "everything", targets: ["here"] }));
    await stack.journey.motionStart(await stack.journey.upload(clip!));
    const pictures = () => lines.filter((line) => line.endsWith(".jpg"));
    const isOver = () => lines.some((line) => line.startsWith("AlertEnded"));
    while (!isOver() || pictures().length < messages().length)
      await new Promise<void>((resolve) => (printed = resolve));
  } finally {
    await receiver.close();
    alerts.close();
    await stack.stop();
  }
  // Deliveries may overtake each other, and the receiver leaves out the older one.
  const revisions = messages().map((line) => Number(/revision (\d)/.exec(line)![1]));
  expect(revisions).toEqual([...new Set(revisions)].toSorted((one, other) => one - other));
  const told = messages().map((line) => line.replace(/\d{13}/, "…"));
  expect(told[0]).toBe("AlertRaised front-door-…: Person at front-door (warning, revision 1)");
  expect(told.map((line) => line.replace(/revision \d/, "revision …"))).toContain(
    "AlertEnded front-door-…: Person and package at front-door (ended) (warning, revision …, silent)",
  );
  const files = readdirSync(folder);
  expect(files).toHaveLength(messages().length);
  for (const file of files)
    expect(readFileSync(join(folder, file)).subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  rmSync(folder, { recursive: true });
});
