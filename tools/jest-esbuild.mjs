// Jest runs TypeScript through the bundler that the service itself is built with.
import { createHash } from "node:crypto";
import { transformSync, version } from "esbuild";

const options = { loader: "ts", format: "esm", target: "node24", sourcemap: "inline" };

export default {
  process: (source, sourcefile) => ({ code: transformSync(source, { ...options, sourcefile }).code }),
  getCacheKey: (source, path, { instrument }) =>
    createHash("sha1").update([version, path, instrument, source].join("\0")).digest("hex"),
};
