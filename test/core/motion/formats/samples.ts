import { readFileSync } from "node:fs";
import type { RequestBody } from "../../../../core/motion/documents.ts";

const read = (name: string): Buffer => readFileSync(new URL(`samples/${name}`, import.meta.url));

const MULTIPART = "multipart/form-data; boundary=boundary";

const sample = (name: string, contentType: string): RequestBody => ({ bytes: read(name), contentType });

/** What devices send, by hand after vendors' pages and public reports. */
export const SAMPLES = {
  hikvision: sample("hikvision-multipart.txt", MULTIPART),
  hikvisionHeartbeat: sample("hikvision-heartbeat.txt", MULTIPART),
  onvif: sample("onvif-notify.xml", "application/soap+xml; charset=utf-8"),
  unifiProtect: sample("unifi-protect.json", "application/json"),
  rhombus: sample("rhombus.json", "application/json"),
  bluecherry: sample("bluecherry.json", "application/json"),
} as const;

export const bodyOf = (text: string | Buffer, contentType?: string): RequestBody => ({
  bytes: Buffer.from(text),
  contentType,
});

/** A JPEG's first bytes and so many that look like boundaries, line breaks and markup to a careless reader. */
export const PICTURE = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  Buffer.from("\r\n\r\n<EventNotificationAlert>--\r\n--bound\n\n"),
  Buffer.from(Array.from({ length: 2000 }, (_, index) => (index * 37) % 256)),
]);

/** A multipart body of a text and a picture, as cameras send it. */
export const withPicture = (
  text: string,
  name = "MoveDetection.xml",
  type = "application/xml",
): RequestBody => ({
  bytes: Buffer.concat([
    Buffer.from(
      `--MIME_boundary\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\nContent-Type: ${type}\r\nContent-Length: ${text.length}\r\n\r\n${text}\r\n` +
        `--MIME_boundary\r\nContent-Disposition: form-data; name="detectionPicture"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\nContent-Length: ${PICTURE.length}\r\n\r\n`,
    ),
    PICTURE,
    Buffer.from("\r\n--MIME_boundary--\r\n"),
  ]),
  contentType: "multipart/form-data; boundary=MIME_boundary",
});
