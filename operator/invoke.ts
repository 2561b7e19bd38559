import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";

/** The function's result as JSON, or why it failed. */
type Invoked =
  { readonly ok: true; readonly result: string } | { readonly ok: false; readonly reason: string };

/** Invokes a function and waits for its result. */
export async function resultOf(
  functionName: string,
  payload: string,
  client: LambdaClient,
): Promise<Invoked> {
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: functionName, InvocationType: "RequestResponse", Payload: payload }),
  );
  const result = Payload?.transformToString() || "{}";
  if (!FunctionError) return { ok: true, result };
  const { errorMessage } = JSON.parse(result) as { errorMessage?: string };
  return { ok: false, reason: `${functionName} failed: ${errorMessage ?? FunctionError}` };
}

/** Invokes a function and waits until it ends. @returns why it failed, or undefined */
export async function invoke(
  functionName: string,
  payload: string,
  client: LambdaClient,
): Promise<string | undefined> {
  const invoked = await resultOf(functionName, payload, client);
  return invoked.ok ? undefined : invoked.reason;
}
