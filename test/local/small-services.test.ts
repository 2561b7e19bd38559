import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { cloudformation } from "../../local/cloudformation/index.ts";
import { dynamodb } from "../../local/dynamodb/index.ts";
import type { Principal } from "../../local/iam/principal.ts";
import { secretsManager } from "../../local/secrets-manager/index.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { thingsTable } from "./template-parts.ts";

const generatedSecret = {
  Type: "AWS::SecretsManager::Secret",
  Properties: { GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } },
};

const template = {
  Resources: {
    Table: thingsTable,
    Secret: { Type: "AWS::SecretsManager::Secret", Properties: { Name: "master", SecretString: "s3cret" } },
    Links: generatedSecret,
    Webhooks: generatedSecret,
    Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "mail" } },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: "worker",
        AssumeRolePolicyDocument: { Statement: [] },
        Policies: [
          {
            PolicyName: "own",
            PolicyDocument: {
              Statement: [
                { Effect: "Allow", Action: "dynamodb:GetItem", Resource: { "Fn::GetAtt": ["Table", "Arn"] } },
                { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: { Ref: "Secret" } },
                { Effect: "Allow", Action: "sts:*", Resource: "*" },
              ],
            },
          },
        ],
      },
    },
  },
};

let local: TestCloud;
let worker: Principal;
beforeAll(async () => {
  local = await startTestCloud({
    services: [dynamodb, secretsManager, cloudformation(() => undefined)],
    template,
  });
  const roleArn = local.resources.get("Role")!.attributes!["Arn"]!;
  worker = { kind: "role", roleArn, arn: "arn:aws:sts::000000000000:assumed-role/worker/test" };
});
afterAll(() => local.stop());

describe("DynamoDB", () => {
  const Item = { id: { S: "1" }, n: { N: "1" } };

  test("returns DynamoDB's error for a condition that does not hold", async () => {
    const owner = local.client(DynamoDBClient);
    const once = new PutItemCommand({
      TableName: "things",
      Item,
      ConditionExpression: "attribute_not_exists(id)",
    });
    await owner.send(once);
    await expect(owner.send(once)).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
      message: "The conditional request failed",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(
      owner.send(new GetItemCommand({ TableName: "nothing", Key: { id: { S: "1" } } })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("authorises each action on its table", async () => {
    const role = local.cloud.client(DynamoDBClient, worker);
    const get = new GetItemCommand({ TableName: "things", Key: { id: { S: "1" } } });
    expect((await role.send(get)).Item).toEqual(Item);
    await expect(
      role.send(new UpdateItemCommand({ TableName: "things", Key: { id: { S: "1" } } })),
    ).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(
        "dynamodb:UpdateItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/things",
      ),
    });
  });
});

describe("Secrets Manager", () => {
  test.each(["master", "arn:aws:secretsmanager:us-east-1:000000000000:secret:master-Local1"])(
    "finds a secret as %s",
    async (SecretId) => {
      const read = new GetSecretValueCommand({ SecretId });
      expect(await local.cloud.client(SecretsManagerClient, worker).send(read)).toMatchObject({
        Name: "master",
        SecretString: "s3cret",
        VersionStages: ["AWSCURRENT"],
        CreatedDate: expect.any(Date),
      });
    },
  );

  test("generates each secret for itself, and a role reads those that it may", async () => {
    const read = (id: string) => new GetSecretValueCommand({ SecretId: local.resources.get(id)!.ref });
    const owner = local.client(SecretsManagerClient);
    const secrets = await Promise.all(["Links", "Webhooks"].map((id) => owner.send(read(id))));
    const values = secrets.map(({ SecretString }) => SecretString!);
    expect(new Set(values).size).toBe(2);
    for (const value of values) expect(value).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(new Set(secrets.map(({ ARN }) => ARN)).size).toBe(2);
    const role = local.cloud.client(SecretsManagerClient, worker);
    await expect(role.send(read("Webhooks"))).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("refuses a secret that does not exist", async () => {
    await expect(
      local.client(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: "none" })),
    ).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Secrets Manager can't find the specified secret: none",
    });
  });
});

describe("STS", () => {
  const assume = (RoleArn: string) => new AssumeRoleCommand({ RoleArn, RoleSessionName: "s" });

  test("identifies a role", async () => {
    const identity = await local.cloud.client(STSClient, worker).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe("arn:aws:sts::000000000000:assumed-role/worker/test");
  });

  test("lets only the account owner assume roles of the template", async () => {
    const { Credentials } = await local
      .client(STSClient)
      .send(assume(worker.kind === "role" ? worker.roleArn : ""));
    expect(Credentials!.Expiration!.getTime() - local.clock.now()).toBeGreaterThan(3_590_000);
    await expect(
      local.client(STSClient).send(assume("arn:aws:iam::000000000000:role/none")),
    ).rejects.toMatchObject({
      message: "The role arn:aws:iam::000000000000:role/none does not exist",
      $metadata: { httpStatusCode: 403 },
    });
    await expect(
      local.cloud.client(STSClient, worker).send(assume("arn:aws:iam::000000000000:role/worker")),
    ).rejects.toMatchObject({ message: expect.stringContaining("only the account owner assumes roles") });
  });
});

test("CloudFormation refuses a stack that does not exist", async () => {
  await expect(
    local.client(CloudFormationClient).send(new DescribeStacksCommand({ StackName: "other" })),
  ).rejects.toMatchObject({
    name: "ValidationError",
    message: expect.stringContaining("Stack with id other does not exist"),
  });
});

test("SQS makes a message visible again whose visibility timeout is set to 0", async () => {
  const sqs = local.client(SQSClient);
  const QueueUrl = local.resources.get("Queue")!.ref;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "again" }));
  const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 });
  const [first] = (await sqs.send(receive)).Messages!;
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl,
      ReceiptHandle: first!.ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  );
  expect((await sqs.send(receive)).Messages!.map(({ Body }) => Body)).toEqual(["again"]);
});
