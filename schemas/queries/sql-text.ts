/** A text as a SQL string. */
export const sqlText = (value: string): string => `'${value.replaceAll("'", "''")}'`;
