import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

let answer: RequestListener;
/** One for all test files of a process, since the functions' clients read its address once. */
const endpoint = createServer((request, response) => {
  // No connection outlives the test file that made it.
  response.shouldKeepAlive = false;
  answer(request, response);
});

/**
 * Answers for AWS: functions that are imported after this call it.
 * @param variables the function's own
 */
export async function answerForAws(
  listener: RequestListener,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  answer = listener;
  if (!endpoint.listening) await once(endpoint.listen(0, "127.0.0.1").unref(), "listening");
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "tester",
    AWS_SECRET_ACCESS_KEY: "tester",
    POWERTOOLS_LOG_LEVEL: "SILENT",
    STACK_NAME: "doorstep-dev",
    ...variables,
  });
}
