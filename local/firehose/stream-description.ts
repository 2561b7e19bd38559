import type { StreamProperties } from "./settings/properties.ts";

/** A delivery stream, as it survives a restart. */
export interface StreamDescription {
  readonly name: string;
  readonly arn: string;
  /** 1 when created, one more at each change of its properties. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs?: number;
  readonly properties: StreamProperties;
}

/** An object that a stream wrote to S3. */
export interface DeliveredObject {
  readonly kind: "data" | "error" | "backup";
  readonly bucket: string;
  readonly key: string;
  /** The number of accepted records in it; a converted record may be several rows. */
  readonly records: number;
}
