import { errorMessage } from "../../base/errors.ts";
import type { Cloud } from "../cloud.ts";
import { AwsError } from "../errors.ts";
import { perform, type AnyAction } from "./action.ts";
import type { Api, Call } from "./api.ts";
import { readBody } from "./body.ts";

/** A call that has its response. */
export interface FinishedCall {
  readonly action: string;
  readonly durationMs: number;
  /** Undefined if the call failed. */
  readonly output?: unknown;
  readonly error?: unknown;
}

/** An API of the AWS JSON protocol: `POST /` with the action in `X-Amz-Target`. */
interface JsonApi<State> {
  readonly signingName: string;
  /** Prefix of the IAM actions; by default the signing name. */
  readonly iamPrefix?: string;
  /** The part of `X-Amz-Target` before the dot, e.g. `RekognitionService`. */
  readonly targetPrefix: string;
  readonly version: "1.0" | "1.1";
  /** The service's error for a request that does not fit its schema, e.g. `InvalidParameterException`. */
  readonly invalidInputCode: string;
  readonly maxBodyBytes?: number;
  /** Called after each call of an emulated action, e.g. for metrics. */
  readonly onCall?: (call: FinishedCall) => void;
  readonly actions: Readonly<Record<string, AnyAction<State>>>;
}

const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Serves a JSON API. */
export function jsonApi<State>(spec: JsonApi<State>, cloud: Cloud, state: State): Api {
  const { signingName, iamPrefix = signingName, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = spec;

  const run = async ({ request, body: sent, caller, requestId }: Call): Promise<unknown> => {
    const target = String(request.headers["x-amz-target"] ?? "");
    const [prefix, name = ""] = target.split(".");
    const action = Object.hasOwn(spec.actions, name) ? spec.actions[name] : undefined;
    if (prefix !== spec.targetPrefix || !action)
      throw new AwsError(
        "UnknownOperationException",
        `${target || "a request without X-Amz-Target"} is not emulated; ${signingName} has ${Object.keys(spec.actions).join(", ")}`,
      );
    const body = (await readBody(sent, maxBodyBytes)).toString("utf8");
    let input: unknown;
    try {
      input = body ? JSON.parse(body) : {};
    } catch (error) {
      throw new AwsError("SerializationException", `the request body is not JSON: ${errorMessage(error)}`);
    }
    const context = { cloud, state, caller, requestId };
    const startMs = cloud.clock.now();
    const finish = (result: Pick<FinishedCall, "output" | "error">): void =>
      spec.onCall?.({ action: name, durationMs: cloud.clock.now() - startMs, ...result });
    try {
      const output = await perform(action, `${iamPrefix}:${name}`, spec.invalidInputCode, input, context);
      finish({ output });
      return output;
    } catch (error) {
      finish({ error });
      throw error;
    }
  };

  return {
    signingName,
    protocol: `json-${spec.version}`,
    actions: Object.keys(spec.actions),
    handle: async (call) => {
      const output = (await run(call)) ?? {};
      call.response.writeHead(200, {
        "content-type": `application/x-amz-json-${spec.version}`,
        "x-amzn-requestid": call.requestId,
      });
      call.response.end(JSON.stringify(output));
    },
  };
}
