import { messageNotJson, noDefaultMessage, subjectNotAllowed } from "../errors.ts";

/** An attribute of a message, as a Publish request has it. */
interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** A message as it was published. */
export interface Message {
  readonly text: string;
  readonly subject?: string | undefined;
  /** The texts by protocol, when the message has the structure `json`. */
  readonly byProtocol?: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

export interface Published extends Message {
  readonly messageId: string;
}

/** The text for the subscriptions of a protocol (documented: SNS API reference, Publish, MessageStructure). */
export function textFor(protocol: string, { text, byProtocol }: Message): string {
  if (!byProtocol) return text;
  const own = byProtocol[protocol];
  return typeof own === "string" ? own : String(byProtocol["default"]);
}

/** The messages of a request of Publish or PublishBatch, by the prefix of their fields. */
export class PublishRequest {
  readonly #fields: URLSearchParams;
  readonly #messages = new Map<string, Message>();

  /** @throws AwsError InvalidParameter for a subject or a structure that SNS refuses */
  constructor(fields: URLSearchParams) {
    this.#fields = fields;
    for (const name of fields.keys()) {
      const [, prefix] = /^((?:PublishBatchRequestEntries\.member\.\d+\.)?)Message$/.exec(name) ?? [];
      if (prefix !== undefined) this.#messages.set(prefix, readMessage(fields, prefix));
    }
  }

  /** How many messages it has. */
  get size(): number {
    return this.#messages.size;
  }

  /** The request with each message as text, in the form for a protocol: fauxqs knows no structure. */
  fieldsFor(protocol: string): URLSearchParams {
    const fields = new URLSearchParams(this.#fields);
    for (const [prefix, message] of this.#messages)
      if (message.byProtocol) {
        fields.set(`${prefix}Message`, textFor(protocol, message));
        fields.delete(`${prefix}MessageStructure`);
      }
    return fields;
  }

  /** The messages that SNS accepted, with the ids that its response gives them. */
  accepted(responseText: string): Published[] {
    if (this.#fields.get("Action") === "Publish") {
      const messageId = /<MessageId>([^<]+)</.exec(responseText)?.[1];
      const message = this.#messages.get("");
      return message && messageId ? [{ ...message, messageId }] : [];
    }
    const idsByEntry = new Map(
      [...responseText.matchAll(/<Id>([^<]+)<\/Id>\s*<MessageId>([^<]+)</g)].map(
        ([, entry, messageId]) => [entry!, messageId!] as const,
      ),
    );
    return [...this.#messages].flatMap(([prefix, message]) => {
      const messageId = idsByEntry.get(this.#fields.get(`${prefix}Id`) ?? "");
      return messageId === undefined ? [] : [{ ...message, messageId }];
    });
  }
}

function readMessage(fields: URLSearchParams, prefix: string): Message {
  const text = fields.get(`${prefix}Message`) ?? "";
  const subject = fields.get(`${prefix}Subject`) ?? undefined;
  if (subject !== undefined && !isSubject(subject)) throw subjectNotAllowed();
  return {
    text,
    subject,
    ...(fields.get(`${prefix}MessageStructure`) === "json" && { byProtocol: readStructure(text) }),
    attributes: Object.fromEntries(attributesOf(fields, prefix)),
  };
}

/** Documented (Publish): at most 100 characters, no line breaks or control characters. */
const isSubject = (subject: string): boolean => /^[^\p{Cc}\u{2028}\u{2029}]{1,100}$/u.test(subject);

function readStructure(text: string): Readonly<Record<string, unknown>> {
  let structure: unknown;
  try {
    structure = JSON.parse(text);
  } catch {
    throw messageNotJson();
  }
  if (typeof structure !== "object" || structure === null) throw messageNotJson();
  const texts = structure as Record<string, unknown>;
  if (typeof texts["default"] !== "string") throw noDefaultMessage();
  return texts;
}

function* attributesOf(fields: URLSearchParams, prefix: string): Generator<[string, MessageAttribute]> {
  for (let index = 1; fields.has(`${prefix}MessageAttributes.entry.${index}.Name`); index++) {
    const entry = `${prefix}MessageAttributes.entry.${index}`;
    const value = (name: string): string | undefined => fields.get(`${entry}.Value.${name}`) ?? undefined;
    const StringValue = value("StringValue");
    const BinaryValue = value("BinaryValue");
    yield [
      fields.get(`${entry}.Name`)!,
      {
        DataType: value("DataType") ?? "String",
        ...(StringValue !== undefined && { StringValue }),
        ...(BinaryValue !== undefined && { BinaryValue }),
      },
    ];
  }
}
