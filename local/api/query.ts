import type { Cloud } from "../cloud.ts";
import { AwsError } from "../errors.ts";
import { perform, type AnyAction } from "./action.ts";
import type { Api } from "./api.ts";
import { readBody } from "./body.ts";
import { queryResponse } from "./xml.ts";

/** An API of the AWS Query protocol: form fields in, XML out. */
interface QueryApi<State> {
  readonly signingName: string;
  readonly namespace: string;
  readonly actions: Readonly<Record<string, AnyAction<State>>>;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Serves a Query API. Input members are the form's flat fields. */
export function queryApi<State>(spec: QueryApi<State>, cloud: Cloud, state: State): Api {
  return {
    signingName: spec.signingName,
    protocol: "query",
    actions: Object.keys(spec.actions),
    handle: async ({ body, response, caller, requestId }) => {
      const form = new URLSearchParams((await readBody(body, MAX_BODY_BYTES)).toString());
      const fields = Object.fromEntries(form);
      const name = fields["Action"] ?? "";
      const action = Object.hasOwn(spec.actions, name) ? spec.actions[name] : undefined;
      if (!action)
        throw new AwsError(
          "InvalidAction",
          `${name} is not emulated; ${spec.signingName} has ${Object.keys(spec.actions).join(", ")}`,
        );
      const context = { cloud, state, caller, requestId };
      const iamAction = `${spec.signingName}:${name}`;
      const result = await perform(action, iamAction, "ValidationError", fields, context);
      response.writeHead(200, { "content-type": "text/xml", "x-amzn-requestid": requestId });
      response.end(queryResponse(name, spec.namespace, result, requestId));
    },
  };
}
