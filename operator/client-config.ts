/** How SDK clients reach the cloud; what is left out, the SDK finds: Region, endpoint, the default credential chain. */
export interface ClientConfig {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
