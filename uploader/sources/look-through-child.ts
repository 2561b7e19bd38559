// The process of `look-through.ts`: reads each file that it is told of, and says now and then that it is alive.
import { Logging, LogLevel } from "mediabunny";
import { openWithoutLooking } from "./file.ts";

const SIGN_OF_LIFE_MS = 100;

const say = (word: "alive" | "done") => process.send?.(word);

Logging.level = LogLevel.Silent;
process.on("message", (file: string) => {
  const signs = setInterval(() => say("alive"), SIGN_OF_LIFE_MS);
  void openWithoutLooking(file)
    .then((clip) => clip.close())
    // What is wrong with the file, whoever reads it next finds out and tells.
    .catch(() => {})
    .finally(() => {
      clearInterval(signs);
      say("done");
    });
});
// Ctrl+C is for the process that asked, which ends this one.
process.on("SIGINT", () => {});
say("alive");
