import { templateFile } from "../../../demo/package-service.ts";
import { readTemplate, type Template } from "../../../local/template/template.ts";

const QUEUES = {
  OwnersQueue: "owners",
  OwnersDeadLetters: "owners-dead-letters",
  OwnersWitness: "owners-witness",
};
const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });

/**
 * The packaged service and a rule of its owner's on its bus: the ends of sessions go to a queue that has dead letters,
 * and to a second one that shows what the first was to get.
 */
export function templateWithOwnersRule(): Template {
  const packaged = readTemplate(templateFile);
  const queues = Object.entries(QUEUES).map(([logicalId, QueueName]) => [
    logicalId,
    { Type: "AWS::SQS::Queue", Properties: { QueueName } },
  ]);
  return {
    ...packaged,
    Resources: {
      ...packaged.Resources,
      ...Object.fromEntries(queues),
      OwnersRule: {
        Type: "AWS::Events::Rule",
        Properties: {
          Name: "owners",
          EventBusName: { Ref: "EventBus" },
          EventPattern: { "detail-type": ["SessionEnded"] },
          Targets: [
            {
              Id: "owners",
              Arn: arnOf("OwnersQueue"),
              DeadLetterConfig: { Arn: arnOf("OwnersDeadLetters") },
            },
            { Id: "witness", Arn: arnOf("OwnersWitness") },
          ],
        },
      },
      OwnersPolicy: {
        Type: "AWS::SQS::QueuePolicy",
        Properties: {
          Queues: Object.keys(QUEUES).map((Ref) => ({ Ref })),
          PolicyDocument: {
            Statement: {
              Effect: "Allow",
              Principal: { Service: "events.amazonaws.com" },
              Action: "sqs:SendMessage",
              Resource: Object.keys(QUEUES).map(arnOf),
              Condition: { ArnEquals: { "aws:SourceArn": arnOf("OwnersRule") } },
            },
          },
        },
      },
    },
  };
}
