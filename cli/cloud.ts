import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { errorMessage } from "../base/errors.ts";
import { camerasTable } from "../aws/cameras.ts";
import { stackOutputs, type StackOutputs } from "../operator/stack.ts";
import { cameraId, type Camera } from "../schemas/camera.ts";
import { UsageError, type Flags } from "./command.ts";

export const DEFAULT_STACK = "doorstep-dev";

/** The flags of every command that talks to the cloud. */
export const CLOUD_FLAGS = {
  region: { type: "string", value: "<region>", about: "AWS Region; else the SDK's default" },
  endpoint: {
    type: "string",
    value: "<url>",
    about: "endpoint of every AWS API; else AWS_ENDPOINT_URL, else AWS's own",
  },
} as const satisfies Flags;

/** The flag of every command that looks things up in the stack. */
export const STACK_FLAG = {
  stack: { type: "string", value: "<name>", default: DEFAULT_STACK, about: "name of the Doorstep stack" },
} as const satisfies Flags;

/** What SDK clients are made with; what is left out, the SDK finds (credentials, too, instance role included). */
export interface ClientConfig {
  readonly region?: string;
  readonly endpoint?: string;
}

/** @throws UsageError for an endpoint that is no http or https address */
export function clientConfig(flags: {
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}): ClientConfig {
  const { region, endpoint } = flags;
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ""))
    throw new UsageError(`--endpoint is ${endpoint}; expected an address such as http://127.0.0.1:4566`);
  return { ...(region !== undefined && { region }), ...(endpoint !== undefined && { endpoint }) };
}

/** The outputs of the stack. @throws Error when there is no such stack or it is not Doorstep's */
export async function findStack(stack: string, config: ClientConfig): Promise<StackOutputs> {
  const client = new CloudFormationClient(config);
  try {
    return await stackOutputs(stack, client);
  } catch (error) {
    const reason = errorMessage(error);
    throw new Error(`stack ${stack}: ${reason}`, { cause: error });
  } finally {
    client.destroy();
  }
}

/**
 * The camera's record in the stack's registry.
 * @throws UsageError for an id that is none
 * @throws Error when no camera of that id is registered
 */
export async function findCamera(id: string, stack: string, config: ClientConfig): Promise<Camera> {
  const parsed = v.safeParse(cameraId, id);
  if (!parsed.success) throw new UsageError(`--camera is ${id}; ${parsed.issues[0].message}`);
  const { CamerasTableName } = await findStack(stack, config);
  const client = new DynamoDBClient(config);
  try {
    const camera = await camerasTable(CamerasTableName, client).find(id);
    if (!camera) throw new Error(`no camera ${id} is registered in stack ${stack}; or name its --stream`);
    return camera;
  } finally {
    client.destroy();
  }
}
