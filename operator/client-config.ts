import type { KinesisVideoClientConfig } from "@aws-sdk/client-kinesis-video";
import type { NodeHttpHandler } from "@smithy/node-http-handler";

/** How SDK clients reach the cloud. The SDK's defaults apply to what is left out: Region, endpoint, credential chain. */
export interface ClientConfig {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Connections that several clients share; by default each has its own. */
  readonly requestHandler?: NodeHttpHandler;
  /** Set by `withExplainedErrors`. */
  readonly logger?: NonNullable<KinesisVideoClientConfig["logger"]>;
}
