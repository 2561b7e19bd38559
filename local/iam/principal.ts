/** The caller of an API. */
export type Principal =
  /** The account owner: any access key that the local cloud did not issue. May do everything. */
  | { readonly kind: "account"; readonly arn: string }
  /** A role of the template, assumed by a function or a service. May do what its policies allow. */
  | { readonly kind: "role"; readonly arn: string; readonly roleArn: string }
  /** An AWS service principal. May do what the resource's policy allows. */
  | { readonly kind: "service"; readonly arn: string; readonly service: string; readonly sourceArn: string };

/** Credentials that the local cloud issued, in the shape that SDK clients expect. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}
