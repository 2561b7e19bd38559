import {
  DescribeStreamCommand,
  GetDataEndpointCommand,
  KinesisVideoClient,
  type KinesisVideoClientConfig,
} from "@aws-sdk/client-kinesis-video";
import type { AwsCredentials } from "./put-media.ts";

/** How to reach Kinesis Video Streams. The SDK's defaults apply to what is left out. */
export interface CloudOptions {
  readonly region?: string;
  readonly credentials?: KinesisVideoClientConfig["credentials"] & {};
  /** Endpoint of the control plane. Default: AWS_ENDPOINT_URL, else the Region's. */
  readonly endpoint?: string;
  readonly logger?: KinesisVideoClientConfig["logger"] & {};
}

/** The Kinesis video stream to send to. Its data endpoint is looked up once, and again only after a failure. */
export class VideoStream {
  readonly name: string;
  readonly #client: KinesisVideoClient;
  #endpoint: Promise<string> | undefined;

  constructor(name: string, { region, credentials, endpoint, logger }: CloudOptions = {}) {
    this.name = name;
    const config: KinesisVideoClientConfig = {
      ...(region !== undefined && { region }),
      ...(credentials && { credentials }),
      ...(endpoint !== undefined && { endpoint }),
      ...(logger && { logger }),
    };
    this.#client = new KinesisVideoClient(config);
  }

  /** 0: the stream stores nothing and delivers fragments for a few minutes only (documented: CreateStream). */
  async retentionHours(): Promise<number> {
    const { StreamInfo } = await this.#client.send(new DescribeStreamCommand({ StreamName: this.name }));
    return StreamInfo?.DataRetentionInHours ?? 0;
  }

  /** The endpoint of PutMedia. Cached, since GetDataEndpoint allows 5 calls a second per stream (documented: quotas). */
  endpoint(): Promise<string> {
    return (this.#endpoint ??= this.#findEndpoint());
  }

  /** Forces a new look-up next time: the endpoint may be gone. */
  forgetEndpoint(): void {
    this.#endpoint = undefined;
  }

  region(): Promise<string> {
    return this.#client.config.region();
  }

  /** @param refresh whether to get new credentials even if the current ones look valid */
  credentials(refresh = false): Promise<AwsCredentials> {
    return this.#client.config.credentials({ forceRefresh: refresh });
  }

  close(): void {
    this.#client.destroy();
  }

  async #findEndpoint(): Promise<string> {
    try {
      const { DataEndpoint } = await this.#client.send(
        new GetDataEndpointCommand({ StreamName: this.name, APIName: "PUT_MEDIA" }),
      );
      if (!DataEndpoint) throw new Error(`GetDataEndpoint returned no endpoint for stream ${this.name}`);
      return DataEndpoint;
    } catch (error) {
      this.#endpoint = undefined;
      throw error;
    }
  }
}
