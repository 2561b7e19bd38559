import { streamAction } from "../stream-action.ts";

/** HOT by default (documented: CreateStream). */
export const describeStreamStorageConfiguration = streamAction({}, ({ name, arn, storageTier = "HOT" }) => ({
  StreamName: name,
  StreamARN: arn,
  StreamStorageConfiguration: { DefaultStorageTier: storageTier },
}));
