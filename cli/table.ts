import Table from "cli-table3";

const BORDERS = ["top", "bottom", "left", "right", "mid", "middle"] as const;
const JOINTS = ["mid", "left", "right"] as const;
const NONE = Object.fromEntries([
  ...BORDERS.map((border) => [border, border === "middle" ? "  " : ""]),
  ...BORDERS.filter((border) => border !== "middle").flatMap((border) =>
    JOINTS.map((joint) => [`${border}-${joint}`, ""]),
  ),
]) as Record<string, string>;

/**
 * Formats rows as an aligned table without lines. Columns whose head begins with a space are aligned to the right.
 * @param widths of the columns in characters; longer cells are cut with …; by default as wide as their cells
 */
export function textTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  widths?: readonly number[],
): string {
  const table = new Table({
    head: heads.map((head) => head.trim()),
    chars: NONE,
    // The caller sets colours, so that they respect NO_COLOR and pipes.
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    ...(widths && { colWidths: [...widths] }),
    colAligns: heads.map((head) => (head.startsWith(" ") ? "right" : "left")),
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
