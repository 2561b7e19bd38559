import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly value: string;
  readonly createdAtMs: number;
}

export interface SecretsManagerState {
  /** By name. */
  readonly secrets: Collection<Secret>;
}

export const openState = (cloud: Cloud): SecretsManagerState => ({
  secrets: cloud.documents.collection("secrets-manager/secrets"),
});

export const findSecret = ({ secrets }: SecretsManagerState, nameOrArn: string): Secret | undefined =>
  secrets.list().find(({ arn, name }) => arn === nameOrArn || name === nameOrArn);
