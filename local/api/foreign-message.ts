/** The message of a refused request. */
export const foreignMessage = (part: string, port: number): string =>
  `the local cloud serves programs of this machine, not web pages of other origins or names: ${part}; ` +
  `use http://127.0.0.1:${port} or http://localhost:${port}`;
