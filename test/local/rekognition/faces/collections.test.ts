import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { TurnableClock } from "../../../../base/clock.ts";
import type { AnyAction } from "../../../../local/api/action.ts";
import type { Cloud } from "../../../../local/cloud.ts";
import { openDocuments } from "../../../../local/documents.ts";
import { associateFaces } from "../../../../local/rekognition/actions/associate-faces.ts";
import { createCollection } from "../../../../local/rekognition/actions/create-collection.ts";
import { createUser } from "../../../../local/rekognition/actions/create-user.ts";
import { deleteCollection } from "../../../../local/rekognition/actions/delete-collection.ts";
import { deleteFaces } from "../../../../local/rekognition/actions/delete-faces.ts";
import { deleteUser } from "../../../../local/rekognition/actions/delete-user.ts";
import { describeCollection } from "../../../../local/rekognition/actions/describe-collection.ts";
import { disassociateFaces } from "../../../../local/rekognition/actions/disassociate-faces.ts";
import { listFaces } from "../../../../local/rekognition/actions/list-faces.ts";
import { listUsers } from "../../../../local/rekognition/actions/list-users.ts";
import { searchUsers } from "../../../../local/rekognition/actions/search-users.ts";
import { Collections } from "../../../../local/rekognition/faces/collections.ts";
import { RequestTokens } from "../../../../local/rekognition/faces/request-tokens.ts";
import { vectorOfText } from "../../../../local/rekognition/faces/vectors.ts";
import type { RekognitionState } from "../../../../local/rekognition/state.ts";

const COLLECTION = { CollectionId: "people" };
const USERS = ["ada", "eve"];
const FACES = ["a1", "a2", "e1", "e2"];
/** Faces of one person are the same, those of two far from each other. */
const idOf = (face: string) => `00000000-0000-4000-8000-0000000000${face}`;

type Operation =
  | { readonly name: "index" | "deleteFace"; readonly face: string }
  | { readonly name: "createUser" | "deleteUser"; readonly user: string }
  | { readonly name: "associate" | "disassociate"; readonly user: string; readonly face: string }
  | { readonly name: "restart" | "recreate" };

/** What a collection is, as simply as can be. */
interface Model {
  users: Map<string, Set<string>>;
  faces: Set<string>;
}

const user = fc.constantFrom(...USERS);
const face = fc.constantFrom(...FACES);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ name: fc.constant("index" as const), face }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constant("deleteFace" as const), face }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constant("createUser" as const), user }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant("deleteUser" as const), user }) },
  { weight: 4, arbitrary: fc.record({ name: fc.constant("associate" as const), user, face }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constant("disassociate" as const), user, face }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constant("restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant("recreate" as const) }) },
);

/** The name of the error that a call throws, or what it returns. */
function outcomeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as Error).name;
  }
}

