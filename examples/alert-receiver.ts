// Receives alerts from Doorstep, verifies their signatures, and saves their pictures. It listens on this machine only.
//
//   node examples/alert-receiver.ts
//   npm start -- --alert http://127.0.0.1:8787
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Webhook } from "standardwebhooks";

const HELP = `Receives alerts from Doorstep, prints a line for each, and saves its picture.

Usage: node examples/alert-receiver.ts [options]

  --port <n>           port of this machine to listen on (default 8787; 0 for any free port)
  --pictures <folder>  where pictures are saved (default alerts)
  --help               show this help

The signing secret is in the environment variable DOORSTEP_ALERT_SECRET. For the target "demo" of the local cloud:

  export DOORSTEP_ALERT_SECRET=$(npx doorstep alert target show demo --secret --local | grep -o 'whsec_[^ ]*')

Without it, signatures are not verified, and every line says so.`;

/** More than an alert has. */
const MAX_BODY_BYTES = 256 * 1024;

/** What Doorstep posts, as far as this program reads it: docs/alerts.md lists all fields. */
interface AlertMessage {
  readonly type: "AlertRaised" | "AlertUpdated" | "AlertEnded" | "AlertTest";
  readonly data: {
    readonly alertId: string;
    readonly revision: number;
    readonly severity: string;
    readonly silent: boolean;
    readonly title: string;
    readonly links?: { readonly frame?: string; readonly crop?: string };
  };
}

interface ReceiverOptions {
  readonly port: number;
  readonly picturesFolder: string;
  /** `whsec_…`; without it, nothing is verified. */
  readonly secret: string | undefined;
  readonly print: (line: string) => void;
}

export async function startReceiver({ port, picturesFolder, secret, print }: ReceiverOptions) {
  const webhook = secret === undefined ? undefined : new Webhook(secret);
  /** The latest revision of each alert. Deliveries may arrive twice, and after a later one. */
  const revisions = new Map<string, number>();

  /** @throws WebhookVerificationError for a message that Doorstep did not sign, or not in the last five minutes */
  async function verified(request: IncomingMessage): Promise<AlertMessage> {
    const body = await bodyOf(request);
    webhook?.verify(body, request.headers as Record<string, string>);
    return JSON.parse(body) as AlertMessage;
  }

  function apply({ type, data }: AlertMessage): void {
    const { alertId, revision, severity, silent, title } = data;
    if (type !== "AlertTest" && revision <= (revisions.get(alertId) ?? 0)) return;
    revisions.set(alertId, revision);
    const details = [severity, `revision ${revision}`, silent && "silent", !webhook && "not verified"];
    print(`${type} ${alertId}: ${title} (${details.filter(Boolean).join(", ")})`);
    void savePicture(data).catch((error: unknown) => print(`  no picture: ${String(error)}`));
  }

  /** Links lead to a picture by a redirect, and expire a day after the alert was raised. */
  async function savePicture({ alertId, revision, links }: AlertMessage["data"]): Promise<void> {
    const link = links?.crop ?? links?.frame;
    if (link === undefined) return;
    const response = await fetch(link);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const file = join(picturesFolder, `${alertId.replaceAll(/[^\w-]/g, "-")}-${revision}.jpg`);
    await mkdir(picturesFolder, { recursive: true });
    await writeFile(file, await response.bytes());
    print(`  ${file}`);
  }

  const server = createServer((request, response) => {
    verified(request).then(
      (message) => {
        // The response comes first: Doorstep waits ten seconds for it.
        response.writeHead(204).end();
        apply(message);
      },
      (error: unknown) => {
        print(`Refused: ${String(error)}`);
        response.writeHead(401, { "content-type": "text/plain" }).end(String(error));
      },
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`the body has more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8787" },
      pictures: { type: "string", default: "alerts" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else {
    const { url } = await startReceiver({
      port: Number(values.port),
      picturesFolder: values.pictures,
      secret: process.env["DOORSTEP_ALERT_SECRET"],
      print: console.log,
    });
    console.log(`Waiting for alerts on ${url}; Ctrl+C stops.`);
  }
}
