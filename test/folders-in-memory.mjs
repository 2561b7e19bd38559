// Before the tests: puts their temporary folders into memory if there is room, since a cloud waits for the disk at each
// write.
import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";
const ROOM_BYTES = 2 ** 31;

function hasRoom() {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > ROOM_BYTES;
}

export default function foldersInMemory() {
  const folder = mkdtempSync(join(process.env.TMPDIR || !hasRoom() ? tmpdir() : MEMORY, "doorstep-tests-"));
  process.env.TMPDIR = folder;
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
}
