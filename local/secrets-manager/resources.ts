import * as v from "valibot";
import { secureBytes } from "../../base/random.ts";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import { flag, optionalText, wholeNumber } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import type { SecretsManagerState } from "./state.ts";

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

const generation = v.strictObject({
  PasswordLength: v.optional(wholeNumber(1, 4096), 32),
  ExcludePunctuation: v.optional(flag, false),
});

export const resourceTypes = (
  cloud: Cloud,
  { secrets }: SecretsManagerState,
): Record<string, ResourceType> => ({
  /** Generated once and then kept. */
  "AWS::SecretsManager::Secret": {
    properties: ["Name", "Description", "GenerateSecretString", "SecretString", "KmsKeyId", "Tags"],
    create: ({ properties, generatedName }) => {
      const name = optionalText(properties, "Name") ?? generatedName;
      const arn = cloud.arn("secretsmanager", `secret:${name}-Local1`);
      const parsed = v.safeParse(generation, properties["GenerateSecretString"] ?? {});
      if (!parsed.success) throw new OperatorError(`GenerateSecretString: ${v.summarize(parsed.issues)}`);
      const { PasswordLength, ExcludePunctuation } = parsed.output;
      const existing = secrets.get(name);
      const value =
        optionalText(properties, "SecretString") ??
        existing?.value ??
        generatePassword(PasswordLength, ExcludePunctuation);
      secrets.put(name, { arn, name, value, createdAtMs: existing?.createdAtMs ?? cloud.clock.now() });
      return { ref: arn, attributes: { Id: arn } };
    },
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
