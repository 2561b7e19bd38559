import { Readable } from "node:stream";
import { isNamed } from "../base/errors.ts";
import { Footage } from "../operator/footage.ts";
import type { ConsoleCloud } from "./cloud.ts";
import type { Handlers } from "./handlers.ts";
import { registered } from "./cameras.ts";
import { ConsoleProblem } from "./problem.ts";

/** A fragment that begins before the interval may reach into it; fragments last at most 20 s (documented: quotas). */
const LONGEST_FRAGMENT_MS = 20_000;

export const clipHandlers = (cloud: ConsoleCloud): Pick<Handlers, "getClip"> => ({
  async getClip({ query: { camera, from, to } }, { signal }) {
    const { streamName } = await registered(camera, cloud);
    const footage = new Footage(streamName, cloud.config, cloud.clock);
    const gone = new ConsoleProblem(
      404,
      `${camera} has no video from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}`,
      "it was never uploaded, or is older than the stream's retention; npx doorstep coverage shows what there is",
    );
    let stream: Readable;
    try {
      const fragments = await footage.fragments({ fromMs: from - LONGEST_FRAGMENT_MS, toMs: to }, { signal });
      const starts = fragments
        .filter(({ startMs, durationMs }) => startMs + durationMs > from && startMs <= to)
        .map(({ startMs }) => startMs);
      if (starts.length === 0) throw gone;
      stream = await footage.clipStream(
        { fromMs: Math.min(...starts), toMs: Math.max(...starts) + 1 },
        signal,
      );
    } catch (error) {
      footage.close();
      if (isNamed(error, "ResourceNotFoundException")) throw gone;
      throw error;
    }
    stream.once("close", () => footage.close());
    return { stream };
  },
});
