/** A bench of this folder: `<name>.bench.ts`. */
interface Bench {
  readonly what: string;
  /** Flags of its Node process; `--liftoff-only` as `npm start` has, for what loads WebAssembly. */
  readonly nodeFlags?: readonly string[];
  /** Flags for its largest size, which takes long. */
  readonly fullFlags?: readonly string[];
  /** Whether it needs no local cloud and takes seconds. */
  readonly isQuick?: true;
}

export const BENCHES = {
  "alert-latency": { what: "from a published detection to the webhook about it, on the local cloud" },
  "alert-storm": {
    what: "a thousand alerts in a minute, for a receiver that fails half the time",
    isQuick: true,
  },
  bundles: { what: "size and import time of each function's bundle" },
  console: { what: "answers of the console's API over ten thousand motions", nodeFlags: ["--liftoff-only"] },
  "detection-latency": { what: "from a stored frame to its published detection, with both engines" },
  faces: { what: "enrolment of a thousand faces, and searches among them", nodeFlags: ["--expose-gc"] },
  "frames-cost": { what: "calls and US dollars of a motion with the engine frames", isQuick: true },
  "frames-storm": { what: "a thousand cameras at once with the engine frames" },
  generate: { what: "synthetic history of `doorstep generate`, rows per second" },
  "get-images": { what: "GetImages of 25 images of a 720p stream" },
  growth: {
    what: "time and memory with the events, cameras and files of the lake",
    fullFlags: ["--sizes=4"],
  },
  "lake-bytes": { what: "bytes that Athena scans for five questions, beside a naive layout" },
  "motion-storm": { what: "a thousand motion starts within one second" },
  "object-model": { what: "the object model in its worker" },
  pandas: { what: "from notifications to a Parquet file, beside pandas" },
  parquet: { what: "rows of synthetic history to a Parquet file" },
  report: { what: "`doorstep report` over a month of a hundred cameras", nodeFlags: ["--liftoff-only"] },
  "start-session": { what: "a warm motion start through HTTP" },
  storage: { what: "a call of S3, SQS, SNS and DynamoDB, in process and through servers" },
  topic: { what: "from the topic to Parquet in the local cloud, with the whole stack" },
  transform: { what: "the transform of a batch of 500 notifications", isQuick: true },
  upload: { what: "`doorstep upload` of 50 and 200 MB, with ordinary and large frames" },
} as const satisfies Readonly<Record<string, Bench>>;

export type BenchName = keyof typeof BENCHES;

export const benchOf = (name: BenchName): Bench => BENCHES[name];
