import * as v from "valibot";
import type { Cloud } from "../cloud.ts";
import { mappingArn } from "./event-source-mappings.ts";

/** How requests name a mapping. */
export const namedMapping = v.object({ UUID: v.pipe(v.string(), v.minLength(1), v.maxLength(36)) });

export type NamedMapping = v.InferOutput<typeof namedMapping>;

export const namedMappingArn = ({ UUID }: NamedMapping, { cloud }: { cloud: Cloud }): string =>
  mappingArn(cloud, UUID);
