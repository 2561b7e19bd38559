import * as v from "valibot";
import { secureBytes } from "../../base/random.ts";
import type { Action } from "../api/action.ts";
import { jsonApi } from "../api/json.ts";
import type { Cloud } from "../cloud.ts";
import type { Service } from "../service.ts";
import type { Collection } from "../documents.ts";
import { AwsError, OperatorError } from "../errors.ts";
import type { ResourceType } from "../template/resource.ts";
import { optionalText } from "../template/properties.ts";

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly value: string;
  readonly createdAtMs: number;
}

type State = Collection<Secret>;

const MILLISECONDS_PER_SECOND = 1000;
const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

const secretId = v.object({ SecretId: v.pipe(v.string(), v.minLength(1), v.maxLength(2048)) });

const find = (secrets: State, id: string): Secret | undefined =>
  secrets.list().find(({ arn, name }) => arn === id || name === id);

const getSecretValue: Action<State, { SecretId: string }, unknown> = {
  input: secretId,
  resources: ({ SecretId }, { state }) => find(state, SecretId)?.arn ?? SecretId,
  run: ({ SecretId }, { state }) => {
    const secret = find(state, SecretId);
    if (!secret)
      throw new AwsError(
        "ResourceNotFoundException",
        `Secrets Manager can't find the specified secret: ${SecretId}`,
      );
    return {
      ARN: secret.arn,
      Name: secret.name,
      SecretString: secret.value,
      VersionId: "00000000-0000-4000-8000-000000000000",
      VersionStages: ["AWSCURRENT"],
      CreatedDate: secret.createdAtMs / MILLISECONDS_PER_SECOND,
    };
  },
};

/** AWS Secrets Manager: secrets of the template, generated once and then kept. */
export const secretsManager: Service = {
  name: "secrets-manager",
  start: (cloud) => {
    const secrets = cloud.documents.collection<Secret>("secrets-manager/secrets");
    return {
      apis: [
        jsonApi(
          {
            signingName: "secretsmanager",
            targetPrefix: "secretsmanager",
            version: "1.1",
            invalidInputCode: "InvalidParameterException",
            actions: { GetSecretValue: getSecretValue },
          },
          cloud,
          secrets,
        ),
      ],
      resources: { "AWS::SecretsManager::Secret": secretType(cloud, secrets) },
    };
  },
};

const generation = v.strictObject({
  PasswordLength: v.optional(
    v.pipe(v.unknown(), v.transform(Number), v.integer(), v.minValue(1), v.maxValue(4096)),
    32,
  ),
  ExcludePunctuation: v.optional(
    v.pipe(
      v.unknown(),
      v.transform((value) => String(value) === "true"),
    ),
    false,
  ),
});

const secretType = (cloud: Cloud, secrets: State): ResourceType => ({
  properties: ["Name", "Description", "GenerateSecretString", "SecretString", "KmsKeyId", "Tags"],
  create: ({ properties, generatedName }) => {
    const name = optionalText(properties, "Name") ?? generatedName;
    const arn = cloud.arn("secretsmanager", `secret:${name}-Local1`);
    const parsed = v.safeParse(generation, properties["GenerateSecretString"] ?? {});
    if (!parsed.success) throw new OperatorError(`GenerateSecretString: ${v.summarize(parsed.issues)}`);
    const { PasswordLength, ExcludePunctuation } = parsed.output;
    const given = optionalText(properties, "SecretString");
    const value = given ?? secrets.get(name)?.value ?? generatePassword(PasswordLength, ExcludePunctuation);
    secrets.put(name, { arn, name, value, createdAtMs: secrets.get(name)?.createdAtMs ?? cloud.clock.now() });
    return { ref: arn, attributes: { Id: arn } };
  },
});

function generatePassword(length: number, excludePunctuation: boolean): string {
  const alphabet = excludePunctuation ? ALPHANUMERIC : ALPHANUMERIC + PUNCTUATION;
  const unbiased = 256 - (256 % alphabet.length);
  let password = "";
  while (password.length < length)
    for (const byte of secureBytes(length))
      if (byte < unbiased) password += alphabet[byte % alphabet.length]!;
  return password.slice(0, length);
}
