import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readSegment, type ClusterPart } from "../../local/matroska/index.ts";

/** One PutMedia request as the service sees it. */
export interface Connection {
  readonly headers: IncomingHttpHeaders;
  readonly timecodes: number[];
  /** Sends an acknowledgement. */
  ack(event: string, timecode?: number, details?: object): void;
  /** Closes the connection without a response. */
  hangUp(): void;
  /** Ends the response, as the service does when it is done. */
  end(): void;
}

/** Handles a fragment; by default acknowledges it as received and persisted. */
type OnFragment = (connection: Connection, cluster: ClusterPart, index: number) => void | Promise<void>;

/** A substitute for Kinesis Video Streams with one stream, whose failures a test controls. */
export class FakeService {
  readonly connections: Connection[] = [];
  /** `POST /putMedia` and so on, in order. */
  readonly requests: string[] = [];
  retentionHours = 24;
  onFragment: OnFragment = (connection, { timecode }) => persist(connection, timecode);
  /** Handles a request itself when it returns true. */
  onRequest: (path: string, response: ServerResponse, headers: IncomingHttpHeaders) => boolean = () => false;
  endpoint = "";
  readonly #server = createServer((request, response) => {
    const path = request.url!;
    this.requests.push(path);
    if (this.onRequest(path, response, request.headers)) return void request.resume();
    const answer = (body: object) =>
      response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    if (path === "/describeStream")
      return void answer({ StreamInfo: { DataRetentionInHours: this.retentionHours, Status: "ACTIVE" } });
    if (path === "/getDataEndpoint") return void answer({ DataEndpoint: this.endpoint });
    let isOpen = true;
    const connection: Connection = {
      headers: request.headers,
      timecodes: [],
      ack: (event, timecode, details) => ack(response, event, timecode, details),
      hangUp: () => {
        isOpen = false;
        request.socket.end();
      },
      end: () => void response.end(),
    };
    this.connections.push(connection);
    response.flushHeaders();
    void this.#take(request, connection, () => isOpen);
  });

  static async start(): Promise<FakeService> {
    const service = new FakeService();
    await new Promise<void>((resolve) => service.#server.listen(0, "127.0.0.1", resolve));
    service.endpoint = `http://127.0.0.1:${(service.#server.address() as AddressInfo).port}`;
    return service;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Every fragment that arrived whole, connection by connection. */
  get arrived(): number[][] {
    return this.connections.map(({ timecodes }) => timecodes);
  }

  async #take(body: AsyncIterable<Uint8Array>, connection: Connection, isOpen: () => boolean): Promise<void> {
    try {
      for await (const part of readSegment(body)) {
        if (!isOpen()) return;
        if (part.kind !== "cluster") continue;
        connection.timecodes.push(part.timecode);
        await this.onFragment(connection, part, connection.timecodes.length - 1);
      }
      connection.end();
    } catch (error) {
      // A producer whose connection is closed receives nothing.
      connection.ack("ERROR", undefined, { ErrorId: 4006, ErrorCode: String(error) });
      connection.hangUp();
    }
  }
}

export function persist(connection: Connection, timecode: number): void {
  connection.ack("RECEIVED", timecode);
  connection.ack("PERSISTED", timecode);
}

function ack(response: ServerResponse, event: string, timecode?: number, details: object = {}): void {
  const fragment =
    timecode === undefined ? {} : { FragmentTimecode: timecode, FragmentNumber: `9${timecode}` };
  response.write(`${JSON.stringify({ EventType: event, ...fragment, ...details })}\r\n`);
}
