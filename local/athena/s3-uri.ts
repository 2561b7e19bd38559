/** Bucket and key of `s3://bucket/key`; undefined for any other text. */
export function parseS3Uri(uri: string): { bucket: string; key: string } | undefined {
  const [, bucket, key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(uri) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

export const s3Uri = ({ bucket, key }: { bucket: string; key: string }): string => `s3://${bucket}/${key}`;
