// Before the tests: packages the service, unless the last package was made here from the same files.
import { createHash } from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { artifactFolder, packageService } from "../demo/package-service.ts";

const root = join(import.meta.dirname, "..");
const INPUTS = [
  "serverless.yml",
  "package-lock.json",
  "{aws,base,core,engines,functions,local/template,resources,schemas}/**/*.{ts,js,yml,sql}",
  "uploader/ec2/*",
  "tools/*.js",
];
// Serverless empties the folder when it packages: any other package has no such file.
const madeFromFile = join(artifactFolder, "made-from.sha256");

function inputsHash() {
  const hash = createHash("sha256");
  for (const file of globSync(INPUTS, { cwd: root }).toSorted())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

function madeFrom() {
  try {
    return readFileSync(madeFromFile, "utf8");
  } catch {
    return undefined;
  }
}

export default async function packageOnce() {
  const inputs = inputsHash();
  if (madeFrom() === inputs) return;
  await packageService();
  writeFileSync(madeFromFile, inputs);
}
