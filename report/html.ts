/** Markup that is safe in a page. Only {@link html} and {@link trusted} create it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What {@link html} accepts: text is escaped, markup is not; false, null and undefined are omitted. */
export type Content = Markup | string | number | false | null | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for content and quoted attributes. Control and bidirectional characters are shown as their code. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replaceAll(
      /[\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?![\t\n\r])\p{Cc}/gu,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );

/** A markup template: values are escaped unless they are markup. Attributes must be quoted. */
export const html = (parts: TemplateStringsArray, ...contents: readonly Content[]): Markup =>
  new Markup(parts.reduce((text, part, index) => text + written(contents[index - 1]) + part));

/** Marks markup of this project or a library as safe; never pass a user's text. */
export const trusted = (markup: string): Markup => new Markup(markup);

function written(content: Content): string {
  if (content === false || content === null || content === undefined) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "string") return escaped(content);
  if (typeof content === "number") return String(content);
  return content.map(written).join("");
}
