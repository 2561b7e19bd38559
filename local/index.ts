/**
 * The local cloud: the AWS services of a compiled CloudFormation template, on this machine. See local/README.md.
 *
 * ```ts
 * import { startLocalCloud } from "doorstep/local";
 *
 * const cloud = await startLocalCloud({ template: "template.json", artifactFolder: ".serverless" });
 * const s3 = new S3Client(cloud.clientConfig);
 * await cloud.stop();
 * ```
 */
export { TurnableClock, type Clock } from "../base/clock.ts";
export { OperatorError } from "./errors.ts";
export type { CloudEvent, Events } from "./events.ts";
export { startLocalCloud, type LocalCloud, type LocalCloudOptions } from "./local-cloud.ts";
export type { Service, Services } from "./service.ts";
export { readTemplate, type Stack, type Template } from "./template/template.ts";
