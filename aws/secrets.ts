import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const defaultClient = new SecretsManagerClient({});
const values = new Map<string, Promise<string>>();

/** A secret's text, read once in the life of the process. A failed read is tried again at the next call. */
export function readSecret(arn: string, client = defaultClient): Promise<string> {
  let value = values.get(arn);
  if (!value) {
    value = client.send(new GetSecretValueCommand({ SecretId: arn })).then(({ SecretString }) => {
      if (!SecretString) throw new Error(`the secret ${arn} has no text value`);
      return SecretString;
    });
    values.set(arn, value);
    value.catch(() => values.delete(arn));
  }
  return value;
}
