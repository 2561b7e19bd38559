// The local cloud that `npm run soak` kills: a process of its own, which its parent controls by messages.
import { startLocalCloud, TurnableClock } from "../../local/index.ts";
import type { Principal } from "../../local/iam/principal.ts";
import { AwsError } from "../../local/errors.ts";
import { artifactFolder, templateFile } from "../../demo/package-service.ts";
import type { Command, Report, SoakCloudOptions } from "./killable-cloud.ts";

const MEMORY_EVERY_MS = 1000;

const { offsetMs, ...options } = JSON.parse(process.argv[2]!) as SoakCloudOptions;
const report = (what: Report): void => void process.send?.(what);

const clock = new TurnableClock();
clock.offsetMs = offsetMs;
const local = await startLocalCloud({
  ...options,
  template: templateFile,
  artifactFolder,
  parameters: { LakeFirstDay: "2020-01-01", ApiRequestsPerSecond: 5000, ApiBurstRequests: 5000 },
  clock,
  objectModel: false,
});

/** Calls that are refused to everybody but the account's owner, `<action> <end of the resource>`. */
let refused: readonly string[] = [];
const { access, events } = local.cloud;
const authorise = access.authorise.bind(access);
access.authorise = (principal: Principal, action: string, resource: string) => {
  const isRefused = refused.some((one) => {
    const [itsAction, end = ""] = one.split(" ");
    return action === itsAction && resource.endsWith(end);
  });
  if (principal.kind !== "account" && isRefused)
    throw new AwsError("AccessDeniedException", `${action} on ${resource} is refused by the soak`, 403);
  authorise(principal, action, resource);
};
events.subscribe(({ service, name, detail }) => {
  if (name === "fault" || name === "set-aside" || name === "undelivered")
    report({ kind: "event", service, name, detail });
});

const memory = (): void => report({ kind: "memory", rssBytes: process.memoryUsage.rss() });
setInterval(memory, MEMORY_EVERY_MS).unref();
process.on("message", (command: Command) => {
  if (command.kind === "refuse") refused = command.calls;
  else clock.turn(command.durationMs);
  report({ kind: "done", id: command.id, offsetMs: clock.offsetMs });
});
process.on("disconnect", () => process.exit());
report({ kind: "open", endpoint: local.endpoint });
