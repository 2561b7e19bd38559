import { pictures } from "../aws/pictures.ts";
import { readMediaToken } from "../core/alerts/links.ts";
import { Problem } from "../core/problem.ts";
import { linkHandler, readLink } from "./_links.ts";
import { environment, log } from "./_runtime.ts";

/** Long enough to follow the redirect, too short to be worth passing on. */
const URL_SECONDS = 60;

const bucket = environment("EVIDENCE_BUCKET");
const evidence = pictures();

/** `GET /media/{token}`: 302 to the picture of an alert, at an address that is valid for a minute. */
export const handler = linkHandler(async (request) => {
  const { cameraId, objectKey } = await readLink(request, readMediaToken);
  const uri = `s3://${bucket}/${objectKey}`;
  if (!(await evidence.isStored(uri)))
    throw new Problem("picture-gone", "it was deleted, or its time in the bucket is over");
  log.info("picture shown", { cameraId });
  return {
    statusCode: 302,
    headers: { location: await evidence.presignedUrl(uri, URL_SECONDS), "cache-control": "no-store" },
  };
});
