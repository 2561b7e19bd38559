/** A pattern that is not emulated, or that is none. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

type Matches = (message: string) => boolean;

const TOKEN = /\s*(&&|\|\||\(|\)|\$(?:\.[\w-]+)+|!=|=|"(?:[^"\\]|\\.)*"|[^\s()&|="!]+)/y;

/**
 * Parses a filter pattern of FilterLogEvents: words and quoted texts that a line must contain, or a JSON pattern with `=`,
 * `!=`, `&&`, `||` and brackets (documented: CloudWatch Logs, filter pattern syntax). Others are not emulated.
 * @throws PatternError
 */
export function filterPattern(pattern: string): Matches {
  const text = pattern.trim();
  if (text.startsWith("{")) return jsonPattern(text);
  if (/^\[|[?%]|(^|\s)-/.test(text.replaceAll(/"[^"]*"/g, "")))
    throw new PatternError("expected words, quoted texts or a JSON pattern; others are not emulated");
  const terms = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
  return (message) => terms.every((term) => message.includes(term));
}

type Test = (document: unknown) => boolean;

function jsonPattern(text: string): Matches {
  const [, inside] = /^\{([^]*)\}$/.exec(text) ?? [];
  if (inside === undefined) throw new PatternError("the pattern lacks its closing brace");
  const tokens = tokensOf(inside.trim());
  const test = either(tokens);
  if (tokens.length > 0) throw new PatternError(`unexpected ${tokens[0]}`);
  return (message) => {
    try {
      return test(JSON.parse(message));
    } catch {
      return false;
    }
  };
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const [, token] = TOKEN.exec(text) ?? [];
    if (token === undefined) throw new PatternError(`cannot read ${text.slice(at, at + 20)}`);
    tokens.push(token);
  }
  return tokens;
}

function either(tokens: string[]): Test {
  const tests = [both(tokens)];
  while (tokens[0] === "||") {
    tokens.shift();
    tests.push(both(tokens));
  }
  return (document) => tests.some((test) => test(document));
}

function both(tokens: string[]): Test {
  const tests = [comparison(tokens)];
  while (tokens[0] === "&&") {
    tokens.shift();
    tests.push(comparison(tokens));
  }
  return (document) => tests.every((test) => test(document));
}

function comparison(tokens: string[]): Test {
  const first = tokens.shift();
  if (first === "(") {
    const test = either(tokens);
    if (tokens.shift() !== ")") throw new PatternError("a bracket is not closed");
    return test;
  }
  const [operator, value] = tokens.splice(0, 2);
  if (!first?.startsWith("$.") || !["=", "!="].includes(operator ?? "") || value === undefined)
    throw new PatternError(
      'expected a comparison such as $.level = "ERROR"; other operators are not emulated',
    );
  const path = first.slice(2).split(".");
  const isLike = wildcard(value.startsWith('"') ? (JSON.parse(value) as string) : value);
  return (document) => {
    const found = path.reduce<unknown>(
      (node, name) =>
        typeof node === "object" && node !== null ? (node as Record<string, unknown>)[name] : undefined,
      document,
    );
    const text = ["string", "number", "boolean"].includes(typeof found) ? `${found as string}` : undefined;
    // A field that is missing matches no comparison (documented).
    return text !== undefined && isLike(text) === (operator === "=");
  };
}

/** `*` stands for any characters. */
function wildcard(value: string): (text: string) => boolean {
  const parts = value.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const form = new RegExp(`^${parts.join("[^]*")}$`);
  return (text) => form.test(text);
}
