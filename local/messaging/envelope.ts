/** SNS's envelope as a Lambda event, which spells two of the URLs differently (documented: LAM with-sns). */
export function lambdaEvent(envelopeText: string, subscriptionArn: string): unknown {
  const { SigningCertURL, UnsubscribeURL, Subject, MessageAttributes, ...envelope } = JSON.parse(
    envelopeText,
  ) as Record<string, unknown>;
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscriptionArn,
        Sns: {
          ...envelope,
          Subject: Subject ?? null,
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
          MessageAttributes: MessageAttributes ?? {},
        },
      },
    ],
  };
}

/** SNS's envelope as a Firehose record: a line without the signature (documented: SNS, archived message format for S3). */
export function firehoseRecord(envelopeText: string): string {
  const unsigned = Object.entries(JSON.parse(envelopeText) as Record<string, unknown>).filter(
    ([name]) => !["SignatureVersion", "Signature", "SigningCertURL"].includes(name),
  );
  return `${JSON.stringify(Object.fromEntries(unsigned))}\n`;
}
