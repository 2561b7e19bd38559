// Kinesis Video alone, in a process of its own that a test kills; prints its endpoint.
import { boot } from "../../../local/boot.ts";
import { iam } from "../../../local/iam/index.ts";
import { kinesisVideo } from "../../../local/kinesis-video/index.ts";

const Properties = { Name: "camera", DataRetentionInHours: 24 };
const { cloud } = await boot({
  template: { Resources: { Camera: { Type: "AWS::KinesisVideo::Stream", Properties } } },
  stackName: "doorstep-crash",
  artifactFolder: "",
  dataFolder: process.argv[2]!,
  awsPort: 0,
  services: () => [iam, kinesisVideo],
});
process.stdout.write(`${cloud.endpoint}\n`);
