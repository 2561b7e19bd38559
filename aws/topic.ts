import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

/** Subject of Rekognition's own messages (documented: Rekognition guide, streaming video label detection). */
const SUBJECT = "Rekognition Stream Processing Event";

const defaultClient = /* @__PURE__ */ new SNSClient({});

/** The topic of detections, to which all engines publish. */
export const detectionsTopic = (topicArn: string, client = defaultClient) => ({
  /** @throws the client's error */
  async publish(notification: object): Promise<void> {
    await client.send(
      new PublishCommand({ TopicArn: topicArn, Subject: SUBJECT, Message: JSON.stringify(notification) }),
    );
  },
});

/** The topic of alerts by e-mail and SMS. */
export const alertTopic = (topicArn: string, client = defaultClient) => ({
  /** @throws the client's error */
  async publish({
    subject,
    text,
    attributes,
  }: {
    readonly subject: string;
    readonly text: string;
    readonly attributes: Readonly<Record<string, string>>;
  }): Promise<void> {
    await client.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subject,
        Message: text,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [
            name,
            { DataType: "String", StringValue: value },
          ]),
        ),
      }),
    );
  },
});
