// An esbuild plugin that moves source maps out of the functions' zips, which load faster without them, into
// .serverless/source-maps, for reading stack traces.
import { mkdir, rename } from "node:fs/promises";
import { join, parse } from "node:path";

export default (serverless) => [
  {
    name: "source-maps",
    setup({ initialOptions, onEnd }) {
      const { entryPoints, outdir, outExtension } = initialOptions;
      const folder = join(serverless.serviceDir, ".serverless", "source-maps");
      onEnd(async ({ errors }) => {
        if (errors.length > 0) return;
        await mkdir(folder, { recursive: true });
        for (const file of entryPoints.map((entry) => `${parse(entry).name}${outExtension[".js"]}.map`))
          await rename(join(outdir, file), join(folder, file));
      });
    },
  },
];
