/** An identifier as DuckDB and Trino quote it. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A string literal as DuckDB and Trino write it. */
export const quoteString = (text: string): string => `'${text.replaceAll("'", "''")}'`;
