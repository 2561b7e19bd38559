import * as v from "valibot";
import { explain } from "../api/action.ts";
import type { Cloud } from "../cloud.ts";
import { OperatorError } from "../errors.ts";
import type { ResourceType } from "../template/resource.ts";
import type { AthenaStore } from "./store.ts";

/** Smallest `BytesScannedCutoffPerQuery` (documented: Athena API, WorkGroupConfiguration). */
const MIN_CUTOFF_BYTES = 10_000_000;
const EFFECTIVE_ENGINE_VERSION = "Athena engine version 3";
/** The workgroup that every account has. */
export const PRIMARY = "primary";

const flag = v.pipe(
  v.union([v.boolean(), v.picklist(["true", "false"])]),
  v.transform((value) => value === true || value === "true"),
);

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
    v.pipe(
      v.union([v.number(), v.string()]),
      v.transform(Number),
      v.integer(),
      v.minValue(MIN_CUTOFF_BYTES, `expected at least ${MIN_CUTOFF_BYTES} bytes`),
    ),
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

/** Settings of a workgroup, defaults filled in. */
export type WorkGroupConfiguration = v.InferOutput<typeof configuration>;

export interface WorkGroupRecord {
  readonly name: string;
  readonly state: "ENABLED" | "DISABLED";
  readonly description?: string | undefined;
  readonly createdAtMs: number;
  readonly configuration: WorkGroupConfiguration;
}

const properties = v.object({
  Name: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9._-]{1,128}$/, "expected 1 to 128 of a-z, A-Z, 0-9, . _ -")),
  State: v.optional(v.picklist(["ENABLED", "DISABLED"]), "ENABLED"),
  Description: v.optional(v.pipe(v.string(), v.maxLength(1024))),
  RecursiveDeleteOption: v.optional(flag),
  Tags: v.optional(v.array(v.unknown())),
  WorkGroupConfiguration: v.optional(configuration, {}),
});

/** `AWS::Athena::WorkGroup`; `Ref` is its name. */
export const workGroupType = (cloud: Cloud, store: AthenaStore): ResourceType => ({
  properties: ["Name", "State", "Description", "RecursiveDeleteOption", "Tags", "WorkGroupConfiguration"],
  create: ({ logicalId, type, properties: given }) => {
    const parsed = v.safeParse(properties, given);
    if (!parsed.success) {
      const unknown = parsed.issues.find((one) => one.type === "strict_object" && one.expected === "never");
      throw new OperatorError(
        unknown
          ? `${logicalId}: the property ${type}.${v.getDotPath(unknown)} is not emulated`
          : `${logicalId}: ${explain(parsed.issues)}`,
      );
    }
    const { Name, State, Description, WorkGroupConfiguration } = parsed.output;
    const createdAtMs = store.workGroups.get(Name)?.createdAtMs ?? cloud.clock.now();
    store.workGroups.put(Name, {
      name: Name,
      state: State,
      description: Description,
      createdAtMs,
      configuration: WorkGroupConfiguration,
    });
    return { ref: Name, attributes: { CreationTime: String(createdAtMs) } };
  },
});

/** Makes the workgroup that every account has, unless the template or an earlier start did. */
export function makePrimary(cloud: Cloud, store: AthenaStore): void {
  if (store.workGroups.get(PRIMARY)) return;
  store.workGroups.put(PRIMARY, {
    name: PRIMARY,
    state: "ENABLED",
    createdAtMs: cloud.clock.now(),
    configuration: { EnforceWorkGroupConfiguration: false },
  });
}

/** Engine version as the API shows it. */
export const engineVersionOf = ({ EngineVersion }: WorkGroupConfiguration) => ({
  SelectedEngineVersion: EngineVersion?.SelectedEngineVersion ?? "AUTO",
  EffectiveEngineVersion: EFFECTIVE_ENGINE_VERSION,
});
