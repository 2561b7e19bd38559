import { describe, expect, test } from "@jest/globals";
import { useStream } from "./stream.ts";
import { glueTable, objectsIn, parquetDestination, processing, templateOf } from "./support.ts";

describe("a delivery stream over its life", () => {
  const stream = useStream();
  const { lambda, start, put, flush, keptFolder } = stream;

  test("loses nothing over a restart, wherever the records wait", async () => {
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

  test("is flushed by its name, which must exist", async () => {
    await start(templateOf({}));
    await put("a");
    await expect(flush({ deliveryStreamName: "nobody" })).rejects.toThrow(
      "Firehose nobody under account 000000000000 not found.",
    );
    expect((await flush({ deliveryStreamName: "detections" })).objects).toMatchObject([{ records: 1 }]);
  });

  test("counts its version up when its properties change, and refuses what is decided at creation", async () => {
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
    ["does not exist", templateOf({ RoleARN: "arn:aws:iam::000000000000:role/nobody" })],
    [
      "does not trust Firehose with this account's external id",
      templateOf({}, { trust: { StringEquals: { "sts:ExternalId": "1" } } }),
    ],
  ])("is not made with a role that %s", async (_what, template) => {
    await expect(start(template)).rejects.toThrow(
      "Firehose is unable to assume role arn:aws:iam::000000000000:role/",
    );
  });

  test("is not made for a Glue table that is missing or has a type which isn't emulated", async () => {
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

  test("is refused with a property that isn't emulated", async () => {
    await expect(
      start(templateOf({}, { stream: { DeliveryStreamType: "KinesisStreamAsSource" } })),
    ).rejects.toThrow(
      "Stream (AWS::KinesisFirehose::DeliveryStream): DeliveryStreamType does not fit: only DirectPut is emulated",
    );
    await expect(start(templateOf({ BufferingHints: { Size: 1 } }))).rejects.toThrow(
      "Stream (AWS::KinesisFirehose::DeliveryStream): ExtendedS3DestinationConfiguration.BufferingHints.Size is not emulated",
    );
  });
});
