import * as v from "valibot";

/** Names and documents of IAM's requests (documented: IAM API reference). */
const text = (pattern: RegExp, maxLength: number) =>
  v.pipe(
    v.string("is missing"),
    v.check(
      (value) => value.length >= 1 && value.length <= maxLength && pattern.test(value),
      ({ input }) =>
        `Value ${JSON.stringify(input.slice(0, 150))} failed to satisfy constraint: expected 1 to ${maxLength} characters matching ${pattern.source}`,
    ),
  );

export const roleName = text(/^[\w+=,.@-]+$/, 64);
const policyName = text(/^[\w+=,.@-]+$/, 128);
export const policyArn = text(/^arn:.+$/, 2048);
export const policyDocument = text(/^[\t\n\r\u{20}-\u{FF}]+$/u, 131_072);
export const path = text(/^(\/|\/[\u{21}-\u{7E}]+\/)$/u, 512);

export const roleInput = v.object({ RoleName: roleName });
export const rolePolicyInput = v.object({ RoleName: roleName, PolicyName: policyName });
export const attachmentInput = v.object({ RoleName: roleName, PolicyArn: policyArn });

const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.transform(Number),
    v.integer("expected a whole number"),
    v.minValue(min, `expected ${min} to ${max}`),
    v.maxValue(max, `expected ${min} to ${max}`),
  );

export const maxSessionDuration = wholeNumber(3600, 43_200);

/** The members of a listing's request; IAM lists 100 items by default. */
export const pageMembers = { MaxItems: v.optional(wholeNumber(1, 1000)), Marker: v.optional(v.string()) };
