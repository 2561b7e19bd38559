import type { StreamProperties } from "./properties.ts";

/** A delivery stream as it is remembered over restarts. */
export interface StreamDescription {
  readonly name: string;
  readonly arn: string;
  /** 1 when created, one more at each change of its properties. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs?: number;
  readonly properties: StreamProperties;
}

/** An object that a stream has put. */
export interface Delivered {
  readonly kind: "data" | "error" | "backup";
  readonly bucket: string;
  readonly key: string;
  /** Accepted records in it; a converted record may be several rows. */
  readonly records: number;
}
