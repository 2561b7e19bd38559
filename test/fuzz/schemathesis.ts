import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Checks that hold for every API here. */
export const CHECKS: readonly string[] = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "ignored_auth",
];

interface Run {
  /** The OpenAPI file. */
  readonly description: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** By security scheme, for which schemathesis also sends none and wrong ones. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Parameters that have one value, e.g. `path.cameraId`. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly checks: readonly string[];
  readonly flags?: readonly string[];
  readonly maxSeconds: number;
}

/** With the same number, the same examples are drawn. */
const seed = process.env["DOORSTEP_SEED"];

/** Calls an API by its description, with what fits it and what does not. @throws Error when a check fails */
export async function fuzz(name: string, run: Run): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-fuzz-"));
  const config = join(folder, "schemathesis.toml");
  const parameters = Object.entries(run.parameters ?? {}).map(([key, value]) => `"${key}" = "${value}"`);
  const keys = Object.entries(run.keys ?? {}).map(
    ([scheme, key]) => `[auth.openapi.${scheme}]\napi_key = "${key}"`,
  );
  writeFileSync(config, ["[parameters]", ...parameters, ...keys, ""].join("\n"));
  const headers = Object.entries(run.headers).flatMap(([key, value]) => ["--header", `${key}: ${value}`]);
  const limits = [
    "--max-time",
    String(run.maxSeconds),
    "--phases",
    "coverage,fuzzing",
    "--warnings",
    "off",
    // How many examples do not fit a form of several parts depends on chance.
    "--suppress-health-check",
    "filter_too_much",
    ...(seed === undefined ? [] : ["--seed", seed]),
    ...(run.flags ?? []),
  ];
  try {
    const child = spawn(
      "st",
      [
        "--config-file",
        config,
        "run",
        run.description,
        "--url",
        run.url,
        ...headers,
        ...limits,
        "--checks",
        run.checks.join(","),
      ],
      { cwd: folder, stdio: ["ignore", "inherit", "inherit"] },
    );
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`schemathesis ended with ${code} for ${name}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
