import { createHash } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  AssociateFacesCommand,
  CreateUserCommand,
  IndexFacesCommand,
  RekognitionClient,
} from "@aws-sdk/client-rekognition";
import jpeg from "jpeg-js";
import { personsTable } from "../../aws/persons.ts";
import { DAY_MS } from "../../base/durations.ts";
import type { TestStack } from "./stack.ts";

const PICTURE = jpeg.encode({ width: 400, height: 400, data: new Uint8Array(640_000).fill(128) }, 90).data;

/** The table of persons of a stack. */
export const personsOf = ({ local, config }: TestStack) =>
  personsTable(local.stack.resources.get("PersonsTable")!.ref, new DynamoDBClient(config));

/**
 * Adds the face of "ada" to the collection, and a user with it: as `doorstep faces enrol` does, without the record of the
 * person.
 */
export async function indexAda({ local, config }: TestStack, personId: string): Promise<void> {
  await local.control("POST /_doorstep/rekognition/faces", {
    picture: createHash("sha256").update(PICTURE).digest("hex"),
    faces: [{ person: "ada", box: { left: 0.25, top: 0.25, width: 0.5, height: 0.5 } }],
  });
  const client = new RekognitionClient(config);
  const of = { CollectionId: local.stack.resources.get("FacesCollection")!.ref };
  const { FaceRecords = [] } = await client.send(
    new IndexFacesCommand({ ...of, Image: { Bytes: PICTURE }, ExternalImageId: personId, MaxFaces: 1 }),
  );
  await client.send(new CreateUserCommand({ ...of, UserId: personId }));
  const FaceIds = FaceRecords.map(({ Face }) => Face!.FaceId!);
  await client.send(new AssociateFacesCommand({ ...of, UserId: personId, FaceIds }));
  client.destroy();
}

/** Enrols "ada" from a picture, with consent for a day: the record, the face, and the user that it belongs to. */
export async function enrolAda(stack: TestStack, personId: string): Promise<void> {
  const nowMs = Math.round(stack.clock.now());
  const consent = { givenBy: "Ada", givenAtMs: nowMs, wording: "2026-11", expiresAtMs: nowMs + DAY_MS };
  await personsOf(stack).put({ personId, version: 1, name: "Ada", consent, createdAtMs: nowMs });
  await indexAda(stack, personId);
}
