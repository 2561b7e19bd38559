// Receives Doorstep's webhooks with the reference libraries of Standard Webhooks, also while a secret is rotated.
import { strictEqual } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { systemClock } from "../../base/clock.ts";
import { signingKeys, targetSecret, withNewSecret } from "../../core/alerts/keys.ts";
import { standard } from "../../core/alerts/messages/standard.ts";
import { startReceiver } from "../../examples/alert-receiver.ts";
import { Alerts } from "../../operator/alerts.ts";
import { alertTarget, type AlertTarget } from "../../schemas/alert-target.ts";
import { deliveryOf, targetOf } from "../core/alerts/samples.ts";
import type { TestStack } from "../local/stack.ts";

interface Receiver {
  readonly url: string;
  close(): Promise<void>;
}

/** Each accepts what its library verifies with the secret, and nothing else. */
const RECEIVERS: Readonly<Record<string, (secret: string) => Promise<Receiver>>> = {
  "standardwebhooks of npm": (secret) =>
    startReceiver({ port: 0, picturesFolder: "unused", secret, print: () => {} }),
  "standardwebhooks of PyPI": async (secret) => {
    const script = fileURLToPath(new URL("webhook_receiver.py", import.meta.url));
    const env = { ...process.env, DOORSTEP_ALERT_SECRET: secret };
    const program = spawn("python3", [script], { env, stdio: ["ignore", "pipe", "inherit"] });
    const [port] = (await once(createInterface(program.stdout), "line")) as [string];
    return {
      url: `http://127.0.0.1:${port}`,
      async close() {
        program.kill();
        await once(program, "close");
      },
    };
  },
};

/** Prints a line for each library that verifies what it receives. */
export async function checkWebhooks({ config }: TestStack): Promise<void> {
  const alerts = await Alerts.open("doorstep-dev", config);
  for (const [library, start] of Object.entries(RECEIVERS)) {
    const parsed = v.parse(alertTarget, {
      targetId: "judge",
      format: "standard",
      url: "http://127.0.0.1",
      allowPrivate: true,
    });
    /** What becomes of a test message to a receiver that has the secret of a version. */
    const outcomeAt = async (receiver: Receiver, target: AlertTarget): Promise<string | undefined> => {
      await alerts.putTarget({ ...target, url: receiver.url });
      const of = { cameraId: "front-door", severity: "warning" } as const;
      const { test } = await alerts.sendTest(target, of, {
        withinMs: 30_000,
        signal: new AbortController().signal,
      });
      return test?.outcome;
    };
    const rotating = withNewSecret(parsed, systemClock.now());
    const rotated = { ...rotating, previousSecretUntilMs: systemClock.now() - 1 };
    const [old, fresh] = await Promise.all([
      alerts.signingSecret(parsed).then(start),
      alerts.signingSecret(rotating).then(start),
    ]);
    const outcomes = [
      await outcomeAt(old, parsed),
      await outcomeAt(old, rotating),
      await outcomeAt(fresh, rotating),
      await outcomeAt(fresh, rotated),
      await outcomeAt(old, rotated),
    ];
    strictEqual(outcomes.join(), "accepted,accepted,accepted,accepted,failed");
    await Promise.all([old.close(), fresh.close()]);
    process.stdout.write(`${library} verified webhooks, with either secret during a rotation\n`);
  }
  await alerts.removeTarget(v.parse(alertTarget, { targetId: "judge", format: "standard" }), []);
  alerts.close();
}

/** Verifies a message, and one that was changed, by the lines for a shell of docs/alerts.md. */
export function checkShell(): void {
  const page = readFileSync(new URL("../../docs/alerts.md", import.meta.url), "utf8");
  const [, lines] = /```sh\n(key=[^]*?)```/.exec(page)!;
  const nowMs = systemClock.now();
  const target = withNewSecret(targetOf(), nowMs);
  const message = standard(
    { delivery: deliveryOf(), target, links: {}, persons: [] },
    signingKeys("a secret", target, nowMs),
    nowMs,
  );
  const folder = mkdtempSync(join(tmpdir(), "doorstep-shell-"));
  const verdictOn = (body: string): string => {
    writeFileSync(join(folder, "body"), body);
    const env = {
      ...process.env,
      secret: targetSecret("a secret", target),
      id: message.headers["webhook-id"],
      timestamp: message.headers["webhook-timestamp"],
      header: message.headers["webhook-signature"],
    };
    return execFileSync("sh", ["-c", lines!], { cwd: folder, env }).toString().trim();
  };
  strictEqual(verdictOn(message.body), "valid");
  strictEqual(verdictOn(`${message.body} `), "invalid");
  rmSync(folder, { recursive: true });
  process.stdout.write("a shell with OpenSSL verified a webhook by the lines of docs/alerts.md\n");
}
