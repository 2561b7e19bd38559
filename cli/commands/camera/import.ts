import { readFile } from "node:fs/promises";
import type { Clock } from "../../../base/clock.ts";
import { forEachConcurrently } from "../../../base/concurrency.ts";
import { errorMessage } from "../../../base/errors.ts";
import type { Fleet } from "../../../operator/fleet.ts";
import type { Camera } from "../../../schemas/camera.ts";
import { withBudgetMinutes } from "../../camera/budget.ts";
import { writeCredentials } from "../../camera/credentials-file.ts";
import { conflictOf, readRows, type ImportRow, type RowProblem } from "../../camera/import-rows.ts";
import { openFleet } from "../../camera/registry.ts";
import { AUTO, COLUMNS } from "../../camera/settings.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand } from "../../command.ts";
import { counted } from "../../text.ts";

const PARALLEL = 8;
/** Half of the 20 CreateStreamProcessor and DescribeStreamProcessor calls a second of an account (documented); sessions use the rest. */
const ONE_EVERY_MS = 100;

const FLAGS = {
  "credentials-file": {
    type: "string",
    value: "<file>",
    about:
      "write the cameras' credentials to this file, one JSON object per line, readable by its owner only",
  },
  "dry-run": { type: "boolean", about: "check the file and create nothing" },
  ...STACK_FLAG,
  ...CLOUD_FLAGS,
} as const;

const NOTES = `<file> is CSV (RFC 4180) with a header: cameraId and any of ${COLUMNS.slice(1, 6).join(", ")},
${COLUMNS.slice(6, 13).join(", ")},
${COLUMNS.slice(13).join(", ")} and tag:<key>.
Values have the format of camera add's flags, with semicolons between regions. Enclose a cell with a comma in quotes. An
empty cell means the default; for the engine, auto. All rows are checked first; the wrong ones are listed, and the others are
imported. A second run goes on with the missing cameras: a registered camera with the same values is skipped, one with other
values fails. Processors are not tried, because role and stream are the stack's own; try one with camera add. The exit code
is 1 if any row fails.

  npx doorstep camera import cameras.csv --credentials-file credentials.jsonl

  cameraId,labels,schedule,timeZone,tag:site
  front-door,"PERSON=80,PET",mon-fri 18:00-24:00,Europe/Berlin,north

Needs the permissions of camera add, and dynamodb:Scan.`;

export const cameraImport = defineCommand({
  name: "camera import",
  about: "Register the cameras of a CSV file",
  operands: ["<file>"],
  flags: FLAGS,
  notes: NOTES,
  async run({ flags, operands: [file], console, signal, clock }) {
    const text = await readFile(file!, "utf8").catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT" ? new Error(`there is no file ${file}`) : error;
    });
    const { rows, problems } = readRows(text);
    for (const { reason } of problems) console.note(console.style("red", reason));
    const outcome: Outcome = { added: [], existed: [], failed: [...problems] };
    if (!flags["dry-run"]) {
      const fleet = await openFleet(flags, clock);
      const onFailure = ({ reason }: RowProblem) => console.note(console.style("red", reason));
      const onProgress = (done: number) => console.progress(`${done} of ${rows.length} cameras`);
      const cameras = await importRows(rows, fleet, outcome, {
        signal,
        clock,
        onFailure,
        onProgress,
      });
      const credentialsFile = flags["credentials-file"];
      if (credentialsFile !== undefined) {
        await writeCredentials(credentialsFile, cameras, fleet);
        console.say(`${credentialsFile}: ${counted(cameras.length, "credential")}`);
      }
    }
    const { added, existed, failed } = outcome;
    const summary = { rows: rows.length + problems.length, ...outcome };
    const counts = `${added.length} added, ${existed.length} existed, ${failed.length} failed`;
    console.say(
      flags["dry-run"] ? `${counted(rows.length, "row")} valid, ${problems.length} invalid` : counts,
    );
    if (signal.aborted)
      throw Object.assign(new Error(`${reasonOf(signal)}; run it again for the rest`), { summary });
    if (failed.length > 0)
      throw Object.assign(new Error(`${failed.length} of ${summary.rows} rows failed`), { summary });
    console.result(summary);
  },
});

interface Outcome {
  readonly added: string[];
  readonly existed: string[];
  readonly failed: RowProblem[];
}

interface ImportOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly onFailure: (problem: RowProblem) => void;
  readonly onProgress: (done: number) => void;
}

/** Adds the missing cameras. @returns the registered cameras, in the order of the rows; a row that fails does not throw */
async function importRows(
  rows: readonly ImportRow[],
  fleet: Fleet,
  { added, existed, failed }: Outcome,
  { signal, clock, onFailure, onProgress }: ImportOptions,
): Promise<Camera[]> {
  const registered = new Map((await fleet.list()).map((camera) => [camera.cameraId, camera]));
  const isRegistered = ({ cameraId }: ImportRow) => registered.has(cameraId);
  const fail = ({ line, cameraId }: ImportRow, reason: string) => {
    failed.push({ line, cameraId, reason });
    onFailure({ line, cameraId, reason });
  };
  for (const row of rows.filter(isRegistered)) {
    const conflict = conflictOf(row, registered.get(row.cameraId)!);
    if (conflict === undefined) existed.push(row.cameraId);
    else fail(row, conflict);
  }
  const missing = rows.filter((row) => !isRegistered(row));
  let done = rows.length - missing.length;
  const addRow = async (row: ImportRow): Promise<void> => {
    if (signal.aborted) return;
    const { line, cameraId, settings, retentionHours } = row;
    try {
      const { camera } = await fleet.add(
        { engine: AUTO, cameraId, ...settings },
        { retentionHours, complete: withBudgetMinutes },
      );
      registered.set(cameraId, camera);
    } catch (error) {
      fail(row, `line ${line}: ${cameraId}: ${errorMessage(error)}`);
    }
    onProgress(++done);
  };
  await forEachConcurrently(missing, { limit: PARALLEL, everyMs: ONE_EVERY_MS, clock }, addRow);
  added.push(...missing.filter(isRegistered).map(({ cameraId }) => cameraId));
  return rows.flatMap(({ cameraId }) => registered.get(cameraId) ?? []);
}

const reasonOf = ({ reason }: AbortSignal): string =>
  reason instanceof Error ? reason.message : "interrupted";
