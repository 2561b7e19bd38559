// One of the threads that write a history: takes stretches of hours until there is none left.
import { parentPort, workerData } from "node:worker_threads";
import { errorMessage } from "../../base/errors.ts";
import { writeHours } from "./lake-files.ts";
import { openTarget } from "./target.ts";
import type { Stretch, WorkerMessage, WorkerTask } from "./write-history.ts";

const { options, target } = workerData as WorkerTask;
const { put, close } = openTarget(target);
const port = parentPort!;
const tell = (message: WorkerMessage) => port.postMessage(message);

port.on("message", (stretch: Stretch | "end") => {
  if (stretch !== "end") return void write(stretch);
  close();
  port.close();
});

async function write(stretch: Stretch): Promise<void> {
  try {
    const written = await writeHours(options, stretch, put, (rows) => tell({ rows }));
    tell({ written });
  } catch (error) {
    tell({ failure: errorMessage(error) });
  }
}
