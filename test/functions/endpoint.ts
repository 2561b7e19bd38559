import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Lets a server answer for AWS: functions that are imported after this call it.
 * @param variables the function's own
 */
export async function answerForAws(
  server: Server,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "tester",
    AWS_SECRET_ACCESS_KEY: "tester",
    POWERTOOLS_LOG_LEVEL: "SILENT",
    STACK_NAME: "doorstep-dev",
    ...variables,
  });
}
