import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { nextTurn, TurnableClock } from "../../base/clock.ts";
import { SECOND_MS } from "../../base/durations.ts";
import { isPublic, webhookSender } from "../../aws/webhook-sender.ts";
import { signingKeys, targetSecret, withNewSecret } from "../../core/alerts/keys.ts";
import { messageFor } from "../../core/alerts/messages/index.ts";
import type { WebhookMessage, WebhookOutcome } from "../../schemas/webhook.ts";
import { deliveryOf, targetOf } from "../core/alerts/samples.ts";
import { startReceiver, type Receiver, type Respond } from "../support/receiver.ts";

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function receiver(respond?: Respond): Promise<Receiver> {
  const started = await startReceiver(respond);
  stops.push(() => started.stop());
  return started;
}

/** A server that speaks no HTTP. */
async function rawServer(onConnection: (socket: net.Socket) => void): Promise<string> {
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  stops.push(async () => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const message = (url: string): WebhookMessage => ({
  url,
  headers: { "content-type": "application/json" },
  body: '{"é":1}',
});

const post = (url: string, options: Parameters<typeof webhookSender>[0] = {}) =>
  webhookSender(options).post({ ...message(url), allowPrivate: true });

/** The outcome of a post whose time ends once something happened. */
async function postUntil(
  happened: Promise<unknown>,
  url: string,
  options: Parameters<typeof webhookSender>[0] = {},
): Promise<WebhookOutcome> {
  const clock = new TurnableClock(0);
  const outcome = post(url, { ...options, clock });
  await happened;
  clock.turn(10 * SECOND_MS);
  return await outcome;
}

/** Resolves once a client in this process has the headers of a response. */
async function responseReceived(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  subscribe("http.client.response.finish", resolve);
  await promise;
  unsubscribe("http.client.response.finish", resolve);
  await nextTurn();
}

describe("a webhook to a receiver at a private address, which its target may be at", () => {
  test("is posted whole, and accepted with any status of success", async () => {
    for (const status of [200, 202, 204]) {
      const { url, received } = await receiver((response) => void response.writeHead(status).end());
      expect(await post(`${url}/hook?a=b`)).toEqual({ kind: "accepted", status });
      expect(received).toEqual([
        {
          path: "/hook?a=b",
          body: '{"é":1}',
          headers: expect.objectContaining({ "content-type": "application/json", "content-length": "8" }),
        },
      ]);
    }
  });

  test("is accepted although the response's body is 10 MB, of which no more than a part is read", async () => {
    let sentBytes = 0;
    const { url } = await receiver((response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(256 * 1024);
      const next = (): void => {
        while (sentBytes < 10 * 1024 * 1024) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on("drain", next);
      response.on("error", () => undefined);
      next();
    });
    expect(await post(url)).toEqual({ kind: "accepted", status: 200 });
    expect(sentBytes).toBeLessThan(10 * 1024 * 1024);
  });

  test("is accepted by its status although the response's body never ends", async () => {
    const { url } = await receiver((response) => void response.writeHead(200).write("so far"));
    expect(await postUntil(responseReceived(), url)).toEqual({ kind: "accepted", status: 200 });
  });

  test("is refused by any other status, with Retry-After as received", async () => {
    for (const [status, headers] of [
      [429, { "retry-after": "120" }],
      [503, { "retry-after": "Mon, 30 Nov 2026 12:00:00 GMT" }],
      [500, {}],
      [401, {}],
    ] as const) {
      const { url } = await receiver(
        (response) => void response.writeHead(status, headers).end("secret text"),
      );
      expect(await post(url)).toEqual({
        kind: "refused",
        status,
        retryAfter: (headers as Record<string, string>)["retry-after"],
        reason: `it responded ${status}`,
      });
    }
  });

  test("is not wanted any more after a 410", async () => {
    const { url } = await receiver((response) => void response.writeHead(410).end());
    expect(await post(url)).toEqual({ kind: "gone", status: 410, reason: "it responded 410 (gone)" });
  });

  test("does not follow a redirect", async () => {
    const other = await receiver();
    const { url } = await receiver((response) => void response.writeHead(307, { location: other.url }).end());
    expect(await post(url)).toEqual({
      kind: "refused",
      status: 307,
      retryAfter: undefined,
      reason: "it responded 307, a redirect, which is not followed: its URL has to be the final one",
    });
    expect(other.received).toEqual([]);
  });

  test("is refused in words when the receiver is slow, closed, closes the connection, or does not speak HTTP", async () => {
    const requested = Promise.withResolvers<void>();
    const { url: slow } = await receiver(() => requested.resolve());
    const closed = await startReceiver();
    await closed.stop();
    const hangingUp = await rawServer((socket) => socket.destroy());
    const rubbish = await rawServer((socket) => socket.end("220 smtp.example ESMTP\r\n\r\n"));
    const reasons = await Promise.all([
      postUntil(requested.promise, slow),
      ...[closed.url, hangingUp, rubbish].map((url) => post(url)),
    ]);
    expect(reasons).toEqual([
      { kind: "refused", reason: "it did not respond within 10 s" },
      { kind: "refused", reason: "it refused the connection" },
      { kind: "refused", reason: "it closed the connection without a response" },
      { kind: "refused", reason: "its response is not HTTP (HPE_INVALID_CONSTANT)" },
    ]);
  });

  test("is refused in time by a server that sends its headers one byte after the other", async () => {
    const dripped = Promise.withResolvers<void>();
    const dripping = await rawServer((socket) => {
      const drip = (error?: Error | null): void => {
        if (error) return;
        dripped.resolve();
        setImmediate(() => socket.write("H", drip));
      };
      socket.write("HTTP/1.1 200 OK\r\nx: ", drip);
    });
    expect(await postUntil(dripped.promise, dripping)).toEqual({
      kind: "refused",
      reason: "it did not respond within 10 s",
    });
  });

  test("is refused in words when its name does not exist, or is not resolved in time", async () => {
    const failing = (code: string) => ({
      resolve: async () => {
        throw Object.assign(new Error("with the name"), { code });
      },
    });
    expect(await post("http://name.example", failing("ENOTFOUND"))).toEqual({
      kind: "refused",
      reason: "its host name does not exist",
    });
    const resolving = Promise.withResolvers<void>();
    const hanging = (): Promise<never> => {
      resolving.resolve();
      return new Promise(() => undefined);
    };
    expect(await postUntil(resolving.promise, "http://name.example", { resolve: hanging })).toEqual({
      kind: "refused",
      reason: "it did not respond within 10 s",
    });
  });

  test("says of a certificate that is not trusted what is wrong with it", async () => {
    const { url } = await receiver();
    expect(await post(url.replace("http:", "https:"))).toEqual({
      kind: "refused",
      reason: expect.stringMatching(/^it could not be reached \(E[A-Z_]+\)$/),
    });
  });
});

test("a signed message is accepted by the reference library at the receiver, with the old and the new secret", async () => {
  const { url, received } = await receiver();
  const nowMs = Date.now();
  const before = targetOf({ url, allowPrivate: true });
  const target = withNewSecret(before, nowMs);
  const signed = messageFor({ delivery: deliveryOf(), target, links: {}, persons: [] }, "secret", nowMs);
  expect(signingKeys("secret", target, nowMs)).toHaveLength(2);
  await webhookSender().post({ ...(signed as WebhookMessage & typeof signed), allowPrivate: true });
  const [{ headers, body }] = received as [(typeof received)[0]];
  for (const one of [before, target])
    expect(
      new Webhook(targetSecret("secret", one)).verify(body, headers as Record<string, string>),
    ).toMatchObject({ type: "AlertRaised", data: { alertId: deliveryOf().detail.alertId } });
});

describe("a webhook to a target that may not be at a private address", () => {
  const guarded = (url: string, addresses: readonly string[] = []) => {
    let resolutions = 0;
    const resolve = async () => {
      resolutions++;
      return addresses.map((address) => ({ address, family: net.isIP(address) }));
    };
    return webhookSender({ resolve, timeoutMs: 500 })
      .post({ ...message(url), allowPrivate: false })
      .then((outcome) => ({ outcome, resolutions }));
  };

  test("is blocked without TLS, with another scheme and with a URL that is none", async () => {
    for (const [url, reason] of [
      ["http://receiver.example", "its URL does not begin with https://"],
      ["file:///etc/passwd", "its URL does not begin with https://"],
      ["receiver", "its URL is not valid"],
    ] as const)
      expect((await guarded(url)).outcome).toEqual({ kind: "blocked", reason });
  });

  test("is blocked when one of its addresses is private, and makes no connection", async () => {
    const { port, received } = await receiver();
    const { outcome } = await guarded(`https://receiver.example:${port}`, ["93.184.215.14", "127.0.0.1"]);
    expect(outcome).toEqual({
      kind: "blocked",
      reason:
        "receiver.example is at 127.0.0.1, which is not a public address, and the target may not be at a private one",
    });
    expect(received).toEqual([]);
  });

  test("is blocked at each way to write an address of this machine", async () => {
    const hosts = ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "[::1]", "[::ffff:7f00:1]"];
    for (const host of hosts) expect((await guarded(`https://${host}`)).outcome.kind).toBe("blocked");
  });

  test("is resolved once and sent to the address that was checked, so a name server cannot give it another one", async () => {
    const { port, received } = await receiver();
    let resolutions = 0;
    const sender = webhookSender({
      resolve: async () => {
        resolutions++;
        return [{ address: "127.0.0.1", family: 4 }];
      },
    });
    const request = { ...message(`http://no-such-name.invalid:${port}`), allowPrivate: true };
    expect(await sender.post(request)).toEqual({ kind: "accepted", status: 204 });
    expect([resolutions, received.length]).toEqual([1, 1]);
    expect(received[0]!.headers.host).toBe(`no-such-name.invalid:${port}`);
  });
});

/** Blocks of IANA's registries of special-purpose addresses, and those of multicast. */
const SPECIAL_BLOCKS = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["255.255.255.255", 32],
  ["::", 128],
  ["::1", 128],
  ["::", 96],
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["100:0:0:1::", 64],
  ["2001::", 23],
  ["2001::", 32],
  ["2001:1::1", 128],
  ["2001:2::", 48],
  ["2001:3::", 32],
  ["2001:4:112::", 48],
  ["2001:10::", 28],
  ["2001:20::", 28],
  ["2001:30::", 28],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const;

const bitsOf = (address: string): number => (net.isIPv4(address) ? 32 : 128);

/** An address in Node's order of bytes, as a number. */
function numberOf(address: string): bigint {
  if (net.isIPv4(address)) return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = "", tail] = address.split("::");
  const parts = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const missing = tail === undefined ? 0 : 8 - parts(head).length - parts(tail).length;
  const groups = [...parts(head), ...Array<string>(missing).fill("0"), ...parts(tail ?? "")];
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

const textOf = (number: bigint, bits: number): string =>
  bits === 32
    ? [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join(".")
    : Array.from({ length: 8 }, (_, index) =>
        ((number >> BigInt(112 - 16 * index)) & 65_535n).toString(16),
      ).join(":");

const isIn = (address: string, [block, prefix]: (typeof SPECIAL_BLOCKS)[number]): boolean => {
  const shift = BigInt(bitsOf(block) - prefix);
  return bitsOf(address) === bitsOf(block) && numberOf(address) >> shift === numberOf(block) >> shift;
};

describe("an address", () => {
  test.each(SPECIAL_BLOCKS)("of the special block %s/%i is not public", (block, prefix) => {
    const bits = bitsOf(block);
    const size = 1n << BigInt(bits - prefix);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: size - 1n }), (offset) => {
        expect(isPublic(textOf(numberOf(block) + offset, bits))).toBe(false);
      }),
      { numRuns: 30, examples: [[0n], [size - 1n]] },
    );
  });

  test("of IPv4 is public exactly if no special block has it", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublic(address)).toBe(!SPECIAL_BLOCKS.some((block) => isIn(address, block)));
      }),
      { numRuns: 300 },
    );
  });

  test("of IPv6 is public exactly if it is in 2000::/3 and no special block has it", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), fc.boolean(), (number, isGlobal) => {
        const address = textOf(isGlobal ? (number >> 3n) | (1n << 125n) : number, 128);
        expect(isPublic(address)).toBe(
          numberOf(address) >> 125n === 1n && !SPECIAL_BLOCKS.some((block) => isIn(address, block)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("of IPv4 that is mapped into IPv6 is never public", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublic(`::ffff:${address}`)).toBe(false);
      }),
    );
  });

  test("that is none, is not public", () => {
    expect(["", "receiver.example", "1.2.3", "1.2.3.4.5", "fe80::1%eth0", "::g"].map(isPublic)).toEqual(
      Array(6).fill(false),
    );
  });
});
