import { AwsError } from "../errors.ts";

export const notJson = (): AwsError => new AwsError("SerializationException", "the request body is not JSON");
