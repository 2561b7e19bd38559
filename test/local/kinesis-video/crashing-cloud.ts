// Kinesis Video alone, in a process that a test kills; prints its endpoint.
import { iam } from "../../../local/iam/index.ts";
import { startLocalCloud } from "../../../local/index.ts";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";

const Properties = { Name: "camera", DataRetentionInHours: 24 };
const { endpoint } = await startLocalCloud({
  template: { Resources: { Camera: { Type: "AWS::KinesisVideo::Stream", Properties } } },
  artifactFolder: "",
  dataFolder: process.argv[2]!,
  services: () => [iam, kinesisVideo],
});
process.stdout.write(`${endpoint}\n`);
