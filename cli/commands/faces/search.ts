import { objectAt } from "../../../operator/objects.ts";
import { readPicture } from "../../../operator/face-pictures.ts";
import { isMerged, isPerson, type Person } from "../../../schemas/person.ts";
import type { Faces } from "../../../operator/faces.ts";
import { percent, withFaces } from "../../faces/registry.ts";
import { CLOUD_FLAGS, STACK_FLAG } from "../../cloud.ts";
import { defineCommand } from "../../command.ts";
import { readNumberFlag } from "../../number.ts";
import { textTable } from "../../table.ts";

export const facesSearch = defineCommand({
  name: "faces search",
  about: "Say who a picture shows; stores nothing",
  operands: ["<image>"],
  flags: {
    threshold: {
      type: "string",
      value: "<percent>",
      about: "lowest similarity; by default the stack's faceMatchThreshold",
    },
    ...STACK_FLAG,
    ...CLOUD_FLAGS,
  },
  notes: `<image> is a file, or s3://bucket/key in the Region of the stack. Of several faces, the largest is searched. A person whose
consent has expired is not named. The exit code is 1 if the picture shows no face that can be searched.

  npx doorstep faces search visitor.jpg
  npx doorstep faces search visitor.jpg --threshold 50

Needs cloudformation:DescribeStacks, rekognition:DescribeCollection and SearchUsersByImage, and dynamodb:GetItem on the table of persons; for
S3 also s3:GetObject.`,
  async run({ flags, operands: [place], console, clock }) {
    const given =
      flags.threshold === undefined
        ? undefined
        : readNumberFlag("--threshold", flags.threshold, { least: 0, most: 100, fractions: true });
    const object = objectAt(place!);
    const picture = object
      ? ({ kind: "image", image: { S3Object: { Bucket: object.Bucket, Name: object.Key } } } as const)
      : await readPicture(place!);
    if (picture.kind === "unusable") throw new Error(`${place}: ${picture.reason}`);
    await withFaces(flags, clock, async (faces) => {
      const threshold = given ?? faces.outputs.FaceMatchThreshold;
      const found = await faces.search(picture.image, threshold);
      if (found.kind === "refused") throw new Error(`${place}: ${found.reason}`);
      const persons = [];
      for (const { personId, similarity } of found.matches) {
        const person = await namedPerson(faces, personId, clock.now());
        if (person) persons.push({ personId: person.personId, name: person.name, similarity });
      }
      if (persons.length > 0)
        console.say(
          textTable(
            ["name", "id", " similarity"],
            persons.map(({ name, personId, similarity }) => [name, personId, percent(similarity)]),
          ),
        );
      else console.say(`nobody who is enrolled: no similarity of ${threshold} % or more`);
      if (found.otherFaces > 0) console.note("it shows other faces too, which were not searched");
      console.result({ threshold, persons });
    });
  },
});

/** The person of an id in the collection, if their consent holds. */
async function namedPerson(faces: Faces, id: string, nowMs: number): Promise<Person | undefined> {
  const record = await faces.findRecord(id);
  if (record && isMerged(record)) return await namedPerson(faces, record.mergedInto, nowMs);
  return record && isPerson(record) && record.consent.expiresAtMs > nowMs ? record : undefined;
}
