import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { hello } from "../../local/hello/index.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { send } from "./signed-call.ts";

const Resources = {
  Morning: { Type: "Local::Hello::Greeting", Properties: { Name: "morning", Text: "Good morning" } },
};

let local: TestCloud;
beforeAll(async () => {
  local = await startTestCloud({ services: [hello], template: { Resources } });
});
afterAll(() => local.stop());

async function call(action: string, input: object): Promise<{ status: number; body: unknown }> {
  const headers = { "x-amz-target": `Hello_20260101.${action}` };
  const { status, text } = await send(local, "hello", "POST", "/", JSON.stringify(input), { headers });
  return { status, body: JSON.parse(text) };
}

test("creates the greetings of the template", async () => {
  expect(await call("GetGreeting", { Name: "morning" })).toMatchObject({
    status: 200,
    body: { Name: "morning", Text: "Good morning" },
  });
});

test("keeps a greeting and emits an event", async () => {
  const Arn = "arn:aws:hello:us-east-1:000000000000:greeting/evening";
  const put = await call("PutGreeting", { Name: "evening", Text: "Good evening" });
  expect(put).toEqual({ status: 200, body: { Arn } });
  expect(await call("GetGreeting", { Name: "evening" })).toMatchObject({ body: { Text: "Good evening" } });
  expect(local.cloud.events.matching(({ name }) => name === "greeting-put")).toHaveLength(1);
});

test.each([
  ["GetGreeting", { Name: "nobody" }, "ResourceNotFoundException"],
  ["GetGreeting", { Name: "" }, "ValidationException"],
  ["PutGreeting", { Name: "noon" }, "ValidationException"],
  ["DeleteGreeting", { Name: "morning" }, "UnknownOperationException"],
])("refuses %s of %j with %s", async (action, input, __type) => {
  expect(await call(action, input)).toMatchObject({ status: 400, body: { __type } });
});
