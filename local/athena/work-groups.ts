import * as v from "valibot";
import { flag, number } from "../template/properties.ts";

/** Smallest `BytesScannedCutoffPerQuery` (documented: Athena API, WorkGroupConfiguration). */
const MIN_CUTOFF_BYTES = 10_000_000;
const EFFECTIVE_ENGINE_VERSION = "Athena engine version 3";
/** The workgroup that every account has. */
export const PRIMARY = "primary";

const encryption = v.strictObject({
  EncryptionOption: v.picklist(["SSE_S3", "SSE_KMS", "CSE_KMS"]),
  KmsKey: v.optional(v.string()),
});

/** An `s3://` folder. */
export const outputLocation = v.pipe(
  v.string(),
  v.regex(/^s3:\/\/[^/]+(\/.*)?$/, "expected s3://<bucket>/<prefix>/"),
);

const configuration = v.strictObject({
  AdditionalConfiguration: v.optional(v.string()),
  BytesScannedCutoffPerQuery: v.optional(
    v.pipe(number, v.integer(), v.minValue(MIN_CUTOFF_BYTES, `expected at least ${MIN_CUTOFF_BYTES} bytes`)),
  ),
  EnforceWorkGroupConfiguration: v.optional(flag, true),
  EngineVersion: v.optional(
    v.strictObject({
      SelectedEngineVersion: v.optional(v.picklist(["AUTO", EFFECTIVE_ENGINE_VERSION])),
      EffectiveEngineVersion: v.optional(v.string()),
    }),
  ),
  PublishCloudWatchMetricsEnabled: v.optional(flag),
  RequesterPaysEnabled: v.optional(flag),
  ResultConfiguration: v.optional(
    v.strictObject({
      OutputLocation: v.optional(outputLocation),
      EncryptionConfiguration: v.optional(encryption),
      ExpectedBucketOwner: v.optional(v.string()),
    }),
  ),
});

/** The settings of a workgroup, with their defaults. */
export type WorkGroupConfiguration = v.InferOutput<typeof configuration>;

export const workGroupProperties = v.object({
  Name: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9._-]{1,128}$/, "expected 1 to 128 of a-z, A-Z, 0-9, . _ -")),
  State: v.optional(v.picklist(["ENABLED", "DISABLED"]), "ENABLED"),
  Description: v.optional(v.pipe(v.string(), v.maxLength(1024))),
  RecursiveDeleteOption: v.optional(flag),
  Tags: v.optional(v.array(v.unknown())),
  WorkGroupConfiguration: v.optional(configuration, {}),
});

/** The engine version, as the API returns it. */
export const engineVersionOf = ({ EngineVersion }: WorkGroupConfiguration) => ({
  SelectedEngineVersion: EngineVersion?.SelectedEngineVersion ?? "AUTO",
  EffectiveEngineVersion: EFFECTIVE_ENGINE_VERSION,
});
