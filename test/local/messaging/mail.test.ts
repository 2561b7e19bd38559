import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { mailFile } from "../../../local/messaging/outside/mail.ts";

const mail = {
  to: "ann@example.com",
  from: "Doorstep",
  subject: "hello",
  messageId: "1",
  atMs: Date.parse("2026-11-30T10:15:00Z"),
  text: "text",
};

/** The headers, unfolded, and the lines of the body. */
function read(file: string) {
  const [head = "", ...rest] = file.split("\r\n\r\n");
  const headers = head.replaceAll(/\r\n[ \t]/g, " ").split("\r\n");
  return { headers, body: rest.join("\r\n\r\n") };
}

const decodeWords = (value: string): string =>
  value
    .replaceAll(/\?= =\?/g, "?==?")
    .replaceAll(/=\?UTF-8\?B\?([^?]*)\?=/g, (_all, word: string) =>
      Buffer.from(word, "base64").toString("utf8"),
    );

test("a subject of any characters stays one header, and is read as it was", () => {
  const subject = fc.string({ unit: "grapheme", maxLength: 100 }).filter((one) => !/\p{Cc}/u.test(one));
  fc.assert(
    fc.property(subject, (one) => {
      const file = mailFile({ ...mail, subject: one });
      const { headers } = read(file);
      expect(headers).toHaveLength(8);
      expect(decodeWords(headers[2]!)).toBe(`Subject: ${one}`);
      for (const line of file.split("\r\n")) expect(line.length).toBeLessThanOrEqual(120);
    }),
  );
});

test("control characters of a subject or a sender add no header", () => {
  const { headers } = read(mailFile({ ...mail, subject: "a\r\nBcc: b@example.com", from: 'x"\n' }));
  expect(headers).toHaveLength(8);
  expect(headers[0]).toBe('From: "x\\" " <no-reply@sns.amazonaws.com>');
  expect(headers[2]).toBe("Subject: a  Bcc: b@example.com");
});

test("a text of any lines is read as it was: as text, or in base64 if a line is too long", () => {
  const line = fc.oneof(
    fc.string({ unit: "grapheme" }).map((one) => one.replaceAll(/[\r\n]/g, "")),
    fc.constant("x".repeat(999)),
  );
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
      const { headers, body } = read(mailFile({ ...mail, text: lines.join("\n") }));
      const isReadable = lines.every((one) => Buffer.byteLength(one) <= 998);
      expect(headers.at(-1)).toBe(`Content-Transfer-Encoding: ${isReadable ? "8bit" : "base64"}`);
      const text = isReadable ? body.replace(/\r\n$/, "") : Buffer.from(body, "base64").toString("utf8");
      expect(text).toBe(lines.join("\r\n"));
    }),
  );
});

test("the date is the time of the message", () => {
  expect(read(mailFile(mail)).headers[3]).toBe("Date: Mon, 30 Nov 2026 10:15:00 +0000");
});
