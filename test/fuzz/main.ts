// Schemathesis, a fuzzer for OpenAPI descriptions, against the motion API and the console of the local cloud:
// `npm run test:fuzz`. Its program `st` must be on the PATH (`pip install schemathesis`), which is why this is no part of
// `npm test`.
import { packageService } from "../../demo/package-service.ts";
import { startStack } from "../local/stack.ts";
import { fuzzConsole } from "./console.ts";
import { fuzzMotionApi } from "./motion-api.ts";

await packageService();
const stack = await startStack();
try {
  await fuzzMotionApi(stack);
  await fuzzConsole(stack);
} finally {
  await stack.stop();
}
