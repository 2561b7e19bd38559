// The blueprint of examples/home-assistant in Home Assistant itself: `npm run test:home-assistant`. Home Assistant validates it
// with its own schemas, receives what Doorstep sends, and runs its actions. `hass` of PyPI's homeassistant must be on the PATH.
import { execFile, spawn } from "node:child_process";
import { deepStrictEqual, strictEqual } from "node:assert";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { systemClock } from "../../base/clock.ts";
import { pollUntil } from "../../base/poll.ts";
import { homeAssistant } from "../../core/alerts/messages/home-assistant.ts";
import type { AlertDelivery } from "../../schemas/alert-message.ts";
import { deliveryOf, targetOf } from "../core/alerts/samples.ts";

const blueprint = fileURLToPath(
  new URL("../../examples/home-assistant/doorstep-alerts.yaml", import.meta.url),
);
const WEBHOOK_ID = "4f1c0c6bd9f2";
const STARTED_WITHIN_MS = 120_000;
/** Id of the alert that shows whether the automation runs. */
const PROBE = "probe";

const folder = mkdtempSync(join(tmpdir(), "doorstep-home-assistant-"));
/** What the automation's notify action was called with. */
const received: { readonly data: { readonly tag: string } }[] = [];
const phone = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    received.push(JSON.parse(body) as (typeof received)[number]);
    response.writeHead(204).end();
  });
});
const portOf = async (server: ReturnType<typeof createServer>): Promise<number> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

const unused = createServer();
const port = await portOf(unused);
unused.close();
writeConfiguration(port, await portOf(phone));
const { stdout } = await promisify(execFile)("hass", ["--script", "check_config", "-c", folder]);
strictEqual(/error/i.test(stdout), false, stdout);

const hass = spawn("hass", ["-c", folder], { stdio: ["ignore", "pipe", "pipe"] });
let log = "";
for (const stream of [hass.stdout, hass.stderr])
  stream.on("data", (chunk: Buffer) => (log += chunk.toString()));
try {
  await pollUntil(isReady, { clock: systemClock, everyMs: 500, withinMs: STARTED_WITHIN_MS });
  // Not shown: an alert that is old, and the end of a motion.
  await post(deliveryOf({ atMs: systemClock.now() - 3_600_000 }));
  await post(deliveryOf({ type: "AlertEnded", atMs: systemClock.now() }, { silent: true }));
  await post(deliveryOf({ atMs: systemClock.now() }), {
    frame: "https://api.example/media/frame",
    crop: "https://api.example/media/crop",
    snooze: "https://api.example/snooze/link",
  });
  await post(
    deliveryOf(
      { type: "AlertUpdated", atMs: systemClock.now() },
      { revision: 2, silent: true, severity: "critical" },
    ),
  );
  await pollUntil(() => Promise.resolve(notifications().length >= 2 || undefined), {
    clock: systemClock,
    everyMs: 200,
    withinMs: 20_000,
  });
  const common = {
    tag: "front-door-1796047320000",
    group: "doorstep",
    channel: "Doorstep",
    ttl: 0,
    priority: "high",
  };
  const text = {
    title: "Person at front-door",
    message: "Detected at 2026-11-30 14:02:03 UTC: person (97 %).",
  };
  deepStrictEqual(notifications(), [
    {
      ...text,
      data: {
        ...common,
        alert_once: false,
        push: { "interruption-level": "active" },
        image: "https://api.example/media/crop",
        attachment: { url: "https://api.example/media/crop", "content-type": "jpeg" },
        url: "https://api.example/media/frame",
        clickAction: "https://api.example/media/frame",
        actions: [{ action: "URI", title: "Snooze", uri: "https://api.example/snooze/link" }],
      },
    },
    {
      ...text,
      data: { ...common, alert_once: true, push: { sound: "none", "interruption-level": "passive" } },
    },
  ]);
  process.stdout.write(
    "Home Assistant shows alerts by the blueprint, with pictures, and updates in silence\n",
  );
} catch (error) {
  process.stdout.write(log);
  throw error;
} finally {
  hass.kill();
  await once(hass, "close");
  phone.close();
  phone.closeAllConnections();
  rmSync(folder, { recursive: true });
}

/** What was shown, without what {@link isReady} sent. */
function notifications() {
  return received.filter(({ data }) => data.tag !== PROBE);
}

/** Whether the automation runs: Home Assistant accepts webhooks before, and then does nothing with them. */
async function isReady(): Promise<true | undefined> {
  await post(deliveryOf({ atMs: systemClock.now() }, { alertId: PROBE })).catch(() => undefined);
  return received.length > 0 || undefined;
}

/** Posts what Doorstep posts to a target of this format. */
async function post(delivery: AlertDelivery, links = {}): Promise<void> {
  const target = targetOf({
    format: "home-assistant",
    url: `http://127.0.0.1:${port}/api/webhook/${WEBHOOK_ID}`,
    allowPrivate: true,
  });
  const { url, headers, body } = homeAssistant({ delivery, target, links, persons: [] });
  strictEqual((await fetch(url, { method: "POST", headers, body })).status, 200);
}

/** An automation of the blueprint, whose notify action posts to this program. */
function writeConfiguration(ownPort: number, phonePort: number): void {
  mkdirSync(join(folder, "blueprints/automation/doorstep"), { recursive: true });
  cpSync(blueprint, join(folder, "blueprints/automation/doorstep/doorstep-alerts.yaml"));
  writeFileSync(
    join(folder, "configuration.yaml"),
    `http:
  server_host: 127.0.0.1
  server_port: ${ownPort}
webhook:
rest_command:
  record:
    url: http://127.0.0.1:${phonePort}/
    method: post
    content_type: application/json
    payload: "{{ {'title': title, 'message': message, 'data': data} | to_json }}"
automation:
  - id: doorstep
    alias: Doorstep
    use_blueprint:
      path: doorstep/doorstep-alerts.yaml
      input:
        webhook_id: "${WEBHOOK_ID}"
        notify_action: rest_command.record
`,
  );
}
