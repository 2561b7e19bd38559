/**
 * What AWS and the network return, in words that say what happened, at which call, and what to do. Installed once, in the
 * configuration of every client: the SDK's own errors have neither the call nor the resource, and often no message.
 */
import { isNativeError } from "node:util/types";
import { errorMessage, isSilent } from "../base/errors.ts";
import { isStreamingClosed, STREAMING_CLOSED, WITHOUT_STREAMING } from "../schemas/regions.ts";
import type { ClientConfig } from "./client-config.ts";

/** A failed call, as the SDK's logger middleware passes it. */
interface FailedCall {
  /** E.g. `RekognitionClient`. */
  readonly clientName: string;
  /** E.g. `CreateStreamProcessorCommand`. */
  readonly commandName: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly error: unknown;
}

/** What an error means. */
interface Explanation {
  /** The call, its resource, and what happened. */
  readonly problem: string;
  readonly advice?: string | undefined;
  /** Whether Rekognition's streaming video is closed to the account or Region. */
  readonly isClosed?: boolean;
}

const explanations = new WeakMap<Error, Explanation>();

/**
 * A configuration whose clients explain their errors: the message of each names call, resource, error and advice. Names
 * and codes of errors stay.
 */
export const withExplainedErrors = (config: ClientConfig): ClientConfig => ({
  ...config,
  logger: { debug: ignore, info: ignore, warn: ignore, error: note },
});

const ignore = (): void => {};

function note(call: Partial<FailedCall>): void {
  const { error } = call;
  if (!isNativeError(error) || call.commandName === undefined || explanations.has(error)) return;
  const explanation = explain(call as FailedCall);
  explanations.set(error, explanation);
  error.message = textOf(explanation);
}

const textOf = ({ problem, advice }: Explanation): string => (advice ? `${problem}; ${advice}` : problem);

/** The explanation of an error or of what caused it; undefined for one that no AWS call threw. */
export function explanationOf(error: unknown): Explanation | undefined {
  if (!isNativeError(error)) return undefined;
  return explanations.get(error) ?? explanationOf(error.cause);
}

/** Whether Rekognition refused because its streaming video is closed to the account or Region. */
export const isClosedToAccount = (error: unknown): boolean =>
  explanationOf(error)?.isClosed ?? (isNativeError(error) && isStreamingClosed(error));

/** An error's name and message, for people; the message of an AWS call names it already. */
export function describeError(error: unknown): string {
  const message = errorMessage(error);
  const isNamed = !isNativeError(error) || explanationOf(error) !== undefined || error.name === "Error";
  return isNamed ? message : `${error.name}: ${message}`;
}

/** The fields of a request that name its resource, the most telling ones first. */
const RESOURCE_FIELDS = [
  "Name",
  "StreamName",
  "StreamARN",
  "CollectionId",
  "TableName",
  "StackName",
  "Bucket",
  "FunctionName",
  "DeliveryStreamName",
  "QueueUrl",
  "QueueName",
  "TopicArn",
  "SecretId",
  "RoleName",
  "WorkGroup",
  "NamedQueryId",
  "QueryExecutionId",
  "DatabaseName",
];

/** Explains a failed call. */
function explain({ clientName, commandName, input, error }: FailedCall): Explanation {
  const field = RESOURCE_FIELDS.find((one) => typeof input[one] === "string");
  const key = typeof input["Key"] === "string" ? `/${input["Key"]}` : "";
  const resource = field === undefined ? "" : ` for ${String(input[field])}${key}`;
  const call = `${clientName.replace(/Client$/, "")} ${commandName.replace(/Command$/, "")}${resource}`;
  const { happened, ...rest } = meaningOf(error as SdkError, clientName);
  return { problem: `${call}: ${happened}`, ...rest };
}

type SdkError = Error & {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  /** Of an AggregateError: one for each address of a host name. */
  readonly errors?: readonly SdkError[];
  readonly $metadata?: { readonly httpStatusCode?: number };
};

type Meaning = Omit<Explanation, "problem"> & { readonly happened: string };

const LOCAL_CLOUD = "for the local cloud, start it with npm start and add --local";

/** Errors of credentials, as the services name them (documented: each service's common errors). */
const ADVICE: Readonly<Record<string, string>> = {
  ...adviceFor(
    ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"],
    "the credentials have expired: sign in again (aws sso login), or export new ones",
  ),
  ...adviceFor(
    ["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"],
    `these credentials are not valid there: check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_ENDPOINT_URL; ${LOCAL_CLOUD}`,
  ),
  ...adviceFor(
    ["SignatureDoesNotMatch", "InvalidSignatureException", "RequestTimeTooSkewed"],
    "check the secret access key and this machine's clock",
  ),
  ...adviceFor(
    ["CredentialsProviderError"],
    "run aws configure or aws sso login, or set AWS_PROFILE; " + LOCAL_CLOUD,
  ),
};

function adviceFor(names: readonly string[], advice: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, advice]));
}

function meaningOf(error: SdkError, clientName: string): Meaning {
  if (clientName === "RekognitionClient" && isStreamingClosed(error))
    return { happened: STREAMING_CLOSED, advice: WITHOUT_STREAMING, isClosed: true };
  const network = networkMeaning(error);
  if (network) return network;
  if (/Region is missing/i.test(error.message))
    return {
      happened: "no Region is set",
      advice: `give --region, or set AWS_REGION or a Region in the profile; ${LOCAL_CLOUD}`,
    };
  const { name, message, $metadata } = error;
  const status = $metadata?.httpStatusCode === undefined ? "" : ` (HTTP ${$metadata.httpStatusCode})`;
  // The SDK's name and message for a response without them.
  const isUnnamed = ["Unknown", "UnknownError", "Error"].includes(name);
  const happened = isSilent(error)
    ? `${isUnnamed ? "an error without a name and" : name} without a message${status}`
    : isUnnamed
      ? message
      : `${name}: ${message}`;
  return { happened, advice: ADVICE[name] };
}

/** The meaning of an error of the network; undefined for any other. */
function networkMeaning(error: SdkError): Meaning | undefined {
  const { code, address, port, hostname } = error.errors?.[0] ?? error;
  switch (code) {
    case "ECONNREFUSED": {
      const place = `${address?.includes(":") ? `[${address}]` : address}:${port}`;
      const isLocal = address === "::1" || address?.startsWith("127.") === true;
      return isLocal
        ? { happened: `there is no local cloud at http://${place}`, advice: "start it with npm start" }
        : { happened: `${place} refuses connections`, advice: "check --endpoint and AWS_ENDPOINT_URL" };
    }
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return {
        happened: `the host ${hostname} cannot be found`,
        advice: "check the network, the Region (--region, AWS_REGION) and the endpoint (AWS_ENDPOINT_URL)",
      };
    case "ECONNRESET":
    case "EPIPE":
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return { happened: `the connection broke (${code})`, advice: "check the network and try again" };
    default:
      return error.name === "TimeoutError"
        ? { happened: "no response in time", advice: "check the network and try again" }
        : undefined;
  }
}
