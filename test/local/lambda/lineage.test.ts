import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { invocationsOf, longestChain, nextTraceHeader, readLineage } from "../../../local/lambda/lineage.ts";

const DRIVE = "arn:aws:lambda:us-east-1:000000000000:function:drive";
const CLOSE = "arn:aws:lambda:us-east-1:000000000000:function:close";

describe("the lineage of a chain of invocations", () => {
  test("begins at one, with a root in X-Ray's form", () => {
    const header = nextTraceHeader(undefined, DRIVE);
    expect(header).toMatch(
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=[0-9a-f]{8}:1$/,
    );
    expect(invocationsOf(header, DRIVE)).toBe(1);
    expect(invocationsOf(header, CLOSE)).toBe(0);
  });

  test("keeps the root, and counts each function by itself", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(DRIVE, CLOSE), { minLength: 1, maxLength: 60 }), (invoked) => {
        let header: string | undefined;
        for (const arn of invoked) header = nextTraceHeader(header, arn);
        const root = /Root=[^;]+/.exec(header!)![0];
        expect(nextTraceHeader(header, DRIVE)).toContain(root);
        for (const arn of [DRIVE, CLOSE])
          expect(invocationsOf(header, arn)).toBe(invoked.filter((one) => one === arn).length);
      }),
    );
  });

  test.each([
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    "Lineage=",
    "Lineage=nonsense|a87bd80c:|:3|a87bd80c:1234567",
    "",
  ])("is empty where a header has none that can be read: %j", (header) => {
    expect(readLineage(header)).toEqual(new Map());
  });

  test("reads the form of X-Ray's guide", () => {
    const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a87bd80c:1|68fd508a:5|c512fbe3:2";
    expect(Object.fromEntries(readLineage(header))).toEqual({ a87bd80c: 1, "68fd508a": 5, c512fbe3: 2 });
  });

  test("of a batch is that of its longest chain", () => {
    const once = nextTraceHeader(undefined, DRIVE);
    const twice = nextTraceHeader(once, DRIVE);
    expect(longestChain([once, undefined, twice], DRIVE)).toBe(twice);
    expect(longestChain([undefined], DRIVE)).toBeUndefined();
  });
});
