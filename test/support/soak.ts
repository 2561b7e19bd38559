/** The size of a soak test: `full` with DOORSTEP_SOAK=full, as `npm run test:soak` and `.ci/run` set it, else `sample`. */
export const soakSize = (full: number, sample: number): number =>
  process.env["DOORSTEP_SOAK"] === "full" ? full : sample;
