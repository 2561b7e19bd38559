import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A function as the service packages it. */
export interface Bundle {
  readonly bytes: number;
  /** Source files that esbuild read for it. */
  readonly inputs: readonly string[];
  readonly code: Uint8Array;
  /** AWS SDK clients in it, without `@aws-sdk/client-`. */
  readonly clients: readonly string[];
  readonly packages: readonly string[];
  /** Bytes of the bundle that came from each package, `.` being our own code; most first. */
  readonly bytesOf: readonly (readonly [name: string, bytes: number])[];
}

/**
 * Bundles a function with the options of serverless.yml.
 * @param file without its ending, e.g. `functions/transform`
 */
export async function bundleOf(file: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [`${file}.ts`],
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    outfile: "bundle.mjs",
    write: false,
    metafile: true,
  });
  const sums = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(metafile.outputs["bundle.mjs"]!.inputs))
    if (bytesInOutput > 0) sums.set(packageOf(path), (sums.get(packageOf(path)) ?? 0) + bytesInOutput);
  const packages = [...sums.keys()].filter((name) => name !== ".").toSorted();
  return {
    bytes: outputFiles[0]!.contents.length,
    inputs: Object.keys(metafile.inputs),
    code: outputFiles[0]!.contents,
    clients: packages
      .filter((name) => name.startsWith("@aws-sdk/client-"))
      .map((name) => name.replace("@aws-sdk/client-", "")),
    packages,
    bytesOf: [...sums].toSorted(([, one], [, other]) => other - one),
  };
}

/** `node_modules/@aws-sdk/client-sqs/dist-es/x.js` is `@aws-sdk/client-sqs`; the innermost where they are nested. */
function packageOf(path: string): string {
  const inside = path.split("node_modules/").at(-1)!;
  if (inside === path) return ".";
  const [scope = "", name = ""] = inside.split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
}
