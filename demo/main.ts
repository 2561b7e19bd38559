// `npm start`: the main job, whole. The service is packaged, the local cloud boots from the compiled template, and
// video goes from PutMedia and a motion webhook to answers in SQL, through the AWS APIs alone.
import { systemClock } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import { HELP, parseDemoArguments } from "./arguments.ts";
import { clipsOf } from "./clips.ts";
import { Console } from "./console.ts";
import { packageService } from "./package-service.ts";

/** Errors whose message says what to do; a stack would only hide it. */
const TELLING: ReadonlySet<string> = new Set(["OperatorError", "SourceError", "PutMediaError"]);

async function main(): Promise<void> {
  const startedAtMs = systemClock.now();
  const demoArguments = parseDemoArguments(process.argv.slice(2));
  if (demoArguments.help) return void process.stdout.write(`${HELP}\n`);
  const out = new Console(demoArguments.json ? process.stderr : process.stdout);
  const clips = clipsOf(demoArguments.videos);
  out.say(out.bold("Doorstep: from camera motion to SQL"));
  await out.step("The Serverless Framework packaged the service", packageService);
  // Loaded only now, so that the local cloud and the packager never take memory at the same time.
  const { run } = await import("./run.ts");
  await run(demoArguments, clips, startedAtMs, out);
}

try {
  await main();
} catch (error) {
  const { name, message, stack } = asError(error);
  process.stderr.write(`${TELLING.has(name) ? message : stack}\n`);
  process.exitCode = 1;
}
