import {
  DescribeStreamCommand,
  GetDataEndpointCommand,
  KinesisVideoClient,
  type KinesisVideoClientConfig,
} from "@aws-sdk/client-kinesis-video";
import type { AwsCredentials } from "./put-media.ts";

/** How to reach Kinesis Video Streams; what is left out, the SDK finds: the default credential chain, the Region. */
export interface CloudOptions {
  readonly region?: string;
  readonly credentials?: KinesisVideoClientConfig["credentials"] & {};
  /** Endpoint of the control plane; default: AWS_ENDPOINT_URL, else the Region's. */
  readonly endpoint?: string;
}

/** A Kinesis video stream that is sent to: its data endpoint is asked for once and again only after a failure. */
export class VideoStream {
  readonly name: string;
  readonly #client: KinesisVideoClient;
  #endpoint: Promise<string> | undefined;

  constructor(name: string, { region, credentials, endpoint }: CloudOptions = {}) {
    this.name = name;
    const config: KinesisVideoClientConfig = {
      ...(region !== undefined && { region }),
      ...(credentials && { credentials }),
      ...(endpoint !== undefined && { endpoint }),
    };
    this.#client = new KinesisVideoClient(config);
  }

  /** 0: the stream stores nothing and hands fragments on for a few minutes (documented: CreateStream). */
  async retentionHours(): Promise<number> {
    const { StreamInfo } = await this.#client.send(new DescribeStreamCommand({ StreamName: this.name }));
    return StreamInfo?.DataRetentionInHours ?? 0;
  }

  /** Where PutMedia goes. GetDataEndpoint takes 5 calls a second per stream (documented: quotas), so it is remembered. */
  endpoint(): Promise<string> {
    return (this.#endpoint ??= this.#findEndpoint());
  }

  /** Another look-up next time: the endpoint may have gone. */
  forgetEndpoint(): void {
    this.#endpoint = undefined;
  }

  region(): Promise<string> {
    return this.#client.config.region();
  }

  /** @param refresh asks the provider anew even for credentials that look valid */
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
      if (!DataEndpoint) throw new Error(`GetDataEndpoint gave no endpoint for stream ${this.name}`);
      return DataEndpoint;
    } catch (error) {
      this.#endpoint = undefined;
      throw error;
    }
  }
}
