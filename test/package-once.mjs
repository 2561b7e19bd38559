// Before the tests: packages the service, unless the last package was made from the same files.
import { ensurePackage } from "../demo/package-service.ts";

export default async function packageOnce() {
  const { release } = await ensurePackage();
  release();
}
