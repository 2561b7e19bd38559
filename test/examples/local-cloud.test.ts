import { expect, test } from "@jest/globals";
import { main } from "../../examples/local-cloud.ts";

test("the example for the local cloud reads its detection back from the lake", async () => {
  expect(await main()).toEqual([
    ["camera_id", "label"],
    ["front-door", "PERSON"],
  ]);
});
