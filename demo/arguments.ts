import { parseArgs } from "node:util";
import { errorMessage } from "../base/errors.ts";
import { OperatorError } from "../local/errors.ts";

export const HELP = `Doorstep on this machine: packages the service, boots the local cloud from the compiled
template, and takes video all the way from PutMedia and a motion webhook to answers in SQL.

Usage: npm start -- [options] [video …]

  video …            your own MP4, MOV or MKV files with H.264 video; two sample clips unless given.
                     A <video>.labels.json beside a file says what is in it; else moving regions are found.

  --exit             end once the answers are printed, instead of staying up to be played with
  --json             progress on stderr, and the outcome as one JSON object on the last line of stdout
  --aws-port <n>     port of the AWS endpoint (default 4566; 0 for any free one)
  --http-port <n>    port of the motion API (default 3000; 0 for any free one)
  --data <folder>    where all state lies, over restarts too (default .doorstep)
  --verbose          show what functions log
  --help             show this`;

export interface DemoArguments {
  readonly videos: readonly string[];
  readonly exit: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
  readonly awsPort: number;
  readonly httpPort: number;
  readonly dataFolder: string;
}

/** @throws OperatorError for an unknown option or a port that is none */
export function parseDemoArguments(args: readonly string[]): DemoArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        exit: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        "aws-port": { type: "string", default: "4566" },
        "http-port": { type: "string", default: "3000" },
        data: { type: "string", default: ".doorstep" },
      },
    });
    return {
      videos: positionals,
      exit: values.exit,
      json: values.json,
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

function port(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new Error(`${option} is ${text}; expected 0..65535`);
  return Number(text);
}
