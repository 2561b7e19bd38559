// One upload in a process of its own, so that its memory is the uploader's alone.
import { stat } from "node:fs/promises";
import { uploadClip } from "../uploader/upload-clip.ts";

const [file, endpoint] = process.argv.slice(2);
const startedAtMs = performance.now();
const report = await uploadClip({
  file: file!,
  endpoint: endpoint!,
  streamName: "bench",
  region: "us-east-1",
  credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  startMs: Date.UTC(2025, 10, 21),
});
const seconds = (performance.now() - startedAtMs) / 1000;
if (report.persistedFragments !== report.fragments) throw new Error("not all was persisted");
const fileMB = (await stat(file!)).size / 1e6;
const rounded = (value: number): number => Math.round(value * 10) / 10;
process.send!({
  fileMB: rounded(fileMB),
  fragments: report.fragments,
  seconds: rounded(seconds),
  mbPerSecond: rounded(fileMB / seconds),
  // In kilobytes on Linux and macOS (libuv).
  peakRssMB: Math.round(process.resourceUsage().maxRSS / 1024),
});
process.disconnect();
