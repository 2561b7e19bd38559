import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Readable } from "node:stream";
import { serveConsole, type OpenConsole } from "../../console/server.ts";
import { ConsoleClient } from "./client.ts";
import { consoleWorld, detectionRow, NOW_MS } from "./world.ts";

const file = (text: string, contentType: string) => ({
  body: Buffer.from(text),
  contentType,
  etag: `"${text}"`,
});
const PAGE = new Map([
  ["/", file("the page", "text/html; charset=utf-8")],
  ["/day", file("the page", "text/html; charset=utf-8")],
  ["/assets/page.js", file("script", "text/javascript; charset=utf-8")],
]);

const keysRead: string[] = [];
const s3 = {
  async send({ input }: GetObjectCommand) {
    keysRead.push(input.Key!);
    if (input.Key === "evidence/gone.jpg")
      throw Object.assign(new Error("no such key"), { name: "NoSuchKey" });
    const ContentLength = input.Key === "evidence/large.jpg" ? 30_000_000 : 4;
    return { ContentLength, Body: Readable.from(Buffer.from("jpeg")) };
  },
} as unknown as S3Client;

const world = consoleWorld({ s3 });
let open: OpenConsole;
let client: ConsoleClient;

beforeAll(async () => {
  open = await serveConsole(world.cloud, PAGE, 0);
  client = new ConsoleClient(open.url);
  world.lake.add("detection_records", NOW_MS, detectionRow(NOW_MS - 60_000));
});
beforeEach(() => {
  keysRead.length = 0;
});
afterAll(() => open.close());

describe("the printed address", () => {
  test("is on loopback, with a token that nobody can guess", () => {
    expect(open.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
  });

  test("gives the browser a cookie that no script and no other site can use, and goes to the page without the token", async () => {
    const { host } = client.own;
    const answer = await client.send("GET", `/?token=${client.token}`, { headers: { host } });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/");
    expect(answer.headers["set-cookie"]).toEqual([
      `doorstep-console-${client.port}=${client.token}; Path=/; HttpOnly; SameSite=Strict`,
    ]);
  });

  test.each([
    ["/day?camera=a&token=", "/day?camera=a"],
    ["//evil.example/?token=", "/"],
    ["/unknown?token=", "/"],
  ])("%s goes to %s", async (path, location) => {
    const { host } = client.own;
    const answer = await client.send("GET", path + client.token, { headers: { host } });
    expect(answer.headers.location).toBe(location);
  });

  test("gives no cookie for another token", async () => {
    const { host } = client.own;
    const answer = await client.send("GET", `/?token=${"a".repeat(32)}`, { headers: { host } });
    expect(answer.status).toBe(303);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });
});

describe("the page", () => {
  test("is served without the cookie, so that it can say what to do", async () => {
    const answer = await client.send("GET", "/day?camera=x", { headers: { host: client.own["host"] } });
    expect([answer.status, answer.text, answer.headers["content-type"]]).toEqual([
      200,
      "the page",
      "text/html; charset=utf-8",
    ]);
  });

  test("is not sent again while it is the same", async () => {
    const headers = { ...client.own, "if-none-match": '"script"' };
    expect((await client.send("GET", "/assets/page.js", { headers })).status).toBe(304);
  });

  test.each(["/", "/assets/page.js", "/api/overview", "/nothing", "/api/nothing"])(
    "and every other response has a strict content policy: %s",
    async (path) => {
      const { headers } = await client.get(path);
      expect(headers["content-security-policy"]).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
      );
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["referrer-policy"]).toBe("no-referrer");
    },
  );

  test.each(["/nothing", "/assets/", "/assets/../page.js", "/assets/%2e%2e/package.json"])(
    "has no %s",
    async (path) => {
      const answer = await client.get(path);
      expect(answer.status).toBe(404);
      expect(Object.keys(answer.json as object)).toEqual(["error", "remedy"]);
    },
  );
});

