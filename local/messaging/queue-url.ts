import type { Cloud } from "../cloud.ts";

/** The address of a queue, which is also its id for `Ref`. */
export const queueUrl = (cloud: Cloud, name: string): string =>
  `${cloud.endpoint}/${cloud.accountId}/${name}`;
