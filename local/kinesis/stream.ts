import type { Cloud } from "../cloud.ts";

/** What a stream is created with. */
export interface StreamSettings {
  readonly name: string;
  readonly mode: "PROVISIONED" | "ON_DEMAND";
  readonly shardCount: number;
  readonly retentionHours: number;
  readonly tags: Readonly<Record<string, string>>;
  /** The KMS key of server-side encryption, which has no effect on one machine. */
  readonly keyId?: string | undefined;
}

export interface Stream extends StreamSettings {
  readonly createdAtMs: number;
  /** Until then, the stream is CREATING. */
  readonly activeAtMs: number;
}

export const streamArn = (cloud: Cloud, name: string): string => cloud.arn("kinesis", `stream/${name}`);
