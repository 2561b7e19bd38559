import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readAcks } from "../../uploader/acks.ts";
import type { Ack } from "../../uploader/acks.ts";

async function acks(text: string, sizes: readonly number[] = [text.length]): Promise<Ack[]> {
  const bytes = new TextEncoder().encode(text);
  async function* chunks() {
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length]!;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  const found: Ack[] = [];
  for await (const ack of readAcks(chunks())) found.push(ack);
  return found;
}

const response =
  '{"EventType":"BUFFERING","FragmentTimecode":5000,"FragmentNumber":"9134385233318150666"}\r\n' +
  '{"Acknowledgement":{"EventType":"RECEIVED","FragmentTimecode":5000,"FragmentNumber":"9134385233318150666"}}' +
  '{"EventType":"IDLE"}\n\n' +
  '{"EventType":"ERROR","FragmentTimecode":7000,"ErrorId":4004,"ErrorCode":"a \\"}{\\" \u00e9 code"}\n';
const expected: Ack[] = [
  { eventType: "BUFFERING", fragmentTimecode: 5000, fragmentNumber: "9134385233318150666" },
  { eventType: "RECEIVED", fragmentTimecode: 5000, fragmentNumber: "9134385233318150666" },
  { eventType: "IDLE" },
  { eventType: "ERROR", fragmentTimecode: 7000, errorId: 4004, errorCode: 'a "}{" \u00e9 code' },
];

describe("readAcks", () => {
  test("reads flat and wrapped acknowledgements, with any white space between them", async () => {
    expect(await acks(response)).toEqual(expected);
  });

  test("reads the same acknowledgements however the response is split into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), async (sizes) => {
        expect(await acks(response, sizes)).toEqual(expected);
      }),
    );
  });

  test.each([
    ["text", "<html>}", 'expected a JSON acknowledgement, got "<html>}"'],
    ["an unknown event", '{"EventType":"DONE"}', 'EventType is "DONE"; expected BUFFERING, RECEIVED'],
    ["half an object", '{"EventType":', "the response ends inside an acknowledgement"],
    ["an endless object", `{"x":"${"y".repeat(20_000)}`, "an acknowledgement of more than 16384 characters"],
  ])("refuses %s", async (_, text, message) => {
    await expect(acks(text)).rejects.toMatchObject({
      name: "InvalidAckError",
      message: expect.stringContaining(message),
    });
  });

  test("reads any text as acknowledgements, or throws an InvalidAckError", async () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom("{", "}", '"', "\\", '{"EventType":"IDLE"}', "null", "[]"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece), async (pieces) => {
        const error = await acks(pieces.join("")).then(
          () => undefined,
          (caught: unknown) => caught,
        );
        if (error !== undefined) expect(error).toMatchObject({ name: "InvalidAckError" });
      }),
    );
  });
});