describe("the API", () => {
  test.each([
    ["no cookie", undefined],
    ["a token of an earlier start", "a".repeat(32)],
    ["an empty token", ""],
  ])("refuses %s, and says what to do", async (_what, token) => {
    const { host } = client.own;
    const cookie = token === undefined ? {} : { cookie: `doorstep-console-${client.port}=${token}` };
    for (const path of ["/api/overview", "/api/live", "/api/openapi.json", "/api/pictures/a.jpg", "/api/nothing"]) {
      const answer = await client.send("GET", path, { headers: { host, ...cookie } });
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.json).toEqual({
        error: "this browser does not have the console's token, or has that of an earlier start",
        remedy: "open the address that was printed last: the line that begins with Console",
      });
    }
    expect(keysRead).toEqual([]);
  }); // prettier-ignore

  test("refuses the token in an address: it would end up in logs", async () => {
    const { host } = client.own;
    const answer = await client.send("GET", `/api/overview?token=${client.token}`, { headers: { host } });
    expect(answer.status).toBe(401);
  });

  test.each([
    ["a name that was rebound", { host: "evil.example" }],
    ["a name that was rebound, with the port", { host: `evil.example:PORT` }],
    ["another port", { host: "127.0.0.1:1" }],
    ["a page of another site", { origin: "https://evil.example" }],
    ["a page of another port", { origin: "http://127.0.0.1:1" }],
    ["a sandboxed page", { origin: "null" }],
    ["a picture in a page of another site", { "sec-fetch-site": "cross-site" }],
    ["a page of the same site", { "sec-fetch-site": "same-site" }],
  ])("and the page refuse %s, with the right cookie too", async (_what, changes) => {
    const entries = Object.entries(changes).map(([name, value]) => [name, value.replace("PORT", String(client.port))]);
    const headers = { ...client.own, ...Object.fromEntries(entries) };
    for (const path of ["/", "/api/overview", "/api/chains", `/?token=${client.token}`]) {
      const answer = await client.send("GET", path, { headers });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  }); // prettier-ignore

  const review = `/api/chains/front-door.1/review`;

  test("refuses a write without Origin, also with the right cookie", async () => {
    const { host, cookie } = client.own;
    const headers = { host, cookie, "content-type": "application/json" };
    const answer = await client.send("PUT", review, { headers, body: '{"reviewed":true}' });
    expect(answer.status).toBe(403);
    expect(world.reviewed.size).toBe(0);
  });

  test.each([undefined, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])(
    "refuses a write of the content type %s, which forms and foreign pages may send",
    async (type) => {
      const headers = { ...client.own, ...(type !== undefined && { "content-type": type }) };
      const answer = await client.send("PUT", review, { headers, body: '{"reviewed":true}' });
      expect(answer.status).toBe(415);
      expect(world.reviewed.size).toBe(0);
    },
  );

  test("takes a write of its own page", async () => {
    const answer = await client.write("PUT", review, { reviewed: true });
    expect([answer.status, answer.json]).toEqual([200, { chainId: "front-door.1", isReviewed: true }]);
    expect([...world.reviewed]).toEqual(["front-door.1"]);
    await client.write("PUT", review, { reviewed: false });
    expect(world.reviewed.size).toBe(0);
  });

  test.each([
    [{}, "reviewed is missing"],
    [{ reviewed: "yes" }, 'reviewed is "yes"; expected true or false'],
    [{ reviewed: true, more: 1 }, "more is not a known field"],
    [[], "reviewed is missing"],
    [null, "the body is null; expected an object"],
  ])("explains the body %j", async (body, error) => {
    const answer = await client.write("PUT", review, body);
    expect([answer.status, (answer.json as { error: string }).error]).toEqual([400, error]);
  });

  test.each([
    ["PUT", "/api/cameras/front-door/settings", [], "the body is a list; expected an object"],
    [
      "POST",
      "/api/queries",
      { name: "detections-by-day", parameters: [] },
      "parameters is a list; expected an object",
    ],
  ] as const)("explains a list where %s %s takes an object", async (method, path, body, error) => {
    const answer = await client.write(method, path, body);
    expect([answer.status, (answer.json as { error: string }).error]).toEqual([400, error]);
  });

  test("explains a body that is not JSON", async () => {
    const headers = { ...client.own, "content-type": "application/json" };
    const answer = await client.send("PUT", review, { headers, body: "{" });
    expect([answer.status, answer.json]).toEqual([
      400,
      { error: "the body is not JSON", remedy: "send JSON, or no body" },
    ]);
  });

  test("refuses a body that is too large, with its length or without", async () => {
    const headers = { ...client.own, "content-type": "application/json" };
    const body = Buffer.alloc(2_000_001, " ");
    expect((await client.send("PUT", review, { headers, body })).status).toBe(413);
    const chunked = await new Promise<string>((resolve, reject) => {
      const socket = connect(client.port, "127.0.0.1");
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.on("error", reject);
      socket.on("close", () => resolve(text));
      const lines = Object.entries({ ...headers, "transfer-encoding": "chunked" }).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`PUT ${review} HTTP/1.1\r\n${lines.join("")}\r\n`);
      for (let at = 0; at < 3; at++) socket.write(`f4240\r\n${" ".repeat(1_000_000)}\r\n`);
      socket.end("0\r\n\r\n");
    }); // prettier-ignore
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
  });

  test.each([
    ["GET", "/api/nothing", 404],
    ["DELETE", "/api/overview", 405],
    ["POST", "/api/chains", 405],
    ["GET", "/api/chains?limit=0", 400],
    ["GET", "/api/chains?limit=101", 400],
    ["GET", "/api/chains?limit=2&limit=3", 400],
    ["GET", "/api/chains?camera=", 400],
    ["GET", "/api/chains?before=x", 400],
    ["GET", "/api/chains?reviewed=yes", 400],
    ["GET", "/api/chains?colour=red", 400],
    ["GET", "/api/chains/%ff/review", 405],
    ["PUT", "/api/chains/%ff/review", 400],
    ["PUT", "/api/chains/nochain/review", 400],
  ])("answers %s %s with %d, an error and a remedy", async (method, path, status) => {
    const answer = method === "GET" ? await client.get(path) : await client.write(method, path, {});
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ error: expect.any(String), remedy: expect.any(String) });
    expect(answer.text).not.toMatch(/\.ts:\d|node_modules|at \w+ \(/);
  });

  test("answers are never stored", async () => {
    const { headers } = await client.get("/api/chains");
    expect(headers["cache-control"]).toBe("no-store");
  });

  test("says in words that the cloud does not respond", async () => {
    world.lake.failure = new Error("S3 ListObjectsV2: connect ECONNREFUSED");
    const answer = await client.get("/api/chains");
    world.lake.failure = undefined;
    expect([answer.status, answer.json]).toEqual([
      500,
      { error: "S3 ListObjectsV2: connect ECONNREFUSED", remedy: expect.any(String) },
    ]);
  });
});

