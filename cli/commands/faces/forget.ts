import type { ForgetCounts } from "../../../core/faces/forget.ts";
import { ForgetFaces, type Expiring } from "../../../operator/forget-faces.ts";
import { isForgotten, type ForgottenPerson } from "../../../schemas/person.ts";
import { CLOUD_FLAGS, clientConfig, STACK_FLAG } from "../../cloud.ts";
import { defineCommand, UsageError } from "../../command.ts";
import type { Console } from "../../console.ts";
import { day, existingPerson, isPersonId, withFaces } from "../../faces/registry.ts";
import { textTable } from "../../table.ts";
import { iso } from "../../text.ts";

export const facesForget = defineCommand({
  name: "faces forget",
  about: "Forget a person: faces, name and rows, with a proof",
  operands: ["<person>"],
  flags: {
    "dry-run": { type: "boolean", about: "count what is stored, and remove nothing" },
    yes: { type: "boolean", about: "do not ask for confirmation; required without a terminal" },
    ...STACK_FLAG,
    ...CLOUD_FLAGS,
  },
  notes: `<person> is a name or an id. The name is gone at once, and no camera recognises the person from then on. Then the faces are
removed from the collection, and every file of the lake that has rows of the person is written again without them, with all
versions of the old one deleted. That takes some minutes, since rows may still be on their way to the lake. At the end
everything is counted again: it has to be zero. What goes away by itself is listed, with the time at which it is gone. It
cannot be undone.

If it is interrupted, run it again with the id; sweepFaces also finishes it, once a day. Persons whose forgetting is not
finished are in faces list.

  npx doorstep faces forget "Ada Lovelace" --dry-run
  npx doorstep faces forget "Ada Lovelace"
  npx doorstep faces forget person-0123456789abcdef0123 --yes --json

Needs cloudformation:DescribeStacks; dynamodb:Scan, GetItem and PutItem on the table of persons, and Scan on that of
cameras; rekognition:ListFaces, ListUsers, DisassociateFaces, DeleteUser and DeleteFaces; kinesisvideo:DescribeStream; on
the lake bucket s3:ListBucketVersions, and s3:GetObject, GetObjectVersion, PutObject and DeleteObjectVersion on
face_records/* and errors/*.`,
  async run({ flags, operands: [text], console, signal, clock }) {
    const config = clientConfig(flags);
    const progress = (step: string) => console.progress(step);
    const store = await ForgetFaces.open(flags.stack, config, clock, { signal, progress });
    try {
      const found = await withFaces(flags, clock, (faces) => personToForget(store, text!, faces));
      console.progress("counting what is stored");
      const { ids, ...stored } = await store.count(found.personId);
      if (flags["dry-run"]) {
        console.say(textTable(["store", " stored"], storedRows(stored)));
        console.say("nothing was removed");
        console.result({ personId: found.personId, ids, stored, dryRun: true });
        return;
      }
      if (found.step !== "done") {
        if (!flags.yes) console.say(textTable(["store", " stored"], storedRows(stored)));
        const question = `Forget ${found.name ?? found.personId}? It cannot be undone.`;
        const isSure = flags.yes || (await console.confirm(question, signal));
        if (isSure === undefined)
          throw new UsageError("expected --yes, since there is no terminal to confirm on");
        if (!isSure) throw new Error("nothing was removed");
      }
      const forgotten = await store.forget(found.personId);
      const { ids: _, ...left } = await store.count(found.personId);
      const expiring = await store.expiring();
      printProof(console, forgotten, left, expiring);
      const { personId, forgottenAtMs, doneAtMs, reason, removed } = forgotten;
      console.result({
        personId,
        ids,
        reason,
        forgottenAt: iso(forgottenAtMs),
        doneAt: iso(doneAtMs!),
        removed,
        left,
        expiring: expiring.map(({ what, goneAtMs }) => ({
          what,
          goneAt: goneAtMs === undefined ? null : iso(goneAtMs),
        })),
      });
    } finally {
      store.close();
    }
  },
});

/** Somebody who is enrolled, or whom an earlier run has begun to forget. */
interface ToForget {
  readonly personId: string;
  /** Absent once it is gone. */
  readonly name?: string;
  readonly step?: ForgottenPerson["step"];
}

async function personToForget(
  store: ForgetFaces,
  text: string,
  faces: Parameters<typeof existingPerson>[0],
): Promise<ToForget> {
  const record = isPersonId(text) ? await store.find(text) : undefined;
  return record && isForgotten(record) ? record : await existingPerson(faces, text);
}

const STORES: readonly (readonly [keyof ForgetCounts, string])[] = [
  ["faces", "faces in the collection"],
  ["users", "users in the collection"],
  ["rows", "rows in the lake"],
  ["files", "files of the lake with such rows"],
  ["errorLines", "records that could not be delivered"],
];

const storedRows = (stored: ForgetCounts): string[][] =>
  STORES.map(([store, what]) => [what, String(stored[store])]);

function printProof(
  console: Console,
  { personId, forgottenAtMs, removed }: ForgottenPerson,
  left: ForgetCounts,
  expiring: readonly Expiring[],
): void {
  console.say(`${personId} was forgotten on ${day(forgottenAtMs)}`);
  console.say(
    textTable(
      ["store", " removed", " left"],
      [
        ["name and consent", "1", "0"],
        ...STORES.map(([store, what]) => [what, String(removed[store]), String(left[store])]),
      ],
    ),
  );
  console.say();
  console.say("What goes away by itself:");
  console.say(
    textTable(
      ["what", "gone by"],
      expiring.map(({ what, goneAtMs }) => [
        what,
        goneAtMs === undefined ? "never, by EvidenceExpiryDays 0" : iso(goneAtMs),
      ]),
    ),
  );
  console.say("Messages of alerts that were sent are with their receivers.");
}
