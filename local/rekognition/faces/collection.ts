import type { Collection as Documents, Documents as AllDocuments } from "../../documents.ts";
import type { Box } from "../detection/detector.ts";
import { faceNotFound, userNotFound } from "../errors.ts";
import { decodeVector, distance, encodeVector, meanOf, similarityOf, type Vector } from "./vectors.ts";

/** A collection's own properties; its faces and users are stored one by one. */
export interface CollectionRecord {
  readonly id: string;
  readonly createdAtMs: number;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The resource of the template that it is, if it is one. */
  readonly logicalId?: string | undefined;
}

/** A face of a collection: what IndexFaces stores of it, never the picture. */
export interface StoredFace {
  readonly faceId: string;
  readonly imageId: string;
  readonly externalImageId?: string | undefined;
  readonly box: Box;
  readonly confidence: number;
  /** SHA-256 of the picture, so that the same one is stored once. */
  readonly pictureHash: string;
  readonly vector: Vector;
}
type FaceRecord = Omit<StoredFace, "vector"> & { readonly vector: string };

/** A user of a collection. It alone says which faces are its own. */
export interface StoredUser {
  readonly userId: string;
  readonly faceIds: readonly string[];
}

export interface Similar<T> {
  /** In percent. */
  readonly similarity: number;
  readonly match: T;
}

export interface SearchLimits {
  /** Least similarity, in percent. */
  readonly threshold: number;
  readonly max: number;
}

/** One collection's faces and users, in memory for searches, and written through to the data folder. */
export class FaceCollection {
  readonly record: CollectionRecord;
  readonly #documents: AllDocuments;
  readonly #faceRecords: Documents<FaceRecord>;
  readonly #userRecords: Documents<StoredUser>;
  readonly #faces: Map<string, StoredFace>;
  readonly #users: Map<string, StoredUser>;
  /** By face id. */
  readonly #userOf = new Map<string, string>();
  readonly #userVectors = new WeakMap<StoredUser, Vector>();

  constructor(record: CollectionRecord, documents: AllDocuments) {
    this.record = record;
    this.#documents = documents;
    this.#faceRecords = documents.collection(`rekognition/faces/${record.id}`);
    this.#userRecords = documents.collection(`rekognition/users/${record.id}`);
    this.#faces = new Map(
      this.#faceRecords
        .list()
        .map(({ vector, ...face }) => [face.faceId, { ...face, vector: decodeVector(vector) }]),
    );
    this.#users = new Map(this.#userRecords.list().map((user) => [user.userId, user]));
    for (const user of this.#users.values())
      for (const faceId of user.faceIds) this.#userOf.set(faceId, user.userId);
  }

  get faceCount(): number {
    return this.#faces.size;
  }

  get userCount(): number {
    return this.#users.size;
  }

  /** Ordered by face id. */
  faces(): StoredFace[] {
    return [...this.#faces.values()].toSorted((a, b) => (a.faceId < b.faceId ? -1 : 1));
  }

  /** Ordered by user id. */
  users(): StoredUser[] {
    return [...this.#users.values()].toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  }

  face(faceId: string): StoredFace | undefined {
    return this.#faces.get(faceId);
  }

  user(userId: string): StoredUser | undefined {
    return this.#users.get(userId);
  }

  /** A face with this external image id. */
  faceOf(externalImageId: string): StoredFace | undefined {
    for (const face of this.#faces.values()) if (face.externalImageId === externalImageId) return face;
    return undefined;
  }

  /** @throws AwsError InvalidParameterException, as for a face that SearchFaces does not find */
  existingFace(faceId: string): StoredFace {
    const face = this.#faces.get(faceId);
    if (!face) throw faceNotFound(faceId, this.record.id);
    return face;
  }

  /** @throws AwsError ResourceNotFoundException */
  existingUser(userId: string): StoredUser {
    const user = this.#users.get(userId);
    if (!user) throw userNotFound(userId, this.record.id);
    return user;
  }

  /** The user that the face is associated with. */
  userOf(faceId: string): string | undefined {
    return this.#userOf.get(faceId);
  }

  addFaces(faces: readonly StoredFace[]): void {
    this.#documents.atomically(() => {
      for (const { vector, ...face } of faces)
        this.#faceRecords.put(face.faceId, { ...face, vector: encodeVector(vector) });
    });
    for (const face of faces) this.#faces.set(face.faceId, face);
  }

  deleteFaces(faceIds: readonly string[]): void {
    this.#documents.atomically(() => {
      for (const faceId of faceIds) this.#faceRecords.delete(faceId);
    });
    for (const faceId of faceIds) this.#faces.delete(faceId);
  }

  /** Stores a user with these faces alone. */
  putUser(user: StoredUser): void {
    this.#userRecords.put(user.userId, user);
    this.#release(user.userId);
    this.#users.set(user.userId, user);
    for (const faceId of user.faceIds) this.#userOf.set(faceId, user.userId);
  }

  /** Deletes a user; its faces stay. */
  deleteUser(userId: string): void {
    this.#userRecords.delete(userId);
    this.#release(userId);
    this.#users.delete(userId);
  }

  #release(userId: string): void {
    for (const faceId of this.#users.get(userId)?.faceIds ?? []) this.#userOf.delete(faceId);
  }

  /** Removes everything from the data folder. */
  clear(): void {
    for (const faceId of this.#faces.keys()) this.#faceRecords.delete(faceId);
    for (const userId of this.#users.keys()) this.#userRecords.delete(userId);
  }

  /** What stands for a user: the middle of its faces' vectors; undefined for a user without faces. */
  userVector(user: StoredUser): Vector | undefined {
    const known = this.#userVectors.get(user);
    if (known) return known;
    const vectors = user.faceIds.flatMap((faceId) => this.#faces.get(faceId)?.vector ?? []);
    if (vectors.length === 0) return undefined;
    const vector = meanOf(vectors);
    this.#userVectors.set(user, vector);
    return vector;
  }

  /** The faces that are similar enough, most similar first. */
  similarFaces(vector: Vector, limits: SearchLimits): Similar<StoredFace>[] {
    return mostSimilar(vector, this.#faces.values(), (face) => face.vector, limits);
  }

  /** The users that are similar enough, most similar first. */
  similarUsers(vector: Vector, limits: SearchLimits): Similar<StoredUser>[] {
    return mostSimilar(vector, this.#users.values(), (user) => this.userVector(user), limits);
  }
}

function mostSimilar<T>(
  vector: Vector,
  candidates: Iterable<T>,
  vectorOf: (candidate: T) => Vector | undefined,
  { threshold, max }: SearchLimits,
): Similar<T>[] {
  const found: Similar<T>[] = [];
  for (const match of candidates) {
    const other = vectorOf(match);
    if (!other) continue;
    const similarity = similarityOf(distance(vector, other));
    if (similarity >= threshold) found.push({ similarity, match });
  }
  return found.toSorted((a, b) => b.similarity - a.similarity).slice(0, max);
}
