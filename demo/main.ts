// `npm start`: packages the service, starts the local cloud from the compiled template, and takes video from PutMedia and
// motion webhooks to query results in SQL, through the AWS APIs only.
import { systemClock } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import { refuseFolderInUse } from "../local/folder-lock.ts";
import { refusePortInUse } from "../local/endpoint.ts";
import { missingFaceModel, missingModel } from "../local/rekognition/detection/model/packages.ts";
import { HELP, parseDemoArguments } from "./arguments.ts";
import { analysable, checkClips, clipsOf } from "./clips.ts";
import { Console } from "./console.ts";
import { checkFaces } from "./faces.ts";
import { ensurePackage } from "./package-service.ts";

/** Errors with a message that says what to do, printed without a stack trace. */
const WITHOUT_STACK: ReadonlySet<string> = new Set(["OperatorError", "SourceError", "PutMediaError"]);

async function main(): Promise<void> {
  const startedAtMs = systemClock.now();
  const demoArguments = parseDemoArguments(process.argv.slice(2));
  if (demoArguments.help) return void process.stdout.write(`${HELP}\n`);
  const { videos, engine, faces, eyes, noDemo, dataFolder, awsPort, httpPort } = demoArguments;
  const out = new Console(demoArguments.json ? process.stderr : process.stdout);
  const { clips, leftOut } = analysable(
    noDemo ? [] : clipsOf(videos, engine, { searchesFaces: faces !== undefined }),
    missingModel(eyes),
  );
  if (faces) await checkFaces(faces, missingFaceModel(true));
  refuseFolderInUse(dataFolder);
  await refusePortInUse(awsPort, "AWS endpoint", "--aws-port");
  await refusePortInUse(httpPort, "HTTP API", "--http-port");
  const notices = videos.length > 0 ? await checkClips(clips) : [];
  out.say(out.bold("Doorstep: from camera motion to SQL"));
  for (const notice of [...leftOut, ...notices]) out.say(`  ${notice}`);
  const packaged = await out.step(
    "The Serverless Framework packaged the service",
    () => ensurePackage(),
    ({ isReused }) => (isReused ? out.dim("earlier, from the same files") : ""),
  );
  // Loaded only now, so that the local cloud and the packager do not use memory at the same time.
  const { run } = await import("./run.ts");
  await run(demoArguments, clips, packaged, startedAtMs, out);
}

try {
  await main();
} catch (error) {
  const { name, message, stack } = asError(error);
  process.stderr.write(`${WITHOUT_STACK.has(name) ? message : stack}\n`);
  process.exitCode = 1;
}
