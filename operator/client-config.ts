import type { KinesisVideoClientConfig } from "@aws-sdk/client-kinesis-video";

/** How SDK clients reach the cloud. The SDK's defaults apply to what is left out: Region, endpoint, credential chain. */
export interface ClientConfig {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Set by `withExplainedErrors`. */
  readonly logger?: NonNullable<KinesisVideoClientConfig["logger"]>;
}
