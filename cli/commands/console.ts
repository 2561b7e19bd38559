import { openConsole } from "../../console/server.ts";
import { clientConfig, CLOUD_FLAGS, STACK_FLAG } from "../cloud.ts";
import { defineCommand, UsageError } from "../command.ts";

const FLAGS = {
  port: {
    type: "string",
    value: "<n>",
    about: "port on 127.0.0.1; by default 4580, or any free one where that is in use",
  },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `Serves the console on this machine alone, with your credentials, until Ctrl+C. The printed address has a token: anyone who has it
can do in the console what your credentials allow.

  npx doorstep console --local
  npx doorstep console --stack doorstep-prod --region eu-west-1

On AWS it reads the lake's files from S3 and calls the stack's tables, and while a page is open it lists the lake every 5
seconds: about $0.02 an hour. docs/console.md lists the permissions that each screen needs.`;

export const consoleCommand = defineCommand({
  name: "console",
  about: "Serve the console: a page with motions, days, cameras, queries and failures",
  operands: [],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, console, signal, clock }) {
    const port = flags.port === undefined ? undefined : readPort(flags.port);
    const isLocal = flags.local || flags.data !== undefined;
    const opened = await openConsole({
      config: clientConfig(flags),
      stack: flags.stack,
      isLocal,
      port,
      clock,
    });
    try {
      console.say(`Console  ${opened.url}`);
      console.say("Ctrl+C stops it.");
      console.result({ url: opened.url });
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    } finally {
      await opened.close();
    }
  },
});

/** @throws UsageError for text that is no port */
function readPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new UsageError(`--port is ${text}; expected 0 to 65535`);
  return Number(text);
}
