import { errorMessage } from "../../base/errors.ts";
import { AwsError } from "../errors.ts";

/** SNS has a name of its own for a call that no policy allows (documented: SNS API reference, Common Errors). */
export const authorizationError = (error: unknown): unknown =>
  error instanceof AwsError && error.code === "AccessDeniedException"
    ? new AwsError("AuthorizationError", error.message, error.status)
    : error;

export const notJson = (): AwsError =>
  new AwsError("SerializationException", "the request body is not JSON; the Query protocol is not emulated");

const invalidParameter = (message: string): AwsError =>
  new AwsError("InvalidParameter", `Invalid parameter: ${message}`);
const notFound = (message: string): AwsError => new AwsError("NotFound", message, 404);

export const protocolNotEmulated = (protocol: string): AwsError =>
  invalidParameter(
    `Protocol: the local cloud delivers to sqs, http, https, email, email-json and sms, and to lambda and firehose for subscriptions in the template; ${protocol} is not emulated`,
  );

export const endpointOfOtherForm = (protocol: string, form: string): AwsError =>
  invalidParameter(`Endpoint: an endpoint of the protocol ${protocol} has the form ${form}`);

export const endpointElsewhere = (host: string): AwsError =>
  invalidParameter(
    `Endpoint: the local cloud calls this machine alone (localhost, 127.0.0.1 or [::1]), not ${host}`,
  );

export const subscriptionAttributeNotEmulated = (name: string): AwsError =>
  invalidParameter(
    `AttributeName: ${name} is not emulated; there are RawMessageDelivery, FilterPolicy, FilterPolicyScope and RedrivePolicy`,
  );

export const rawNotAllowed = (protocol: string): AwsError =>
  invalidParameter(`Attributes Reason: the protocol ${protocol} has no RawMessageDelivery`);

/** @param error that fauxqs throws */
export const filterPolicyNotAllowed = (error: unknown): AwsError =>
  invalidParameter(`FilterPolicy: ${errorMessage(error).replace(/^Invalid parameter: /, "")}`);

export const otherAttributes = (): AwsError =>
  invalidParameter("Attributes Reason: Subscription already exists with different attributes");

export const notOnFifoTopic = (protocol: string): AwsError =>
  invalidParameter(`a FIFO topic delivers to queues, not by ${protocol}`);

export const tokenNotValid = (): AwsError => invalidParameter("Token");

export const subjectNotAllowed = (): AwsError => invalidParameter("Subject");

export const messageNotJson = (): AwsError =>
  invalidParameter("Message Structure - JSON message body failed to parse");

export const noDefaultMessage = (): AwsError =>
  invalidParameter("Message Structure - No default entry in JSON message body");

export const topicNotFound = (): AwsError => notFound("Topic does not exist");

export const subscriptionNotFound = (): AwsError => notFound("Subscription does not exist");

export const signatureNeeded = (): AwsError =>
  new AwsError(
    "AuthorizationError",
    "the subscription was confirmed with AuthenticateOnUnsubscribe; call Unsubscribe with a signature",
    403,
  );

export const linkActionNotEmulated = (action: string): AwsError =>
  new AwsError("InvalidAction", `a link does ConfirmSubscription or Unsubscribe, not ${action}`);

/** Observed by users of AWS; documented is that SQS refuses it. */
export const visibilityBeyondLimit = (seconds: number): AwsError =>
  new AwsError(
    "InvalidParameterValue",
    `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
  );
