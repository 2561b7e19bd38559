import { describe, expect, test } from "@jest/globals";
import { handledTogether } from "../../../core/alerts/together.ts";

const detected = (count: number) => ({
  message: { kind: "detected" as const, detections: Array.from({ length: count }, () => ({})) },
});
const wake = { message: { kind: "wake" as const } };
const end = { message: { kind: "chain-ended" as const } };

const sizes = (...messages: Parameters<typeof handledTogether>[0]) =>
  handledTogether(messages).map((group) => group.length);

describe("the messages of a camera", () => {
  test("are one event as long as they are detections that follow one another", () => {
    const messages = [detected(1), detected(2), end, detected(1), detected(1), wake];
    expect(sizes(...messages)).toEqual([2, 1, 2, 1]);
    expect(handledTogether(messages).flat()).toEqual(messages);
  });

  test("are one event each if they are ends of motion or wake-ups", () => {
    expect(sizes(wake, wake, end, end)).toEqual([1, 1, 1, 1]);
  });

  test("have at most 100 detections together, and a message with more is alone", () => {
    expect(sizes(detected(60), detected(40), detected(1), detected(250), detected(1))).toEqual([2, 1, 1, 1]);
  });
});
