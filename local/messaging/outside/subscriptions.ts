import { randomId, secureBytes } from "../../../base/random.ts";
import { DAY_MS } from "../../../base/durations.ts";
import type { Cloud } from "../../cloud.ts";
import type { Collection } from "../../documents.ts";
import type { Fauxqs } from "../../fauxqs.ts";
import type { SnsStore } from "../stores.ts";
import {
  filterPolicyNotAllowed,
  notOnFifoTopic,
  otherAttributes,
  rawNotAllowed,
  signatureNeeded,
  subscriptionAttributeNotEmulated,
  subscriptionNotFound,
  tokenNotValid,
  topicNotFound,
} from "../errors.ts";
import { OutsideDeliveries } from "./deliveries.ts";
import { documentText, notification, subscriptionConfirmation } from "./documents.ts";
import { checkEndpoint, isHttp, isOutside, needsConfirmation, type OutsideProtocol } from "./protocols.ts";
import { textFor, type Published } from "./published.ts";

type Subscription = NonNullable<ReturnType<SnsStore["getSubscription"]>>;

/** What fauxqs does not keep about a subscription. */
interface Kept {
  readonly subscriptionArn: string;
  /** Whether it is removed when the template no longer has it. */
  readonly isOfTemplate: boolean;
  /** Of one that was requested to confirm. */
  readonly token?: string;
  readonly tokenExpiresAtMs?: number;
  readonly confirmation?: Confirmation;
}

/** How a subscription was confirmed. */
interface Confirmation {
  readonly isAuthenticated: boolean;
  /** Whether only a signed call unsubscribes. */
  readonly protectsUnsubscribe: boolean;
}

/** What a subscription is created with. */
export interface NewSubscription {
  readonly topicArn: string;
  readonly protocol: OutsideProtocol;
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly isOfTemplate?: boolean;
}

/** Documented (ConfirmSubscription): tokens are valid for two days. A pending subscription goes with its token. */
const TOKEN_MS = 2 * DAY_MS;
/** Path of the links in what endpoints are sent. */
export const LINK_PATH = "/sns/";
const ATTRIBUTES: readonly string[] = [
  "RawMessageDelivery",
  "FilterPolicy",
  "FilterPolicyScope",
  "RedrivePolicy",
];

/**
 * Subscriptions by HTTP, e-mail and SMS. fauxqs keeps and lists them; it delivers to queues alone.
 *
 * One that needs it is pending until its owner confirms with the token, and is removed when that expires.
 */
export class OutsideSubscriptions {
  readonly #cloud: Cloud;
  readonly #fauxqs: Fauxqs;
  readonly #records: Collection<Kept>;
  readonly #deliveries: OutsideDeliveries;
  /** Those that this start's template has. */
  readonly #ofTemplate = new Set<string>();

