/** What an uploader needs, without which the template refuses to have one. */
export const UPLOADER_ON = {
  UploaderEnabled: "true",
  UploaderPackage: "doorstep@1.2.3",
  UploaderNetwork: "vpc-0a1b2c3d/subnet-4e5f6a7b",
};
