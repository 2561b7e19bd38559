/** A row of a result as a line of CSV (RFC 4180), without the line break: NULL is empty, an empty text is `""`. */
export const csvLine = (row: readonly (string | null)[]): string =>
  row
    .map((value) =>
      value === null
        ? ""
        : value === "" || /[",\r\n]/.test(value)
          ? `"${value.replaceAll('"', '""')}"`
          : value,
    )
    .join(",");
