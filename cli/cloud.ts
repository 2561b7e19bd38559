import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { camerasTable } from "../aws/cameras.ts";
import { withExplainedErrors } from "../operator/aws-errors.ts";
import type { ClientConfig } from "../operator/client-config.ts";
import { stackOutputs } from "../operator/stack.ts";
import type { Camera } from "../schemas/camera.ts";
import { cameraId } from "../schemas/camera-id.ts";
import { UsageError, type Flags } from "./command.ts";
import { localCloudConfig } from "./local-cloud.ts";

const DEFAULT_STACK = "doorstep-dev";

/** The flags of every command that calls AWS. */
export const CLOUD_FLAGS = {
  local: { type: "boolean", about: "call the local cloud that npm start runs" },
  data: {
    type: "string",
    value: "<folder>",
    about: "data folder of the local cloud; by default .doorstep, here or above",
  },
  region: { type: "string", value: "<region>", about: "AWS Region; by default the SDK's" },
  endpoint: {
    type: "string",
    value: "<url>",
    about: "endpoint of every AWS API; by default AWS_ENDPOINT_URL, else AWS's own",
  },
} as const satisfies Flags;

/** The flag of every command that reads the stack's outputs. */
export const STACK_FLAG = {
  stack: { type: "string", value: "<name>", default: DEFAULT_STACK, about: "name of the Doorstep stack" },
} as const satisfies Flags;

/** The values of {@link CLOUD_FLAGS}. */
interface CloudFlags {
  readonly local: boolean;
  readonly data: string | undefined;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

/** The values of {@link CLOUD_FLAGS} and {@link STACK_FLAG}. */
export interface StackFlags extends CloudFlags {
  readonly stack: string;
}

/**
 * The configuration of every client of a command: their errors say what happened, at which call, and what to do.
 * @throws UsageError when the endpoint is not an http or https address, or stands beside --local
 * @throws Error when --local finds no local cloud
 */
export function clientConfig({ local, data, region, endpoint }: CloudFlags): ClientConfig {
  if ((local || data !== undefined) && (region ?? endpoint) !== undefined)
    throw new UsageError(
      "the local cloud has a Region and an endpoint of its own; leave out --region and --endpoint",
    );
  if (local || data !== undefined) return withExplainedErrors(localCloudConfig(data));
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ""))
    throw new UsageError(`--endpoint is ${endpoint}; expected an address such as http://127.0.0.1:4566`);
  return withExplainedErrors({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
  });
}

/**
 * Reads a camera's record from the stack's registry.
 * @throws UsageError when the id is invalid
 * @throws Error when no camera of that id is registered
 */
export async function findCamera(id: string, stack: string, config: ClientConfig): Promise<Camera> {
  checkCameraId("--camera", id);
  const { CamerasTableName } = await stackOutputs(stack, config);
  const client = new DynamoDBClient(config);
  try {
    const camera = await camerasTable(CamerasTableName, client).find(id);
    if (!camera) throw new Error(`no camera ${id} is registered in stack ${stack}; or name its --stream`);
    return camera;
  } finally {
    client.destroy();
  }
}

/** @throws UsageError that names the flag or operand, when the id is invalid */
export function checkCameraId(name: string, id: string): string {
  const parsed = v.safeParse(cameraId, id);
  if (!parsed.success) throw new UsageError(`${name} is ${id}; ${parsed.issues[0].message}`);
  return id;
}