describe("a picture", () => {
  test("is read from the evidence", async () => {
    const answer = await client.get("/api/pictures/front-door/a%20b.jpg");
    expect([answer.status, answer.text, answer.headers["content-type"], keysRead]).toEqual([
      200,
      "jpeg",
      "image/jpeg",
      ["evidence/front-door/a b.jpg"],
    ]);
  });

  test.each([
    "../lake.parquet",
    "a/../../lake.parquet",
    "%2e%2e/lake.parquet",
    "..%2flake.parquet",
    "a/%2e%2e/%2e%2e/x",
    "a//b",
    "./a",
    "a/",
    "%2fetc",
    "a".repeat(1016),
    "%c3%a9".repeat(508),
  ])("of the key %s is refused before S3 is asked", async (key) => {
    const answer = await client.get(`/api/pictures/${key}`);
    expect(answer.status).toBe(400);
    expect(keysRead).toEqual([]);
  });

  test("that is gone is explained", async () => {
    const answer = await client.get("/api/pictures/gone.jpg");
    expect([answer.status, answer.json]).toEqual([
      404,
      { error: "the picture is gone", remedy: expect.stringContaining("EvidenceExpiryDays") },
    ]);
  });

  test("that is too large is not sent", async () => {
    expect((await client.get("/api/pictures/large.jpg")).status).toBe(413);
  });
});

test("a console whose port is in use says so", async () => {
  await expect(serveConsole(consoleWorld().cloud, PAGE, client.port)).rejects.toThrow(
    `port ${client.port} for the console is in use; choose another with --port`,
  );
});

test("two consoles have different tokens, and cookies that do not disturb each other", async () => {
  const other = await serveConsole(consoleWorld().cloud, PAGE, 0);
  const second = new ConsoleClient(other.url);
  const both = { ...second.own, cookie: `${client.own["cookie"]}; ${second.own["cookie"]}` };
  expect((await second.send("GET", "/api/chains", { headers: both })).status).toBe(200);
  const wrong = { ...second.own, cookie: client.own["cookie"] };
  expect((await second.send("GET", "/api/chains", { headers: wrong })).status).toBe(401);
  await other.close();
});
