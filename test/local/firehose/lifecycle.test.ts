import { describe, expect, test } from "@jest/globals";
import { useStream } from "./stream.ts";
import { glueTable, objectsIn, parquetDestination, processing, templateOf } from "./support.ts";

describe("the life cycle of a delivery stream", () => {
  const stream = useStream();
  const { lambda, start, put, flush, keptFolder } = stream;

  test("loses no record at a restart, wherever it waits", async () => {
    const dataFolder = keptFolder();
    const template = templateOf({ Prefix: "data/", ProcessingConfiguration: processing() });
    await start(template, dataFolder);
    await put("processed");
    stream.local.clock.turn(60_000);
    await stream.local.cloud.events.waitFor(({ name }) => name === "transformed");
    await put("accepted");
    await stream.local.stop();

    await start(template, dataFolder);
    const { objects } = await flush();
    expect(objects).toMatchObject([{ kind: "data", records: 2 }]);
    expect((await objectsIn(stream.local, "lake")).map(({ text }) => text)).toEqual(["processedaccepted"]);
    expect((await flush()).objects).toEqual([]);
  });

  test("stops while its function hangs, and processes the batch at the next start", async () => {
    const dataFolder = keptFolder();
    const template = templateOf({ ProcessingConfiguration: processing() });
    await start(template, dataFolder);
    const invoked = new Promise<void>((resolve) => {
      lambda.handler = () => {
        resolve();
        return new Promise(() => {});
      };
    });
    await put("a");
    const flushed = flush().catch(() => "stopped");
    await invoked;
    await stream.local.stop();
    expect(await flushed).toBe("stopped");

    lambda.reset();
    await start(template, dataFolder);
    expect((await flush()).objects).toMatchObject([{ kind: "data", records: 1 }]);
  });

  test("flushes a stream by name, which must exist", async () => {
    await start(templateOf({}));
    await put("a");
    await expect(flush({ deliveryStreamName: "unknown" })).rejects.toThrow(
      "Firehose unknown under account 000000000000 not found.",
    );
    expect((await flush({ deliveryStreamName: "detections" })).objects).toMatchObject([{ records: 1 }]);
  });

  test("increments the version when properties change, and refuses changes that AWS refuses", async () => {
    const dataFolder = keptFolder();
    await start(templateOf({ Prefix: "a/" }), dataFolder);
    await stream.local.stop();
    await start(templateOf({ Prefix: "b/" }), dataFolder);
    await put("x");
    expect((await flush()).objects[0]!.key).toMatch(/^b\/.*\/detections-2-/);
    await stream.local.stop();
    await expect(
      start(templateOf(parquetDestination, { resources: glueTable() }), dataFolder),
    ).rejects.toThrow(
      "Stream (AWS::KinesisFirehose::DeliveryStream): ExtendedS3DestinationConfiguration.DynamicPartitioningConfiguration: " +
        "detections exists without dynamic partitioning, which is decided at creation; " +
        "give the stream another name or delete the local data",
    );
  });

  test.each([
    ["does not exist", templateOf({ RoleARN: "arn:aws:iam::000000000000:role/unknown" })],
    [
      "does not trust Firehose with this account's external id",
      templateOf({}, { trust: { StringEquals: { "sts:ExternalId": "1" } } }),
    ],
  ])("refuses a role that %s", async (_what, template) => {
    await expect(start(template)).rejects.toThrow(
      "Firehose is unable to assume role arn:aws:iam::000000000000:role/",
    );
  });

  test("refuses a Glue table that is missing or has a type that isn't emulated", async () => {
    const conversion = parquetDestination.DataFormatConversionConfiguration;
    const SchemaConfiguration = { ...conversion.SchemaConfiguration, TableName: "nothing" };
    const missing = {
      ...parquetDestination,
      DataFormatConversionConfiguration: { ...conversion, SchemaConfiguration },
    };
    await expect(start(templateOf(missing, { resources: glueTable() }))).rejects.toThrow(
      /^delivery stream detections: the Glue table doorstep.nothing can't be used: /,
    );
    const resources = glueTable([{ Name: "image", Type: "binary" }]);
    await expect(start(templateOf(parquetDestination, { resources }))).rejects.toThrow(
      "delivery stream detections: the Glue table doorstep.detection_records can't be used: " +
        "column image: the type binary in binary is not emulated",
    );
  });

  test("refuses a property that isn't emulated", async () => {
    await expect(
      start(templateOf({}, { stream: { DeliveryStreamType: "KinesisStreamAsSource" } })),
    ).rejects.toThrow(
      "Stream (AWS::KinesisFirehose::DeliveryStream): DeliveryStreamType: only DirectPut is emulated",
    );
    await expect(start(templateOf({ BufferingHints: { Size: 1 } }))).rejects.toThrow(
      "Stream (AWS::KinesisFirehose::DeliveryStream): ExtendedS3DestinationConfiguration.BufferingHints.Size is not emulated",
    );
  });
});
