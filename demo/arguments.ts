import { parseArgs } from "node:util";
import { errorMessage } from "../base/errors.ts";
import { OperatorError } from "../local/errors.ts";
import { LABEL_ENGINES, type EngineName } from "../schemas/engine.ts";
import { readAlertAddress, type AlertAddress } from "./alert-address.ts";
import type { FacesArguments } from "./faces.ts";

export const HELP = `Runs Doorstep on this machine: packages the service, starts the local cloud from the compiled template, uploads
video with PutMedia, sends motion webhooks, and queries the detections with SQL.

Usage: npm start -- [options] [video …]

  video …            MP4, MOV or MKV files with H.264 video; by default two sample clips.
                     A <video>.labels.json beside a file lists the objects in it; without one, an object model looks for
                     persons, cats and dogs, and for stream-processor also a heuristic for parcels.

  --engine <name>    analyse every video with this engine: frames or stream-processor. By default, each sample clip is
                     analysed by one of them, and a video of your own by both, with a camera each
  --alert <address>  send an alert with a picture for each motion: https://ntfy.sh/<your topic>, an incoming webhook of
                     Slack, a webhook of Home Assistant, mailto:<you>, or a receiver of Standard Webhooks, e.g. that of
                     node examples/alert-receiver.ts
  --faces <folder>   enrol the persons of these pictures (Ada Lovelace.jpg, ada-lovelace-2.png, Ada Lovelace/3.jpg), search faces
                     in the video with the engine frames, and show who came. Nobody is enrolled without consent:
  --consent <wording> --given-by <who>
                     everybody in the pictures has agreed to this wording, e.g. 2026-11, which npx doorstep faces consent
                     prints; or --consents <file.csv>, with a consent per name
  --exit             end after the queries; by default the local cloud keeps running
  --no-demo          start the local cloud alone
  --replay           analyse videos again that the data folder has results of; by default only their results are shown
  --json             print progress on stderr, and the result as one JSON object on the last line of stdout
  --no-eyes          do without the object model: detect only what labels files list
  --aws-port <n>     port of the AWS endpoint (default 4566; 0 for any free port)
  --http-port <n>    port of the motion API (default 3000; 0 for any free port)
  --data <folder>    folder of all state, kept over restarts (default .doorstep)
  --verbose          print the functions' logs
  --help             show this help

While it runs, npx doorstep <command> --local works with it, in any other terminal in this folder.`;

export interface DemoArguments {
  readonly videos: readonly string[];
  /** The engine of all videos; by default both are used. */
  readonly engine: EngineName | undefined;
  /** Where alerts are sent; by default nowhere. */
  readonly alert: AlertAddress | undefined;
  /** Whom to enrol; by default nobody, and faces are not searched. */
  readonly faces: FacesArguments | undefined;
  readonly exit: boolean;
  readonly noDemo: boolean;
  readonly replay: boolean;
  readonly json: boolean;
  readonly eyes: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
  readonly awsPort: number;
  readonly httpPort: number;
  readonly dataFolder: string;
}

/** @throws OperatorError for an unknown option, an invalid port or options that exclude each other */
export function parseDemoArguments(args: readonly string[]): DemoArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        engine: { type: "string" },
        alert: { type: "string" },
        faces: { type: "string" },
        consent: { type: "string" },
        "given-by": { type: "string" },
        consents: { type: "string" },
        exit: { type: "boolean", default: false },
        "no-demo": { type: "boolean", default: false },
        replay: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        "no-eyes": { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        "aws-port": { type: "string", default: "4566" },
        "http-port": { type: "string", default: "3000" },
        data: { type: "string", default: ".doorstep" },
      },
    });
    const ofDemo = [values.engine, values.alert, values.faces, values.replay || undefined, positionals[0]];
    if (values["no-demo"] && ofDemo.some((one) => one !== undefined))
      throw new Error(
        "--no-demo analyses no video; leave it out, or leave out --engine, --alert, --faces, --replay and the videos",
      );
    if (values.data === "") throw new Error("--data is empty; expected a folder");
    const engine = engineNamed(values.engine);
    const faces = facesOf(values);
    if (faces && engine === "stream-processor")
      throw new Error(
        "--engine stream-processor cannot search faces; leave it out, and --faces uses the engine frames",
      );
    if (faces && values["no-eyes"])
      throw new Error("--no-eyes leaves out the model that finds faces; leave it out, or leave out --faces");
    return {
      videos: positionals,
      engine,
      alert: values.alert === undefined ? undefined : readAlertAddress(values.alert),
      faces,
      exit: values.exit,
      noDemo: values["no-demo"],
      replay: values.replay,
      json: values.json,
      eyes: !values["no-eyes"],
      verbose: values.verbose,
      help: values.help,
      awsPort: port("--aws-port", values["aws-port"]),
      httpPort: port("--http-port", values["http-port"]),
      dataFolder: values.data,
    };
  } catch (error) {
    throw new OperatorError(`${errorMessage(error)}\nSee npm start -- --help`);
  }
}

interface FacesValues {
  readonly faces?: string | undefined;
  readonly consent?: string | undefined;
  readonly "given-by"?: string | undefined;
  readonly consents?: string | undefined;
}

function facesOf({
  faces: folder,
  consent,
  "given-by": givenBy,
  consents,
}: FacesValues): FacesArguments | undefined {
  if (folder === "") throw new Error("--faces is empty; expected a folder of pictures");
  if (folder !== undefined) return { folder, consent, givenBy, consents };
  if ([consent, givenBy, consents].some((one) => one !== undefined))
    throw new Error("a consent needs pictures; expected --faces with a folder of them as well");
  return undefined;
}

function engineNamed(text: string | undefined): EngineName | undefined {
  const engine = LABEL_ENGINES.find((name) => name === text);
  if (text !== undefined && !engine)
    throw new Error(`--engine is ${text || "empty"}; expected ${LABEL_ENGINES.join(" or ")}`);
  return engine;
}

function port(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new Error(`${option} is ${text}; expected 0..65535`);
  return Number(text);
}
