/**
 * Opens foreign pages in a real browser, which try every listener of the local cloud in the ways that pages have: `fetch`,
 * forms, pictures and WebSockets. One page has another origin, one a name that was rebound to this machine, and one another
 * port of it. Fails if a listener serves one of them. Uses Chromium from the path in CHROMIUM, by default Debian's; without
 * Chromium, it prints that and checks nothing.
 *
 *     node test/browser/foreign-pages.ts
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { chromium, type Page } from "playwright-core";
import { httpApi } from "../../local/http-api/index.ts";
import { kinesisVideo } from "../../local/kinesis-video/index.ts";
import type { Service } from "../../local/index.ts";
import { startTestCloud } from "../local/cloud.ts";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
/** What pages on the web are called here; the browser resolves all of them to this machine. */
const FOREIGN = "evil.example";

if (existsSync(executablePath)) await checkAll();
else console.log(`Skipped: no Chromium at ${executablePath}; set CHROMIUM to its path`);

async function checkAll(): Promise<void> {
  let controlled = 0;
  const control: Service = {
    name: "control",
    start: () => ({
      controls: { "POST /_doorstep/touch": () => controlled++, "GET /_doorstep/touch": () => controlled++ },
    }),
  };
  const local = await startTestCloud({
    services: [kinesisVideo, control, httpApi(0)],
    template: {
      Resources: {
        Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "api", ProtocolType: "HTTP" } },
        Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "photos" } },
      },
    },
  });
  const s3 = local.client(S3Client);
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a.txt", Body: "secret" }));
  const endpointPort = Number(new URL(local.endpoint).port);
  const apiPort = Number(new URL(local.resources.get("Api")!.attributes!["ApiEndpoint"]!).port);
  const pages = createServer((_request, response) =>
    response.setHeader("content-type", "text/html").end("<!doctype html><title>page</title>"),
  ).listen(0, "127.0.0.1");
  await once(pages, "listening");
  const { port } = pages.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", `--host-resolver-rules=MAP *.example 127.0.0.1,MAP ${FOREIGN} 127.0.0.1`],
  });
  try {
    for (const from of [`http://${FOREIGN}:${port}`, `http://127.0.0.1:${port}`, `http://localhost:${port}`])
      for (const host of [`127.0.0.1`, "localhost", FOREIGN]) {
        const page = await browser.newPage();
        await page.goto(from);
        for (const target of [endpointPort, apiPort])
          await attack(
            page,
            `http://${host}:${target}`,
            target === apiPort ? [] : await signedPaths(host, target),
          );
        await page.close();
      }
    // A rebound page is of the listener's own origin, as the browser sees it.
    for (const target of [endpointPort, apiPort]) {
      const page = await browser.newPage();
      const response = await page.goto(`http://${FOREIGN}:${target}/`);
      assert.equal(response?.status(), 403, `a page by a rebound name on port ${target}`);
      const status = await page.evaluate(
        "fetch('/_doorstep/touch', { method: 'POST' }).then((it) => it.status)",
      );
      assert.equal(status, 403, "what a rebound page fetches from its own origin");
      await page.close();
    }
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "photos", Key: "a.txt" }));
    assert.equal(await Body!.transformToString(), "secret", "no page deleted or changed the object");
    assert.equal(controlled, 0, "no page made a local call");
    console.log("no foreign page reached the endpoint or the HTTP API");
  } finally {
    await browser.close();
    await local.stop();
    pages.close();
  }

  /** A link that a page can make, since the account owner's key is known: it deletes an object. */
  async function signedPaths(host: string, target: number): Promise<string[]> {
    const signer = new SignatureV4({
      service: "s3",
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      sha256: Sha256,
      uriEscapePath: false,
    });
    const links = [];
    for (const method of ["DELETE", "GET", "PUT", "POST"]) {
      const { path, query } = await signer.presign(
        {
          method,
          protocol: "http:",
          hostname: host,
          port: target,
          path: "/photos/a.txt",
          headers: { host: `${host}:${target}`, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
        },
        { expiresIn: 600 },
      );
      links.push(`${method} ${path}?${new URLSearchParams(query as Record<string, string>).toString()}`);
    }
    return links;
  }
}

/** Tries an address from a page in all ways. Fails if one of them gets a response that the page or its form can use. */
async function attack(page: Page, address: string, signed: readonly string[]): Promise<void> {
  const outcomes = (await page.evaluate(`(async () => {
    const address = ${JSON.stringify(address)};
    const outcomes = [];
    const load = (element, url) => new Promise((resolve) => {
      element.onload = () => resolve("loaded"); element.onerror = () => resolve("refused");
      element.src = url; document.body.append(element);
      setTimeout(() => resolve("refused"), 5000);
    });
    for (const one of ["GET /", "GET /_doorstep/touch", "POST /_doorstep/touch", "GET /hls/v1/x", ...${JSON.stringify(signed)}]) {
      const [method, path] = one.split(" ");
      for (const mode of ["cors", "no-cors"]) {
        if (mode === "no-cors" && !["GET", "POST"].includes(method)) continue;
        const body = method === "GET" || method === "DELETE" ? undefined : "x";
        const outcome = await fetch(address + path, { method, mode, body }).then((it) => mode === "cors" && it.ok ? "read" : "opaque", () => "refused");
        outcomes.push([mode + " " + one, outcome]);
      }
      if (method === "GET") outcomes.push(["img " + one, await load(new Image(), address + path)]);
    }
    outcomes.push(["WebSocket", await new Promise((resolve) => {
      const socket = new WebSocket(address.replace("http", "ws"));
      socket.onopen = () => resolve("opened"); socket.onerror = () => resolve("refused");
    })]);
    const frame = Object.assign(document.createElement("iframe"), { name: "target" });
    document.body.append(frame);
    for (const path of ["/_doorstep/touch", "/photos"]) {
      const form = Object.assign(document.createElement("form"), { action: address + path, method: "post", target: "target" });
      document.body.append(form);
      const loaded = new Promise((resolve) => { frame.onload = resolve; setTimeout(resolve, 5000); });
      form.submit();
      await loaded;
    }
    return outcomes;
  })()`)) as [string, string][];
  const served = outcomes.filter(([, outcome]) => ["read", "loaded", "opened"].includes(outcome));
  assert.deepEqual(served, [], `what ${page.url()} could read of ${address}`);
  console.log(`${page.url()} -> ${address}: ${outcomes.length} attempts refused`);
}
