/** The value in place of an error of that name; any other is thrown. */
export function unless<T>(error: unknown, name: string, value: T): T {
  if (error instanceof Error && error.name === name) return value;
  throw error;
}
