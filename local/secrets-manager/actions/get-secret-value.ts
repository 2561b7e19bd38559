import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { secretNotFound } from "../errors.ts";
import { findSecret, type SecretsManagerState } from "../state.ts";

export const getSecretValue: Action<SecretsManagerState, { SecretId: string }, unknown> = {
  input: v.object({ SecretId: v.pipe(v.string(), v.minLength(1), v.maxLength(2048)) }),
  resources: ({ SecretId }, { state }) => findSecret(state, SecretId)?.arn ?? SecretId,
  run: ({ SecretId }, { state }) => {
    const secret = findSecret(state, SecretId);
    if (!secret) throw secretNotFound(SecretId);
    return {
      ARN: secret.arn,
      Name: secret.name,
      SecretString: secret.value,
      VersionId: "00000000-0000-4000-8000-000000000000",
      VersionStages: ["AWSCURRENT"],
      CreatedDate: secret.createdAtMs / 1000,
    };
  },
};
