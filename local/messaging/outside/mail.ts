/** What an e-mail says. */
export interface Mail {
  readonly to: string;
  /** The topic's display name. */
  readonly from: string;
  readonly subject: string;
  readonly messageId: string;
  readonly atMs: number;
  readonly text: string;
}

const SENDER = "no-reply@sns.amazonaws.com";
/** Bytes of a line without its end (RFC 5322, section 2.1.1). */
const MAX_LINE_BYTES = 998;
/** Bytes of an encoded word, of which base64 needs a third (RFC 2047, section 2). */
const ENCODED_WORD_BYTES = 42;

/**
 * An e-mail as a file that mail programs open: a message of RFC 5322 in UTF-8, which stays readable as text unless a line
 * is too long for that.
 */
export function mailFile({ to, from, subject, messageId, atMs, text }: Mail): string {
  const lines = text.split(/\r\n|\r|\n/);
  const isReadable = lines.every((line) => Buffer.byteLength(line) <= MAX_LINE_BYTES);
  return [
    `From: ${phrase(from)} <${SENDER}>`,
    `To: ${to}`,
    `Subject: ${unstructured(subject)}`,
    `Date: ${new Date(atMs).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${messageId}@sns.amazonaws.com>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=UTF-8",
    `Content-Transfer-Encoding: ${isReadable ? "8bit" : "base64"}`,
    "",
    ...(isReadable ? lines : inBase64(lines.join("\r\n"))),
    "",
  ].join("\r\n");
}

const inBase64 = (text: string): string[] =>
  Buffer.from(text)
    .toString("base64")
    .match(/.{1,76}/g) ?? [];

/** The value of a header, without control characters, and in encoded words unless it is ASCII. */
function unstructured(value: string): string {
  const text = value.replaceAll(/\p{Cc}/gu, " ");
  return /^[ -~]*$/.test(text) && !text.includes("=?") ? text : encodedWords(text);
}

/** A name before an address: quoted, or in encoded words. */
function phrase(name: string): string {
  const text = unstructured(name);
  return text.startsWith("=?") ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Each word has whole characters and is on a line of its own. */
function encodedWords(text: string): string {
  const words: string[] = [""];
  for (const character of text)
    if (Buffer.byteLength(words.at(-1)! + character) > ENCODED_WORD_BYTES) words.push(character);
    else words[words.length - 1] += character;
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString("base64")}?=`).join("\r\n ");
}
