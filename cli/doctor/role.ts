import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import * as v from "valibot";
import { deployedCheck } from "./check.ts";
import { failed, ok, wrong, type Finding } from "./finding.ts";

const PERMISSIONS = "iam:GetRole";
const SERVICE = "rekognition.amazonaws.com";

const list = v.union([
  v.pipe(
    v.string(),
    v.transform((one) => [one]),
  ),
  v.array(v.string()),
]);
const statement = v.object({
  Effect: v.string(),
  Action: list,
  Principal: v.optional(v.union([v.string(), v.record(v.string(), list)])),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), list)), {}),
});
const trustPolicy = v.object({
  Statement: v.pipe(
    v.union([statement, v.array(statement)]),
    v.transform((one) => [one].flat()),
  ),
});

/** Whether this account's stream processors, and only those, can assume the stack's role. */
export const roleCheck = deployedCheck("Rekognition's role", async ({ config, outputs, accountId }) => {
  const client = new IAMClient(config);
  const roleName = outputs.RekognitionRoleArn.split("/").at(-1)!;
  try {
    const { Role } = await client.send(new GetRoleCommand({ RoleName: roleName }));
    const text = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "{}");
    return trustFindings(roleName, JSON.parse(text), accountId ?? "");
  } catch (error) {
    return [failed(`the role ${roleName}`, error, PERMISSIONS)];
  } finally {
    client.destroy();
  }
});

/** Checks that a trust policy lets Rekognition assume the role, for this account's stream processors only. */
export function trustFindings(roleName: string, policy: unknown, accountId: string): Finding[] {
  const again = "deploy the stack again, which restores the role";
  const parsed = v.safeParse(trustPolicy, policy);
  if (!parsed.success) return [wrong(`the trust policy of ${roleName} is not readable`, again)];
  const trusting = parsed.output.Statement.filter(
    ({ Effect, Action, Principal }) =>
      Effect === "Allow" &&
      Action.includes("sts:AssumeRole") &&
      typeof Principal === "object" &&
      Principal["Service"]?.includes(SERVICE) === true,
  );
  if (trusting.length === 0) return [wrong(`${roleName} does not trust ${SERVICE}`, again)];
  const keys = trusting.map(({ Condition }) =>
    Object.fromEntries(
      Object.values(Condition)
        .flatMap((operands) => Object.entries(operands))
        .map(([key, values]) => [key.toLowerCase(), values]),
    ),
  );
  const isBound = keys.every(
    (one) =>
      one["aws:sourceaccount"]?.every((value) => value === accountId) === true ||
      one["aws:sourcearn"]?.every((value) => value.split(":")[4] === accountId) === true,
  );
  return [
    isBound
      ? ok(`${roleName} trusts ${SERVICE} for this account's stream processors only`)
      : wrong(
          `${roleName} trusts ${SERVICE} for any account`,
          `add aws:SourceAccount ${accountId} to its trust policy, or ${again}`,
        ),
  ];
}
