import { SaxesParser } from "saxes";
import { UnreadableBody } from "./reading.ts";

/** More than any notification has. */
const MAX_LENGTH = 256 * 1024;
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 2000;

/** An element without its namespace: firmware differs in prefixes and namespaces, never in local names. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads a small XML document. A DOCTYPE is refused, so there are no entities but the five of XML itself.
 * @throws UnreadableBody
 */
export function readXml(document: string): XmlElement {
  if (!/^\s*</.test(document)) throw new UnreadableBody("is not XML");
  if (document.length > MAX_LENGTH) throw new UnreadableBody(`has over ${MAX_LENGTH} characters of XML`);
  const root: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let count = 0;
  const parser = new SaxesParser({ position: false });
  parser.on("doctype", () => {
    throw new UnreadableBody("has a DOCTYPE, which is never read");
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (open.length > MAX_DEPTH || ++count > MAX_ELEMENTS)
      throw new UnreadableBody(`has XML of over ${MAX_DEPTH} levels or ${MAX_ELEMENTS} elements`);
    const named = Object.entries(attributes).map(([key, value]) => [localName(key), value]);
    const element = {
      name: localName(name),
      attributes: Object.fromEntries(named) as Record<string, string>,
      children: [],
      text: "",
    };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  const addText = (text: string) => void (open.at(-1)!.text += text);
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => void open.pop());
  try {
    // Firmware puts a line break before the declaration, which XML does not allow.
    parser.write(document.trimStart()).close();
  } catch (error) {
    throw error instanceof UnreadableBody ? error : new UnreadableBody("is not well-formed XML");
  }
  return root.children[0]!;
}

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);

/** The element and everything in it, in document order. */
export function* elementsOf(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* elementsOf(child);
}

/** The first element of the name, at any depth. */
export const findElement = (element: XmlElement, name: string): XmlElement | undefined =>
  [...elementsOf(element)].find((one) => one.name === name);
