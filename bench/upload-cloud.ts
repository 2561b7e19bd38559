// The local cloud of `upload.bench.ts`: one stream, on any free port. Prints its endpoint.
import { startLocalCloud } from "../local/index.ts";

const { endpoint } = await startLocalCloud({
  template: {
    Resources: {
      Bench: { Type: "AWS::KinesisVideo::Stream", Properties: { Name: "bench", DataRetentionInHours: 24 } },
    },
  },
  artifactFolder: "",
  dataFolder: process.argv[2]!,
});
console.log(endpoint);
