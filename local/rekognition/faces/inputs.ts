import * as v from "valibot";
import { numberIn, text, wholeNumberIn } from "../inputs.ts";
import { QUALITY_FILTERS } from "./quality.ts";

/** Members of requests about faces, with AWS's patterns and limits (documented: Rekognition API reference). */

export const collectionId = text("collection id", 1, 255, /^[a-zA-Z0-9_.-]+$/);
export const userId = text("user id", 1, 128, /^[a-zA-Z0-9_.\-:]+$/);
export const externalImageId = text("external image id", 1, 255, /^[a-zA-Z0-9_.\-:]+$/);
export const faceId = text(
  "face id",
  36,
  36,
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
);
export const clientRequestToken = v.optional(text("client request token", 1, 64, /^[a-zA-Z0-9-_]+$/));
export const percent = (defaultValue: number) => v.optional(numberIn(0, 100, " percent"), defaultValue);
export const atMost = (max: number, defaultValue: number) => v.optional(wholeNumberIn(1, max), defaultValue);
export const qualityFilter = (defaultValue: (typeof QUALITY_FILTERS)[number]) =>
  v.optional(v.picklist(QUALITY_FILTERS, `expected one of ${QUALITY_FILTERS.join(", ")}`), defaultValue);
export const faceIds = (max: number) =>
  v.pipe(
    v.array(faceId, "expected a list"),
    v.minLength(1, `expected 1 to ${max} face ids`),
    v.maxLength(max, `expected 1 to ${max} face ids`),
  );
/** Of a listing; the limits are documented, the default is the largest page. */
export const pageOf = (max: number) => ({
  MaxResults: v.optional(wholeNumberIn(0, max), max),
  NextToken: v.optional(v.string("expected a token")),
});
/** What the model can say of a face is the default attributes: ALL gets those as well. */
export const attributes = v.optional(
  v.array(
    v.picklist(["DEFAULT", "ALL"], "only DEFAULT and ALL are emulated, and ALL is answered like DEFAULT"),
  ),
);
/** Of one call; the guide describes no default: unconfirmed. */
export const DEFAULT_MAX_MATCHES = 80;
export const DEFAULT_THRESHOLD = 80;
