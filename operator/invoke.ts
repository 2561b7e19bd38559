import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";

/** Runs a function and waits for it. @returns why it failed, or nothing */
export async function invoke(
  functionName: string,
  payload: string,
  client: LambdaClient,
): Promise<string | undefined> {
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: functionName, InvocationType: "RequestResponse", Payload: payload }),
  );
  if (!FunctionError) return undefined;
  const answer = JSON.parse(Payload?.transformToString() || "{}") as { errorMessage?: string };
  return `${functionName} failed: ${answer.errorMessage ?? FunctionError}`;
}