  constructor(cloud: Cloud, fauxqs: Fauxqs) {
    this.#cloud = cloud;
    this.#fauxqs = fauxqs;
    this.#records = cloud.documents.collection("messaging/outside-subscriptions");
    this.#deliveries = new OutsideDeliveries(cloud, {
      has: (subscriptionArn) => fauxqs.topics.getSubscription(subscriptionArn) !== undefined,
      deadLetterQueueOf: (subscriptionArn) => this.#deadLetterQueueOf(subscriptionArn),
    });
  }

  /** Sends what waits, and removes subscriptions that are no longer in the template. */
  start(): void {
    for (const { subscriptionArn, isOfTemplate } of this.#records.list())
      if (isOfTemplate && !this.#ofTemplate.has(subscriptionArn)) this.unsubscribe(subscriptionArn);
    this.#deliveries.start();
  }

  async stop(): Promise<void> {
    await this.#deliveries.stop();
  }

  /**
   * Subscribes an endpoint, and sends a new confirmation request to one that is pending already.
   * @returns its ARN, and whether it is pending
   * @throws AwsError for what is not possible or not emulated
   */
  subscribe({ topicArn, protocol, endpoint, attributes, isOfTemplate = false }: NewSubscription): {
    arn: string;
    isPending: boolean;
  } {
    const topic = this.#fauxqs.topics.getTopic(topicArn);
    if (!topic) throw topicNotFound();
    if (topic.attributes["FifoTopic"] === "true") throw notOnFifoTopic(protocol);
    checkEndpoint(protocol, endpoint);
    for (const [name, value] of Object.entries(attributes)) this.#checkAttribute(protocol, name, value);
    this.#forgetExpired();
    const existing = [...this.#fauxqs.topics.subscriptions.values()].find(
      (one) => one.topicArn === topicArn && one.protocol === protocol && one.endpoint === endpoint,
    );
    if (existing && isOfTemplate) this.#setAttributes(existing, attributes);
    else if (existing && !isSame(existing.attributes, attributes)) throw otherAttributes();
    const subscription = existing ?? this.#create(topicArn, protocol, endpoint, attributes);
    if (isOfTemplate) this.#ofTemplate.add(subscription.arn);
    const known = this.#records.get(subscription.arn);
    const record: Kept = {
      ...known,
      subscriptionArn: subscription.arn,
      isOfTemplate: isOfTemplate || known?.isOfTemplate === true,
    };
    // A restart with the same template is no new request.
    const isRequested = !subscription.confirmed && (known === undefined || !isOfTemplate);
    if (isRequested) this.#requestConfirmation(subscription, record);
    else this.#records.put(subscription.arn, record);
    return { arn: subscription.arn, isPending: !subscription.confirmed };
  }

  /**
   * Confirms the subscription that the token was sent for.
   * @throws AwsError InvalidParameter for a token that is unknown or has expired
   */
  confirm(topicArn: string, token: string, confirmation: Confirmation): string {
    this.#forgetExpired();
    const found = this.#records
      .list()
      .find((one) => one.token === token && !isExpired(one, this.#cloud.clock.now()));
    const subscription = found && this.#fauxqs.topics.getSubscription(found.subscriptionArn);
    if (!subscription || subscription.topicArn !== topicArn) throw tokenNotValid();
    if (!subscription.confirmed) {
      this.#setConfirmed(subscription);
      this.#records.put(found.subscriptionArn, { ...found, confirmation });
    }
    return subscription.arn;
  }

  unsubscribe(subscriptionArn: string): void {
    this.#fauxqs.topics.unsubscribe(subscriptionArn);
    this.#records.delete(subscriptionArn);
  }

  /**
   * Unsubscribes by the link in a message.
   * @throws AwsError for a subscription that does not exist, or that only a signed call may end
   */
  unsubscribeByLink(subscriptionArn: string): void {
    if (!this.#fauxqs.topics.getSubscription(subscriptionArn)) throw subscriptionNotFound();
    if (this.#records.get(subscriptionArn)?.confirmation?.protectsUnsubscribe) throw signatureNeeded();
    this.unsubscribe(subscriptionArn);
  }

  /** @throws AwsError for an attribute that the protocol does not have or that is not emulated */
  checkAttribute(subscriptionArn: string, name: string, value: string): void {
    const protocol = this.#fauxqs.topics.getSubscription(subscriptionArn)?.protocol ?? "";
    if (isOutside(protocol)) this.#checkAttribute(protocol, name, value);
  }

  /** Sends a published message to the confirmed subscriptions whose filter policy matches it. */
  deliver(topicArn: string, published: readonly Published[]): void {
    for (const subscription of this.#fauxqs.topics.subscriptions.values()) {
      const { protocol, confirmed } = subscription;
      if (subscription.topicArn !== topicArn || !confirmed || !isOutside(protocol)) continue;
      for (const one of published)
        if (this.#matches(subscription, one)) this.#send(subscription, protocol, one);
    }
  }

  /** A listing as SNS writes it: without the ARNs of pending subscriptions (documented: ListSubscriptions, observed). */
  withoutPendingArns(responseText: string): string {
    this.#forgetExpired();
    let text = responseText;
    for (const { arn, confirmed } of this.#fauxqs.topics.subscriptions.values())
      if (!confirmed)
        text = text.replace(
          `<SubscriptionArn>${arn}</SubscriptionArn>`,
          "<SubscriptionArn>PendingConfirmation</SubscriptionArn>",
        );
    return text;
  }

  /** The attributes of a subscription, with how it was confirmed. */
  withConfirmation(subscriptionArn: string, responseText: string): string {
    const { confirmation } = this.#records.get(subscriptionArn) ?? {};
    const isUnauthenticated = this.#isPending(subscriptionArn) || confirmation?.isAuthenticated === false;
    return isUnauthenticated
      ? responseText.replace(
          "<key>ConfirmationWasAuthenticated</key><value>true</value>",
          "<key>ConfirmationWasAuthenticated</key><value>false</value>",
        )
      : responseText;
  }

  #isPending(subscriptionArn: string): boolean {
    return this.#fauxqs.topics.getSubscription(subscriptionArn)?.confirmed === false;
  }

  #create(
    topicArn: string,
    protocol: OutsideProtocol,
    endpoint: string,
    attributes: Readonly<Record<string, string>>,
  ): Subscription {
    const created = this.#fauxqs.topics.subscribe(topicArn, protocol, endpoint, { ...attributes })!;
    if (!needsConfirmation(protocol)) this.#setConfirmed(created);
    return created;
  }

  #setConfirmed(subscription: Subscription): void {
    subscription.confirmed = true;
    this.#fauxqs.topics.persistence?.insertSubscription(subscription);
  }

  #setAttributes(subscription: Subscription, attributes: Readonly<Record<string, string>>): void {
    subscription.attributes = { ...attributes };
    delete subscription.parsedFilterPolicy;
    this.#fauxqs.topics.persistence?.updateSubscriptionAttributes(subscription.arn, subscription.attributes);
  }

  #checkAttribute(protocol: OutsideProtocol, name: string, value: string): void {
    if (!ATTRIBUTES.includes(name)) throw subscriptionAttributeNotEmulated(name);
    if (name === "RawMessageDelivery" && value === "true" && !isHttp(protocol)) throw rawNotAllowed(protocol);
    if (name === "FilterPolicy" && value !== "")
      try {
        this.#fauxqs.filters.validateFilterPolicyLimits(value);
      } catch (error) {
        throw filterPolicyNotAllowed(error);
      }
  }

  #requestConfirmation({ arn, topicArn, protocol, endpoint }: Subscription, record: Kept): void {
    const atMs = this.#cloud.clock.now();
    const token = secureBytes(64).toString("hex");
    this.#records.put(arn, { ...record, token, tokenExpiresAtMs: atMs + TOKEN_MS });
    const subscribeUrl = this.#link({ Action: "ConfirmSubscription", TopicArn: topicArn, Token: token });
    const messageId = randomId();
    const document = documentText(
      subscriptionConfirmation({ messageId, token, topicArn, subscribeUrl }, atMs),
    );
    this.#deliveries.add({
      type: "SubscriptionConfirmation",
      protocol: protocol as OutsideProtocol,
      endpoint,
      topicArn,
      subscriptionArn: arn,
      messageId,
      document,
      text:
        protocol === "email"
          ? `You have chosen to subscribe to the topic:\n${topicArn}\n\n` +
            "To confirm this subscription, open this link. If you did not subscribe, do nothing.\n" +
            `${subscribeUrl}\n`
          : document,
      subject: "AWS Notification - Subscription Confirmation",
      from: this.#senderOf(topicArn),
    });
  }

  #send(subscription: Subscription, protocol: OutsideProtocol, published: Published): void {
    const { arn, topicArn, endpoint, attributes } = subscription;
    const unsubscribeUrl = this.#link({ Action: "Unsubscribe", SubscriptionArn: arn });
    const about = { protocol, topicArn, unsubscribeUrl };
    const document = documentText(notification(published, about, this.#cloud.clock.now()));
    const isRaw = attributes["RawMessageDelivery"] === "true";
    const text = textFor(protocol, published);
    const displayName = this.#displayNameOf(topicArn);
    const texts: Record<OutsideProtocol, string> = {
      http: isRaw ? text : document,
      https: isRaw ? text : document,
      email: `${text}\n\n--\nTo stop receiving these notifications, open this link:\n${unsubscribeUrl}\n`,
      "email-json": document,
      sms: displayName === "" ? text : `${displayName}> ${text}`,
    };
    this.#deliveries.add({
      type: "Notification",
      protocol,
      endpoint,
      topicArn,
      subscriptionArn: arn,
      messageId: published.messageId,
      document,
      text: texts[protocol],
      isRaw,
      subject: published.subject ?? "AWS Notification Message",
      from: this.#senderOf(topicArn),
    });
  }

  #matches({ attributes }: Subscription, published: Published): boolean {
    const { FilterPolicy, FilterPolicyScope } = attributes;
    if (!FilterPolicy) return true;
    const policy = JSON.parse(FilterPolicy) as Record<string, unknown>;
    const { matchesFilterPolicy, matchesFilterPolicyOnBody } = this.#fauxqs.filters;
    return FilterPolicyScope === "MessageBody"
      ? matchesFilterPolicyOnBody(policy, published.text)
      : matchesFilterPolicy(policy, { ...published.attributes });
  }

  #deadLetterQueueOf(subscriptionArn: string): string | undefined {
    const { RedrivePolicy } = this.#fauxqs.topics.getSubscription(subscriptionArn)?.attributes ?? {};
    if (!RedrivePolicy) return undefined;
    return (JSON.parse(RedrivePolicy) as { deadLetterTargetArn?: string }).deadLetterTargetArn;
  }

  #displayNameOf(topicArn: string): string {
    return this.#fauxqs.topics.getTopic(topicArn)?.attributes["DisplayName"] ?? "";
  }

  #senderOf(topicArn: string): string {
    return this.#displayNameOf(topicArn) || "AWS Notifications";
  }

  #link(parameters: Readonly<Record<string, string>>): string {
    return `${this.#cloud.endpoint}${LINK_PATH}?${new URLSearchParams(parameters).toString()}`;
  }

  #forgetExpired(): void {
    const nowMs = this.#cloud.clock.now();
    for (const kept of this.#records.list())
      if (kept.confirmation === undefined && isExpired(kept, nowMs)) this.unsubscribe(kept.subscriptionArn);
  }
}

const isExpired = ({ tokenExpiresAtMs = Infinity }: Kept, nowMs: number): boolean =>
  tokenExpiresAtMs <= nowMs;

const isSame = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => a[name] === b[name]);
