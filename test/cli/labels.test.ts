import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { describesClip, shareLabels } from "../../cli/labels.ts";

let folder: string;
const received: [string, unknown][] = [];
const server = createServer((request, response) => {
  void text(request).then((body) => {
    received.push([request.url!, JSON.parse(body)]);
    response.end("{}");
  });
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "doorstep-labels-"));
  received.length = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

test("the local cloud gets the labels and the faces beside a clip, and each alone if there is no other", async () => {
  const config = {
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  const clip = join(folder, "porch.mp4");
  expect(await shareLabels(clip, config)).toBeUndefined();
  writeFileSync(join(folder, "porch.faces.json"), `{"tracks":[]}`);
  expect(await shareLabels(clip, config)).toBeUndefined();
  writeFileSync(join(folder, "porch.labels.json"), `{"tracks":[1]}`);
  expect(await shareLabels(clip, config)).toEqual({ labelsFile: "porch.labels.json" });
  const faces = ["/_doorstep/rekognition/faces", { clip: "porch.mp4", faces: { tracks: [] } }];
  const labels = ["/_doorstep/rekognition/labels", { clip: "porch.mp4", labels: { tracks: [1] } }];
  expect(received).toEqual([faces, faces, labels]);
  writeFileSync(join(folder, "porch.faces.json"), "{");
  await expect(shareLabels(clip, config)).rejects.toThrow(/porch\.faces\.json is not JSON/);
});

test("files that describe a clip are no clips", () => {
  expect(["a.mp4", "a.labels.json", "a.faces.json", "a.json"].map(describesClip)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
