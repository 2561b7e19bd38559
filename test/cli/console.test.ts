import { PassThrough } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Console } from "../../cli/console.ts";

function consoleOn({ isTTY, json = false }: { isTTY: boolean; json?: boolean }) {
  const [out, err] = [0, 1].map(() => Object.assign(new PassThrough(), { isTTY, columns: 200 })) as [
    PassThrough & { isTTY: boolean; columns: number },
    PassThrough & { isTTY: boolean; columns: number },
  ];
  const console = new Console(out, err, json);
  const printed = () => [out, err].map((stream) => String(stream.read() ?? "")).join("");
  return { console, printed };
}

/** An escape that clears the screen, one in C1's form, a bell, hidden text, and text from right to left. */
const HOSTILE = "a\u001b[2Jb\u009b2Jc\u0007d\u001b[8me\u202ef\rg";

describe("on a terminal", () => {
  test("hostile names and labels are text, in results, notices and progress", () => {
    const { console, printed } = consoleOn({ isTTY: true });
    const harmless = "a·[2Jb·2Jc·d·[8me·f·g";
    console.say(HOSTILE);
    console.note(HOSTILE);
    expect(printed()).toBe(`${harmless}\n${harmless}\n`);
    console.progress(HOSTILE);
    expect(printed()).toBe(`\r\u001b[K${harmless}`);
  });

  test("line breaks, tabs and our own styles stay", () => {
    const { console, printed } = consoleOn({ isTTY: true });
    console.say("one\n\ttwo \u001b[1mbold\u001b[22m \u001b[31mred\u001b[39m");
    expect(printed()).toBe("one\n\ttwo \u001b[1mbold\u001b[22m \u001b[31mred\u001b[39m\n");
  });

  test("nothing that is printed can be obeyed, whatever it is made of", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { console, printed } = consoleOn({ isTTY: true });
        console.say(text);
        // oxlint-disable-next-line no-control-regex -- our own styles
        expect(printed().replaceAll(/\u001b\[(1|2|22|3[1-3]|39)m/g, "")).not.toMatch(/(?![\n\t])\p{Cc}/u);
      }),
    );
  });
});

describe("into a pipe", () => {
  test("text stays as it is, for programs and files", () => {
    const { console, printed } = consoleOn({ isTTY: false });
    console.say(HOSTILE);
    expect(printed()).toBe(`${HOSTILE}\n`);
  });
});

describe("JSON", () => {
  test("has the same value, and holds no control character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { console, printed } = consoleOn({ isTTY: true, json: true });
        console.result({ text });
        const line = printed();
        expect(JSON.parse(line)).toEqual({ text });
        expect(line.trimEnd()).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
