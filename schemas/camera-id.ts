import * as v from "valibot";

/** A camera's id: lower case letters, digits and hyphens, at most 63 characters, safe in names, paths and ARNs. */
export const cameraId = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    "expected 1 to 63 lower case letters, digits and dashes, the first no dash, e.g. front-door",
  ),
);
