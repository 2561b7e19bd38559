import type { ErrorOutputType } from "../settings/prefix.ts";

/** What the records of a buffer wait for. */
export type BufferPurpose =
  /** The Lambda processor. */
  | { readonly kind: "source" }
  /** Delivery; one buffer for each set of partition keys. */
  | { readonly kind: "data"; readonly partitionKeys: Readonly<Record<string, string>> }
  /** Delivery to the error output. */
  | { readonly kind: "error"; readonly type: ErrorOutputType }
  /** Delivery to the source record backup. */
  | { readonly kind: "backup" };

/** The buffer's name in the store. */
export function bufferName(purpose: BufferPurpose): string {
  if (purpose.kind === "error") return `error:${purpose.type}`;
  return purpose.kind === "data" ? `data:${JSON.stringify(purpose.partitionKeys)}` : purpose.kind;
}

/** The inverse of {@link bufferName}. */
export function bufferPurpose(name: string): BufferPurpose {
  if (name.startsWith("error:")) return { kind: "error", type: name.slice(6) as ErrorOutputType };
  if (name.startsWith("data:"))
    return { kind: "data", partitionKeys: JSON.parse(name.slice(5)) as Record<string, string> };
  return { kind: name as "source" | "backup" };
}
