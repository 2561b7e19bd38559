import { AwsError } from "../errors.ts";
import { unsafeMessage } from "./safe-storage.ts";

export const dotInPath = (path: string): AwsError => new AwsError("InvalidArgument", unsafeMessage(path));

export const invalidUri = (): AwsError => new AwsError("InvalidURI", "Couldn't parse the specified URI.");

export const keyTooLong = (): AwsError => new AwsError("KeyTooLongError", "Your key is too long");

export const accessDenied = (): AwsError => new AwsError("AccessDenied", "Access Denied", 403);
