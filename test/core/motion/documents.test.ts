import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { documentsOf } from "../../../core/motion/documents.ts";
import { bodyOf, PICTURE, withPicture } from "./formats/samples.ts";

const TYPE = "multipart/form-data; boundary=b";

describe("the documents of a body", () => {
  test("are the body itself, without a byte order mark", () => {
    expect(documentsOf(bodyOf('{"a":1}', "application/json"))).toEqual(['{"a":1}']);
    expect(documentsOf(bodyOf("\uFEFF<a/>", "application/xml"))).toEqual(["<a/>"]);
    expect(documentsOf(bodyOf("<a/>"))).toEqual(["<a/>"]);
  });

  test("are the parts of a multipart body without its pictures", () => {
    expect(documentsOf(withPicture("<a/>"))).toEqual(["<a/>"]);
    const second = `--b\r\nContent-Type: image/jpeg\r\n\r\n${PICTURE.toString("latin1")}\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n`;
    expect(documentsOf(bodyOf(Buffer.from(second, "latin1"), TYPE))).toEqual(["x"]);
  });

  test.each([
    [
      "with a quoted boundary",
      "--b c\r\nContent-Type: a/b\r\n\r\nx\r\n--b c--",
      'multipart/mixed; boundary="b c"',
    ],
    ["of bare line feeds", "--b\nContent-Type: a/b\n\nx\n--b--\n", TYPE],
    ["without a Content-Disposition", "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--\r\n", TYPE],
    ["without a closing boundary", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx", TYPE],
    ["after a line break", "\r\n--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--\r\n", TYPE],
    [
      "whose content type has no boundary",
      "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--\r\n",
      "multipart/form-data",
    ],
    [
      "whose content type is another one",
      "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--\r\n",
      "application/xml",
    ],
  ])("are found in a multipart body %s, as firmware writes it", (_, text, contentType) => {
    expect(documentsOf(bodyOf(text, contentType))).toEqual(["x"]);
  });

  test("are at most 32, however many parts there are", () => {
    const many = "--b\r\nContent-Type: a/b\r\n\r\nx\r\n".repeat(50_000);
    expect(documentsOf(bodyOf(many, TYPE))).toHaveLength(32);
  });

  test("of texts in any number and order are those texts, whatever the pictures hold", () => {
    const part = fc.record({
      isPicture: fc.boolean(),
      text: fc
        .string({ minLength: 1, maxLength: 40 })
        .filter((text) => text.trim() !== "" && !/[\r\n\uFEFF]/.test(text)),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
        const bytes = Buffer.concat([
          ...parts.flatMap(({ isPicture, text }) => [
            Buffer.from(`--b\r\nContent-Type: ${isPicture ? "image/jpeg" : "text/plain"}\r\n\r\n`),
            isPicture ? PICTURE : Buffer.from(text),
            Buffer.from("\r\n"),
          ]),
          Buffer.from("--b--\r\n"),
        ]);
        const texts = documentsOf({ bytes, contentType: TYPE });
        expect(texts).toEqual(parts.filter(({ isPicture }) => !isPicture).map(({ text }) => text));
      }),
    );
  });

  test("of any bytes are found without a fault", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 500 }),
        fc.constantFrom(TYPE, "", undefined, "multipart/;;;"),
        (bytes, type) => {
          expect(Array.isArray(documentsOf({ bytes: Buffer.from(bytes), contentType: type }))).toBe(true);
        },
      ),
    );
  });
});
