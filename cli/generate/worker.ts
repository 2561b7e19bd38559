// One of the threads that write a history: writes one range of hours after another until none is left.
import { parentPort, workerData } from "node:worker_threads";
import { errorMessage } from "../../base/errors.ts";
import { writeHours, type HourRange } from "./lake-files.ts";
import { openTarget } from "./target.ts";
import type { WorkerMessage, WorkerTask } from "./write-history.ts";

const { options, target } = workerData as WorkerTask;
const { put, close } = openTarget(target);
const port = parentPort!;
const post = (message: WorkerMessage) => port.postMessage(message);

port.on("message", (range: HourRange | "end") => {
  if (range !== "end") return void write(range);
  close();
  port.close();
});

async function write(range: HourRange): Promise<void> {
  try {
    const written = await writeHours(options, range, put, (rows) => post({ rows }));
    post({ written });
  } catch (error) {
    post({ failure: errorMessage(error) });
  }
}
