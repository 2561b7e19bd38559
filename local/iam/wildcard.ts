/**
 * Whether a policy's pattern covers all of a text: `*` stands for any characters, `?` for any one (documented: IAM,
 * Resource element). Takes at most pattern times text steps, whatever the pattern.
 */
export function covers(pattern: string, text: string): boolean {
  let at = 0;
  let atText = 0;
  let lastStar = -1;
  let resumeText = 0;
  while (atText < text.length)
    if (pattern[at] === "*") {
      lastStar = at++;
      resumeText = atText;
    } else if (pattern[at] === "?" || pattern[at] === text[atText]) {
      at++;
      atText++;
    } else if (lastStar >= 0) {
      at = lastStar + 1;
      atText = ++resumeText;
    } else return false;
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

/** The same for an action's name, whose case means nothing (documented: IAM, Action element). */
export const coversAction = (pattern: string, action: string): boolean =>
  covers(pattern.toLowerCase(), action.toLowerCase());

/** Each of an ARN's six parts is compared by itself: a wildcard does not reach over a colon (documented: IAM, ARN condition operators). */
export function coversArn(pattern: string, arn: string): boolean {
  const patterns = partsOf(pattern);
  const parts = partsOf(arn);
  return parts.length === patterns.length && patterns.every((one, index) => covers(one, parts[index]!));
}

const partsOf = (arn: string): readonly string[] => {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(":")] : [])];
};
