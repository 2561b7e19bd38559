import { Dialect, tokenize } from "@polyglot-sql/sdk";
import { queryError, type Position } from "../errors.ts";

/** One token of the SQL. */
export interface Token {
  /** The text of the user, with quotes. */
  readonly source: string;
  /** A plain word in upper case; undefined for quoted text and signs. */
  readonly word: string | undefined;
  /** Offsets in characters (code points), the end exclusive. */
  readonly start: number;
  readonly end: number;
}

/** A replacement of part of the SQL. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The SQL of the user, with its tokens and positions. Offsets count code points, as polyglot's spans do. */
export class Source {
  readonly #characters: readonly string[];
  readonly tokens: readonly Token[];

  /** @throws QueryError for text that cannot be split into tokens, such as an unterminated string */
  constructor(sql: string) {
    this.#characters = Array.from(sql);
    const result = tokenize(sql, Dialect.Trino);
    if (!result.success || !result.tokens)
      throw queryError("SYNTAX_ERROR", this.position(result.errorStart), result.error ?? "the SQL is empty");
    this.tokens = result.tokens.map(({ span: { start, end } }) => {
      const source = this.slice(start, end);
      return { source, word: /^[a-z_]\w*$/i.test(source) ? source.toUpperCase() : undefined, start, end };
    });
  }

  slice(start: number, end?: number): string {
    return this.#characters.slice(start, end).join("");
  }

  /** Line and column of an offset. */
  position(offset: number | undefined): Position | undefined {
    if (offset === undefined) return undefined;
    const before = this.#characters.slice(0, offset);
    return {
      line: before.filter((character) => character === "\n").length + 1,
      column: offset - before.lastIndexOf("\n"),
    };
  }

  /** Position just after the last character. */
  get end(): Position {
    return this.position(this.#characters.length)!;
  }

  /** The SQL with parts replaced; the edits must not overlap. */
  edited(edits: readonly Edit[]): string {
    const parts: string[] = [];
    let from = 0;
    for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
      parts.push(this.slice(from, start), text);
      from = end;
    }
    return [...parts, this.slice(from)].join("");
  }
}
