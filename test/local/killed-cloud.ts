// A local cloud with S3, SNS, SQS and DynamoDB on the data folder given; prints its endpoint and runs until it is killed.
import { dynamodb } from "../../local/dynamodb/index.ts";
import { startTestCloud } from "./cloud.ts";
import { killedStack } from "./killed-stack.ts";

const local = await startTestCloud({
  services: [dynamodb],
  template: killedStack,
  dataFolder: process.argv[2]!,
});
console.log(local.endpoint);
