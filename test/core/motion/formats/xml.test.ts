import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readXml } from "../../../../core/motion/formats/xml.ts";
import { UnreadableBody } from "../../../../core/motion/formats/reading.ts";

const problemOf = (text: string): string => {
  try {
    readXml(text);
  } catch (error) {
    if (error instanceof UnreadableBody) return error.message;
    throw error;
  }
  return "read";
};

describe("an XML document", () => {
  test("is read by local names, with attributes and text", () => {
    expect(
      readXml('\n<?xml version="1.0"?><a:x xmlns:a="u" a:n="1">t<y><![CDATA[<]]>&amp;</y></a:x>'),
    ).toEqual({
      name: "x",
      attributes: { a: "u", n: "1" },
      text: "t",
      children: [{ name: "y", attributes: {}, text: "<&", children: [] }],
    });
  });

  test.each([
    ["an external entity", '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>', /DOCTYPE/],
    ["entities of entities", '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>', /DOCTYPE/],
    ["an external DTD", '<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>', /DOCTYPE/],
    ["an unknown entity", "<a>&nbsp;</a>", /not well-formed/],
    ["33 levels", "<a>".repeat(33), /over 32 levels/],
    ["2001 elements", `<a>${"<b/>".repeat(2000)}</a>`, /2000 elements/],
    ["too many characters", `<a>${"x".repeat(300_000)}</a>`, /over 262144 characters/],
    ["an open tag", "<a>", /not well-formed/],
    ["two roots", "<a/><b/>", /not well-formed/],
    ["no element", "<!-- -->", /not well-formed/],
    ["no XML", '{"a":1}', /^is not XML$/],
  ])("with %s is refused", (_, text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });

  test("of any text is read or refused, and never a fault", () => {
    const piece = fc.constantFrom(
      "<a>",
      "</a>",
      "<",
      ">",
      "&",
      "&lt;",
      "<![CDATA[",
      "]]>",
      "<!--",
      "<?x",
      "__proto__",
      ' b="',
      "\0",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 30 }), (all) => {
        expect(typeof problemOf(`<${all.join("")}`)).toBe("string");
      }),
    );
  });
});
