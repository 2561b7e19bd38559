/** The parts of an HTTP request that can be signed, as they were sent. */
export interface SignableRequest {
  readonly method: string;
  /** Path and query, percent-encoded as they were sent. */
  readonly target: string;
  /** Values by header name in lower case, one for each time that the header was sent; bytes as Latin-1 text. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
}

/** The request in the canonical form that both sides sign. */
export function canonicalRequest(
  { method, target, headers }: SignableRequest,
  { service, signedHeaders }: { readonly service: string; readonly signedHeaders: readonly string[] },
  payloadHash: string,
): string {
  const [path = "", query = ""] = target.split(/\?(.*)/s);
  const lines = signedHeaders.map((name) => {
    const values = (headers[name] ?? []).map((value) => value.trim().replaceAll(/\s+/g, " "));
    return `${name}:${values.join(",")}`;
  });
  const canonicalPath = service === "s3" ? pathForS3(path) : normalisedPath(path);
  return [
    method,
    canonicalPath,
    canonicalQuery(query),
    ...lines,
    "",
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
}

/** S3 encodes a path once and does not normalise it: `a//b` and `a/../b` are keys (documented: IAM user guide). */
const pathForS3 = (path: string): string => path.split("/").map(encodedOnce).join("/");

/** Every other service normalises the path and encodes it a second time (documented: IAM user guide). */
function normalisedPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/"))
    if (segment === "..") segments.pop();
    else if (segment && segment !== ".") segments.push(encode(segment));
  const end = segments.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${segments.join("/")}${end}`;
}

function canonicalQuery(query: string): string {
  if (!query) return "";
  return query
    .split("&")
    .filter((pair) => pair && !pair.startsWith("X-Amz-Signature="))
    .map((pair) => {
      const [name = "", value = ""] = pair.replaceAll("+", " ").split(/=(.*)/s);
      return [encodedOnce(name), encodedOnce(value)] as const;
    })
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Percent-encodes all but letters, digits and `-._~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function encodedOnce(text: string): string {
  try {
    return encode(decodeURIComponent(text));
  } catch {
    return text; // Not percent-encoded UTF-8: signed as it is.
  }
}
