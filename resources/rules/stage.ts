/** Leaves room for the longest name with the stage, a function's (64 characters), and for later ones. */
export const MAX_STAGE_LENGTH = 32;

/**
 * Why this is not a valid stage; undefined if it is. A stage is part of names with different rules, so it follows all of
 * them. Roles reach the cameras of their stage by a prefix, `doorstep-<stage>-camera-`, which would include a stage named
 * `<other>-camera-…`.
 */
export function stageProblem(stage: string): string | undefined {
  const refuse = (reason: string) => `the stage "${stage}" ${reason}; give another one with --stage`;
  if (stage.length > MAX_STAGE_LENGTH)
    return refuse(`has ${stage.length} characters; names have room for ${MAX_STAGE_LENGTH}`);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(stage))
    return refuse("does not fit: expected lower-case letters, digits and single hyphens, a letter first");
  if (stage.split("-").includes("camera"))
    return refuse("has the word camera, which separates the stage in the names of cameras' streams");
  return undefined;
}
