import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  S3Client,
  type BucketVersioningStatus,
} from "@aws-sdk/client-s3";
import type { Cloud } from "../cloud.ts";
import type { Policy } from "../iam/policy.ts";
import { optionalText, text } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";

export const resourceTypes = (cloud: Cloud): Record<string, ResourceType> => ({
  "AWS::S3::Bucket": {
    // Encryption, ownership and public access have no effect on objects in a folder of this machine, and no lifecycle is
    // applied.
    properties: [
      "BucketName",
      "BucketEncryption",
      "LifecycleConfiguration",
      "OwnershipControls",
      "PublicAccessBlockConfiguration",
      "VersioningConfiguration",
      "Tags",
    ],
    create: async ({ properties, generatedName }) => {
      const name = optionalText(properties, "BucketName") ?? generatedName.toLowerCase();
      const owner = cloud.client(S3Client, cloud.owner);
      await owner.send(new CreateBucketCommand({ Bucket: name })).catch((error: Error) => {
        if (!error.name.startsWith("BucketAlready")) throw error;
      });
      const Status = statusOf(properties["VersioningConfiguration"]);
      if (Status)
        await owner.send(
          new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status } }),
        );
      return {
        ref: name,
        attributes: {
          Arn: `arn:${cloud.partition}:s3:::${name}`,
          DomainName: `${name}.s3.amazonaws.com`,
          RegionalDomainName: `${name}.s3.${cloud.region}.amazonaws.com`,
        },
      };
    },
  },
  "AWS::S3::BucketPolicy": {
    properties: ["Bucket", "PolicyDocument"],
    create: ({ logicalId, properties }) => {
      const arn = `arn:${cloud.partition}:s3:::${text(properties, "Bucket")}`;
      cloud.access.addResourcePolicy(arn, properties["PolicyDocument"] as Policy);
      return { ref: logicalId };
    },
  },
});

const statusOf = (configuration: unknown): BucketVersioningStatus | undefined =>
  (configuration as { readonly Status?: BucketVersioningStatus } | undefined)?.Status;