test("a collection does what the documentation says in any order of calls, and is the same after a kill", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
      const folder = mkdtempSync(join(tmpdir(), "doorstep-faces-"));
      let documents = openDocuments(folder);
      const opened = (): RekognitionState => {
        const cloud = {
          documents,
          clock: new TurnableClock(),
          arn: (_: string, resource: string) => resource,
        } as unknown as Cloud;
        return { collections: new Collections(cloud), tokens: new RequestTokens(cloud) } as RekognitionState;
      };
      let state = opened();
      const call = (action: AnyAction<RekognitionState>, input: object): any =>
        action.run({ ...COLLECTION, ...input }, { state } as never);
      call(createCollection, {});
      let model: Model = { users: new Map(), faces: new Set() };
      const ownerOf = (one: string) => [...model.users].find(([, faces]) => faces.has(one))?.[0];

      const steps: Readonly<Record<string, (one: any) => void>> = {
        index: ({ face: one }: { face: string }) => {
          const { id: imageId, box } = { id: "image", box: { left: 0, top: 0, width: 1, height: 1 } };
          if (model.faces.has(one)) return;
          const vector = vectorOfText(one[0]!);
          state.collections
            .get("people")
            .addFaces([{ faceId: idOf(one), imageId, box, confidence: 99, pictureHash: one, vector }]);
          model.faces.add(one);
        },
        deleteFace: ({ face: one }: { face: string }) => {
          const { DeletedFaces, UnsuccessfulFaceDeletions } = call(deleteFaces, { FaceIds: [idOf(one)] });
          const owner = ownerOf(one);
          if (owner !== undefined)
            expect(UnsuccessfulFaceDeletions).toEqual([
              { FaceId: idOf(one), UserId: owner, Reasons: ["ASSOCIATED_TO_AN_EXISTING_USER"] },
            ]);
          else if (!model.faces.has(one))
            expect(UnsuccessfulFaceDeletions).toEqual([{ FaceId: idOf(one), Reasons: ["FACE_NOT_FOUND"] }]);
          else {
            expect(DeletedFaces).toEqual([idOf(one)]);
            model.faces.delete(one);
          }
        },
        createUser: ({ user: UserId }: { user: string }) => {
          const outcome = outcomeOf(() => call(createUser, { UserId }));
          expect(outcome).toEqual(model.users.has(UserId) ? "ConflictException" : {});
          if (!model.users.has(UserId)) model.users.set(UserId, new Set());
        },
        deleteUser: ({ user: UserId }: { user: string }) => {
          const outcome = outcomeOf(() => call(deleteUser, { UserId }));
          expect(outcome).toEqual(model.users.delete(UserId) ? {} : "ResourceNotFoundException");
        },
        associate: ({ user: UserId, face: one }: { user: string; face: string }) => {
          const outcome = outcomeOf(() =>
            call(associateFaces, { UserId, FaceIds: [idOf(one)], UserMatchThreshold: 75 }),
          );
          const own = model.users.get(UserId);
          if (!own) {
            expect(outcome).toBe("ResourceNotFoundException");
            return;
          }
          const { AssociatedFaces, UnsuccessfulFaceAssociations } = outcome as any;
          const reasons = UnsuccessfulFaceAssociations.map(({ Reasons }: any) => Reasons[0]);
          if (own.has(one)) expect([AssociatedFaces, reasons]).toEqual([[], []]);
          else if (!model.faces.has(one)) expect(reasons).toEqual(["FACE_NOT_FOUND"]);
          else if (ownerOf(one) !== undefined) expect(reasons).toEqual(["ASSOCIATED_TO_A_DIFFERENT_USER"]);
          else if (own.size > 0 && [...own][0]![0] !== one[0])
            expect(reasons).toEqual(["LOW_MATCH_CONFIDENCE"]);
          else {
            expect(AssociatedFaces).toEqual([{ FaceId: idOf(one) }]);
            own.add(one);
          }
        },
        disassociate: ({ user: UserId, face: one }: { user: string; face: string }) => {
          const outcome = outcomeOf(() => call(disassociateFaces, { UserId, FaceIds: [idOf(one)] }));
          const own = model.users.get(UserId);
          if (!own) {
            expect(outcome).toBe("ResourceNotFoundException");
            return;
          }
          const { DisassociatedFaces, UnsuccessfulFaceDisassociations } = outcome as any;
          const reasons = UnsuccessfulFaceDisassociations.map(({ Reasons }: any) => Reasons[0]);
          if (own.delete(one)) expect([DisassociatedFaces, reasons]).toEqual([[{ FaceId: idOf(one) }], []]);
          else if (!model.faces.has(one)) expect(reasons).toEqual(["FACE_NOT_FOUND"]);
          else expect(reasons).toEqual(ownerOf(one) === undefined ? [] : ["ASSOCIATED_TO_A_DIFFERENT_USER"]);
        },
        // Nothing is closed in order: a killed process leaves the same file.
        restart: () => {
          documents = openDocuments(folder);
          state = opened();
        },
        recreate: () => {
          call(deleteCollection, {});
          call(createCollection, {});
          model = { users: new Map(), faces: new Set() };
        },
      };
      try {
        for (const one of operations) {
          steps[one.name]!(one);
          expect(call(describeCollection, {})).toMatchObject({
            FaceCount: model.faces.size,
            UserCount: model.users.size,
          });
          const { Faces } = call(listFaces, { MaxResults: 100 });
          expect(Faces.map(({ FaceId, UserId }: any) => [FaceId, UserId])).toEqual(
            [...model.faces].toSorted().map((known) => [idOf(known), ownerOf(known)]),
          );
          expect(call(listUsers, { MaxResults: 100 }).Users).toEqual(
            [...model.users]
              .toSorted(([a], [b]) => (a < b ? -1 : 1))
              .map(([UserId, faces]) => ({ UserId, UserStatus: faces.size > 0 ? "ACTIVE" : "CREATED" })),
          );
          for (const known of model.faces) {
            const search = { FaceId: idOf(known), MaxUsers: 5, UserMatchThreshold: 80 };
            expect(
              call(searchUsers, search)
                .UserMatches.map(({ User }: any) => User.UserId)
                .toSorted(),
            ).toEqual(USERS.filter((one) => [...(model.users.get(one) ?? [])][0]?.[0] === known[0]));
          }
        }
      } finally {
        documents.close();
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 60 },
  );
});
