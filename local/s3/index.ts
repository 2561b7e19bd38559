import { CreateBucketCommand, S3Client, type CreateBucketCommandInput } from "@aws-sdk/client-s3";
import type { Api } from "../api/api.ts";
import { passOn } from "../api/proxy.ts";
import type { Cloud } from "../cloud.ts";
import type { Service } from "../service.ts";
import type { Fauxqs } from "../fauxqs.ts";
import { accessesOf } from "./accesses.ts";
import type { Policy } from "../iam/policy.ts";
import type { ResourceType } from "../template/resource.ts";
import { optionalText, text } from "../template/properties.ts";

/** Amazon S3: fauxqs behind the endpoint, with every call authorised as S3's own IAM actions. */
export const s3 = (fauxqs: Fauxqs): Service => ({
  name: "s3",
  start: (cloud) => ({
    apis: [api(cloud, fauxqs)],
    resources: { "AWS::S3::Bucket": bucket(cloud), "AWS::S3::BucketPolicy": bucketPolicy(cloud) },
  }),
});

const api = (cloud: Cloud, fauxqs: Fauxqs): Api => ({
  signingName: "s3",
  protocol: "s3",
  handle: async (call) => {
    for (const { action, resource } of accessesOf(call.request, call.url.searchParams, cloud.partition))
      cloud.access.authorise(call.caller, action, resource);
    await passOn(call, fauxqs.address);
  },
});

const bucket = (cloud: Cloud): ResourceType => ({
  // Encryption, ownership, lifecycle and public access have no effect on objects that lie in a folder of this machine,
  // and of an object that is overwritten or deleted no version is left.
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
    const input: CreateBucketCommandInput = { Bucket: name };
    await owner.send(new CreateBucketCommand(input)).catch((error: Error) => {
      if (!error.name.startsWith("BucketAlready")) throw error;
    });
    return {
      ref: name,
      attributes: {
        Arn: `arn:${cloud.partition}:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${cloud.region}.amazonaws.com`,
      },
    };
  },
});

const bucketPolicy = (cloud: Cloud): ResourceType => ({
  properties: ["Bucket", "PolicyDocument"],
  create: ({ logicalId, properties }) => {
    const arn = `arn:${cloud.partition}:s3:::${text(properties, "Bucket")}`;
    cloud.access.addResourcePolicy(arn, properties["PolicyDocument"] as Policy);
    return { ref: logicalId };
  },
});
