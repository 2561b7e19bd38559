/** More parts than a notification has: an alert and its pictures. */
const MAX_PARTS = 32;

/** A request's body as received. */
export interface RequestBody {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
}

/**
 * The texts in a body: the body itself, or the parts of a multipart one without their pictures. Firmware writes multipart
 * that a strict parser refuses (bare line feeds, no Content-Disposition, no closing boundary, a content type without the
 * boundary), so boundary lines and blank lines are all that counts here.
 */
export function documentsOf({ bytes, contentType = "" }: RequestBody): string[] {
  const boundary = boundaryOf(bytes, contentType);
  if (boundary === undefined) return [utf8(bytes)];
  const [, ...parts] = `\n${bytes.toString("latin1")}`.split(
    new RegExp(`\\n--${RegExp.escape(boundary)}(?=\\s|--|$)`),
    MAX_PARTS + 1,
  );
  return parts.flatMap((part) => {
    const blank = /\r?\n\r?\n/.exec(part);
    if (!blank) return [];
    const headers = part.slice(0, blank.index);
    if (/^content-type:\s*(?:image|video|audio)\//im.test(headers)) return [];
    const content = part.slice(blank.index + blank[0].length).replace(/\r$/, "");
    const text = utf8(Buffer.from(content, "latin1"));
    return text.trim() === "" ? [] : [text];
  });
}

function boundaryOf(bytes: Buffer, contentType: string): string | undefined {
  const isMultipart = /^\s*multipart\//i.test(contentType);
  const [, quoted, plain] = (isMultipart && /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)) || [];
  const named = quoted ?? plain;
  if (named !== undefined) return named;
  const start = bytes.subarray(0, 200).toString("latin1");
  return /^\s*--([\w'()+,./:=?-]{1,70})\r?\n/.exec(start)?.[1];
}

const utf8 = (bytes: Buffer): string => new TextDecoder().decode(bytes);
