/** Documented: IAM and AWS STS quotas. Sizes are characters without white space. */
export const MAX_ROLES = 1000;
export const MAX_ATTACHED_POLICIES = 10;
export const MAX_INLINE_POLICIES_SIZE = 10_240;
export const MAX_TRUST_POLICY_SIZE = 2048;
