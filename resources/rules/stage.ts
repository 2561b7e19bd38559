/** Leaves room for the longest name that bears the stage, a function's (64 characters), with some for later ones. */
export const MAX_STAGE_LENGTH = 32;

/**
 * Why this is no stage, if it isn't. A stage is part of names whose rules differ, so it keeps to what all of them take.
 * Roles reach the cameras of their stage by a prefix, `doorstep-<stage>-camera-`, so that a stage named `<other>-camera-…`
 * would lie within the other's.
 */
export function stageProblem(stage: string): string | undefined {
  const refuse = (reason: string) => `the stage "${stage}" ${reason}; give another one with --stage`;
  if (stage.length > MAX_STAGE_LENGTH)
    return refuse(`has ${stage.length} characters; names have room for ${MAX_STAGE_LENGTH}`);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(stage))
    return refuse("does not fit: expected lower-case letters, digits and single hyphens, a letter first");
  if (stage.split("-").includes("camera"))
    return refuse("has the word camera, by which the names of cameras' streams are told apart");
  return undefined;
}
