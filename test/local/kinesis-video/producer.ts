import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { readAcks, type Ack } from "../../../uploader/acks.ts";
import { signedPutMediaHeaders, type AwsCredentials } from "../../../uploader/put-media.ts";

export interface ProducerOptions {
  readonly endpoint: string;
  readonly streamName: string;
  readonly timecodeType?: "ABSOLUTE" | "RELATIVE";
  readonly producerStartMs?: number;
  readonly credentials?: AwsCredentials;
  /** Override the default headers and are signed with them; undefined omits one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** One PutMedia connection, to which a test sends data while it reads the acknowledgements. */
export class Producer {
  readonly #request: ClientRequest;
  readonly #response: IncomingMessage;
  readonly #acks: AsyncGenerator<Ack>;

  private constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request;
    this.#response = response;
    this.#acks = readAcks(response);
  }

  /** Connects; resolves with the response's headers, before any media is sent. */
  static async connect(options: ProducerOptions): Promise<Producer> {
    const { endpoint, streamName, timecodeType = "ABSOLUTE", producerStartMs = 0 } = options;
    const { credentials = { accessKeyId: "test", secretAccessKey: "test" } } = options;
    const target = { endpoint, region: "us-east-1", credentials, streamName, producerStartMs, timecodeType };
    const usual = await signedPutMediaHeaders(target, new Date());
    const headers = options.headers
      ? await signAnew({ ...usual, ...options.headers }, endpoint, credentials)
      : usual;
    const request = httpRequest(`${endpoint}/putMedia`, { method: "POST", headers });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve).once("error", reject);
      request.flushHeaders();
    });
    request.on("error", () => {});
    return new Producer(request, response);
  }

  get status(): number {
    return this.#response.statusCode!;
  }

  get errorType(): string | undefined {
    return this.#response.headers["x-amzn-errortype"] as string | undefined;
  }

  send(...parts: Uint8Array[]): void {
    for (const part of parts) this.#request.write(part);
  }

  /** The next acknowledgement; undefined when the response has ended. */
  async ack(): Promise<Ack | undefined> {
    const next = await this.#acks.next();
    return next.done ? undefined : next.value;
  }

  /** All acknowledgements up to the end of the response. */
  async acks(): Promise<Ack[]> {
    const all: Ack[] = [];
    for (let one; (one = await this.ack());) all.push(one);
    return all;
  }

  end(): void {
    this.#request.end();
  }

  /** Resolves when the server closes the connection. */
  async closed(): Promise<void> {
    if (!this.#request.closed) await new Promise((resolve) => this.#request.once("close", resolve));
  }

  hangUp(): void {
    this.#request.destroy();
  }
}

async function signAnew(
  headers: Readonly<Record<string, string | undefined>>,
  endpoint: string,
  credentials: AwsCredentials,
): Promise<Record<string, string>> {
  const { protocol, hostname } = new URL(endpoint);
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && name !== "authorization",
  );
  const signer = new SignatureV4({
    service: "kinesisvideo",
    region: "us-east-1",
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign({
    method: "POST",
    protocol,
    hostname,
    path: "/putMedia",
    headers: Object.fromEntries(kept) as Record<string, string>,
  });
  return signed.headers;
}

/** Sends a whole body at once and returns the acknowledgements. */
export async function putAll(options: ProducerOptions, ...parts: Uint8Array[]): Promise<Ack[]> {
  const producer = await Producer.connect(options);
  producer.send(...parts);
  producer.end();
  return await producer.acks();
}
