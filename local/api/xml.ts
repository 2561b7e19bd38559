import { XMLBuilder } from "fast-xml-parser";

const builder = new XMLBuilder({ ignoreAttributes: false, suppressEmptyNode: false });

/** A response of the AWS Query protocol; lists are written as `<member>` elements. */
export function queryResponse(action: string, namespace: string, result: unknown, requestId: string): string {
  return builder.build({
    [`${action}Response`]: {
      "@_xmlns": namespace,
      [`${action}Result`]: withMembers(result),
      ResponseMetadata: { RequestId: requestId },
    },
  });
}

export function queryError(code: string, message: string, requestId: string): string {
  return builder.build({
    ErrorResponse: { Error: { Type: "Sender", Code: code, Message: message }, RequestId: requestId },
  });
}

export function s3Error(code: string, message: string, requestId: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${builder.build({ Error: { Code: code, Message: message, RequestId: requestId } })}`;
}

function withMembers(value: unknown): unknown {
  if (Array.isArray(value)) return { member: value.map(withMembers) };
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => [key, withMembers(one)]),
  );
}
