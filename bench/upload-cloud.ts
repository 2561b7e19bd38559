// The local cloud of `upload.bench.ts`: one stream, on any free port. Prints its endpoint.
import { boot } from "../local/boot.ts";
import { allServices } from "../local/services.ts";

const { cloud } = await boot({
  template: {
    Resources: {
      Bench: { Type: "AWS::KinesisVideo::Stream", Properties: { Name: "bench", DataRetentionInHours: 24 } },
    },
  },
  stackName: "bench",
  artifactFolder: "",
  dataFolder: process.argv[2]!,
  awsPort: 0,
  services: allServices(0),
});
console.log(cloud.endpoint);
