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
