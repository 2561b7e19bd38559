import { AwsError } from "../errors.ts";

export const notJson = (): AwsError => new AwsError("SerializationException", "the request body is not JSON");

export const closing = (): AwsError =>
  new AwsError("ServiceUnavailable", "the local cloud is stopping; try again", 503);
