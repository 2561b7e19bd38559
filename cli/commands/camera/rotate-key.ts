import { DAY_MS } from "../../../base/durations.ts";
import { credentialLines, credentialsOf, keyText, openFleet, registered } from "../../camera/registry.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { iso, readDuration } from "../../text.ts";

const MAX_OVERLAP_MS = 90 * DAY_MS;

const FLAGS = {
  overlap: {
    type: "string",
    value: "<duration>",
    default: "24h",
    about: "how long the previous key stays valid, e.g. 90s, 15m, 24h, 7d; 0 revokes it at once",
  },
  force: { type: "boolean", about: "rotate although the previous key is still valid, and revoke that one" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `The new credential is shown once; camera show --credentials shows it again. While the previous key is valid, another
rotation would lock out a camera that does not have the new one yet, so it is refused. --overlap 0, for a leaked key,
rotates nevertheless and revokes both previous keys.

  npx doorstep camera rotate-key front-door --overlap 7d
  npx doorstep camera rotate-key front-door --overlap 0

Needs cloudformation:DescribeStacks, dynamodb:GetItem and UpdateItem, and secretsmanager:GetSecretValue.`;

export const cameraRotateKey = defineCommand({
  name: "camera rotate-key",
  about: "Give a camera a new credential; the previous one stays valid for a while",
  operands: ["<id>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [id], console, clock }) {
    const overlapMs = readDuration("--overlap", flags.overlap);
    if (overlapMs > MAX_OVERLAP_MS)
      throw new UsageError(`--overlap is ${flags.overlap}; expected at most 90d`);
    const fleet = await openFleet(flags, clock);
    const before = await registered(fleet, id!, flags.stack);
    const nowMs = clock.now();
    const { cameraId, keyVersion, previousKeyUntilMs } = before;
    if (overlapMs > 0 && !flags.force && previousKeyUntilMs !== undefined && previousKeyUntilMs > nowMs)
      throw new Error(
        `${cameraId}'s key was rotated to version ${keyVersion}, and version ${keyVersion - 1} is valid until ${iso(previousKeyUntilMs)}; ` +
          `another rotation would revoke it at once. Use --force to rotate nevertheless, or npx doorstep camera show ${cameraId} --credentials for the new one`,
      );
    const next = {
      keyVersion: keyVersion + 1,
      previousKeyUntilMs: overlapMs > 0 ? nowMs + overlapMs : undefined,
    };
    await fleet.change(before, next);
    const camera = { ...before, ...next };
    const credentials = await credentialsOf(fleet, camera);
    console.say(`${cameraId}: key rotated, ${keyText(camera, nowMs)}`);
    console.say();
    for (const line of credentialLines(credentials)) console.say(line);
    console.result({ camera, credentials });
  },
});
