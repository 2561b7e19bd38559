import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";

/** Invokes a function and waits for its result. @returns why it failed, or undefined */
export async function invoke(
  functionName: string,
  payload: string,
  client: LambdaClient,
): Promise<string | undefined> {
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: functionName, InvocationType: "RequestResponse", Payload: payload }),
  );
  if (!FunctionError) return undefined;
  const result = JSON.parse(Payload?.transformToString() || "{}") as { errorMessage?: string };
  return `${functionName} failed: ${result.errorMessage ?? FunctionError}`;
}
