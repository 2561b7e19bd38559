import { endpointOfOtherForm, endpointElsewhere } from "../errors.ts";

/** The protocols whose endpoints are outside of AWS (documented: SNS API reference, Subscribe). */
const PROTOCOLS = ["http", "https", "email", "email-json", "sms"] as const;
export type OutsideProtocol = (typeof PROTOCOLS)[number];

export const isOutside = (protocol: string): protocol is OutsideProtocol =>
  PROTOCOLS.some((one) => one === protocol);

export const isHttp = (protocol: OutsideProtocol): boolean => protocol === "http" || protocol === "https";

/** Only who sends SMS need not confirm (documented: Subscribe: HTTP, HTTPS and e-mail endpoints must). */
export const needsConfirmation = (protocol: OutsideProtocol): boolean => protocol !== "sms";

const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;
/** E.164 (documented: Subscribe). */
const PHONE_NUMBER = /^\+[1-9]\d{1,14}$/;
/** Names below localhost are left out: not every machine resolves them to itself. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Checks an endpoint. The local cloud writes e-mails and SMS to files, and calls this machine alone: a template
 * that names a real address is tried without sending anything there.
 * @throws AwsError InvalidParameter
 */
export function checkEndpoint(protocol: OutsideProtocol, endpoint: string): void {
  if (isHttp(protocol)) {
    const url = URL.parse(endpoint);
    if (!url || url.protocol !== `${protocol}:` || url.username !== "" || url.password !== "")
      throw endpointOfOtherForm(protocol, `${protocol}://host/path, without a user name`);
    if (!LOOPBACK.test(url.hostname)) throw endpointElsewhere(url.hostname);
  } else if (protocol === "sms") {
    if (!PHONE_NUMBER.test(endpoint)) throw endpointOfOtherForm(protocol, "+ and up to 15 digits");
  } else if (!EMAIL.test(endpoint)) throw endpointOfOtherForm(protocol, "name@domain");
}
