import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { systemClock } from "../../base/clock.ts";
import { Events } from "../../local/events.ts";
import { LogFile } from "../../local/log-file.ts";

const folder = mkdtempSync(join(tmpdir(), "doorstep-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a full disk costs lines of a log, which is reported once until lines are written again", () => {
  const events = new Events(systemClock);
  const file = join(folder, "logs", "it.log");
  const log = new LogFile(file, events, "lambda");
  log.append("one");
  renameSync(file, `${file}.kept`);
  // Linux's device on which every write fails as on a full disk.
  symlinkSync("/dev/full", file);
  log.append("two");
  log.append("three");
  rmSync(file);
  renameSync(`${file}.kept`, file);
  log.append("four");
  expect(readFileSync(file, "utf8")).toBe("one\nfour\n");
  expect(events.matching(() => true)).toMatchObject([
    {
      service: "lambda",
      name: "write-failed",
      detail: { what: file, error: expect.stringContaining("ENOSPC") },
    },
  ]);
});
