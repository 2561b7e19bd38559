import type { TestStack } from "../test/local/stack.ts";

/** Counts the rows of detections that Firehose delivers to the lake from now on. */
export class DeliveredRows {
  count = 0;
  readonly stop: () => void;

  constructor({ local }: TestStack) {
    this.stop = local.cloud.events.subscribe(({ name, detail }) => {
      if (name === "object-delivered" && String(detail["key"]).startsWith("detection_records/"))
        this.count += Number(detail["rows"]);
    });
  }
}
