// Before the tests: packages the service, unless the last package is newer than everything it is made from.
import { globSync, statSync } from "node:fs";
import { packageService, templateFile } from "../demo/package-service.ts";

const SOURCES = [
  "serverless.yml",
  "package-lock.json",
  "{functions,core,aws,schemas,resources}/**/*.{ts,js,yml,sql}",
  "uploader/ec2/*",
  "tools/*.js",
];

const changedAtMs = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

export default async function packageOnce() {
  const newestMs = Math.max(...globSync(SOURCES).map(changedAtMs));
  if (newestMs > changedAtMs(templateFile)) await packageService();
}
