import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";
import { malformedXml } from "./errors.ts";

const builder = new XMLBuilder({ ignoreAttributes: false, suppressEmptyNode: false });
const parser = new XMLParser({ parseTagValue: false, trimValues: false, htmlEntities: true });

/** A response: elements in the order of `parts`, whose undefined values are left out. */
export function s3Xml(root: string, parts: readonly object[]): string {
  const content = parts.map((part) => builder.build(defined(part))).join("");
  const xml = `<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`;
  // Parsers read a carriage return as a line feed.
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml.replaceAll("\r", "&#13;")}`;
}

const defined = (part: object): object =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));

/**
 * The root element of a request's body: text, or elements by name, several of one name as an array.
 * @throws AwsError MalformedXML
 */
export function parseS3Xml(body: string, root: string): Record<string, unknown> {
  if (XMLValidator.validate(body) !== true) throw malformedXml();
  const parsed = (parser.parse(body) as Record<string, unknown>)[root];
  if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
  if (parsed === "") return {};
  throw malformedXml();
}
