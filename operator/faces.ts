import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { RekognitionClient, type Image } from "@aws-sdk/client-rekognition";
import { personsTable } from "../aws/persons.ts";
import { systemClock, type Clock } from "../base/clock.ts";
import { forEachConcurrently } from "../base/concurrency.ts";
import {
  isForgotten,
  isPerson,
  nameKey,
  type ForgottenPerson,
  type MergedPerson,
  type Person,
  type PersonRecord,
} from "../schemas/person.ts";
import type { ClientConfig } from "./client-config.ts";
import { enrolPerson, type Enrolled, type EnrolOptions, type ToEnrol } from "./enrolment.ts";
import { faceCollection, type FaceCollection } from "./face-collection.ts";
import { mergePersons, type Merged } from "./merge-persons.ts";
import { stackFaceOutputs, type StackFaceOutputs } from "./stack.ts";

const PARALLEL = 4;
/**
 * The client slows down when it is throttled: half of the calls of an enrolment have a quota of 5 a second (documented:
 * Rekognition quotas).
 */
const RETRIES = { retryMode: "adaptive", maxAttempts: 10 } as const;

/** The enrolled persons of one stack and their faces. */
export class Faces {
  readonly outputs: StackFaceOutputs;
  readonly collection: FaceCollection;
  readonly #persons: ReturnType<typeof personsTable>;
  readonly #clock: Clock;
  readonly #clients: readonly { destroy(): void }[];

  private constructor(outputs: StackFaceOutputs, config: ClientConfig, clock: Clock) {
    this.outputs = outputs;
    this.#clock = clock;
    const dynamodb = new DynamoDBClient(config);
    const rekognition = new RekognitionClient({ ...config, ...RETRIES });
    this.#persons = personsTable(outputs.PersonsTableName, dynamodb);
    this.collection = faceCollection(outputs.FacesCollectionId, rekognition, clock);
    this.#clients = [dynamodb, rekognition];
  }

  /** @throws Error that names the stack, when it does not exist or has no faces */
  static async open(stackName: string, config: ClientConfig, clock = systemClock): Promise<Faces> {
    return new Faces(await stackFaceOutputs(stackName, config), config, clock);
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
  }

  /** Everybody who is enrolled, by name. */
  async persons(): Promise<Person[]> {
    return (await this.#persons.list())
      .filter(isPerson)
      .toSorted((a, b) => a.name.localeCompare(b.name, "en") || (a.personId < b.personId ? -1 : 1));
  }

  /** Those whose forgetting has begun and is not finished. */
  async beingForgotten(): Promise<ForgottenPerson[]> {
    return (await this.#persons.list()).filter(isForgotten).filter(({ step }) => step !== "done");
  }

  findRecord(personId: string): Promise<PersonRecord | undefined> {
    return this.#persons.find(personId);
  }

  /** Enrols persons, some at a time. An error of one leaves the others as they are, and is thrown at the end. */
  async enrol(
    all: readonly ToEnrol[],
    options: EnrolOptions & { readonly onPerson: (person: ToEnrol, enrolled: Enrolled) => void },
  ): Promise<void> {
    await this.collection.describe();
    const stored = await this.collection.faces();
    const ports = { persons: this.#persons, collection: this.collection, clock: this.#clock };
    const errors: unknown[] = [];
    await forEachConcurrently(all, { limit: PARALLEL }, async (person) => {
      // What stops one stops the others: no permission, no network.
      if (errors.length > 0) return;
      try {
        options.onPerson(person, await enrolPerson(person, stored, ports, options));
      } catch (error) {
        errors.push(error);
      }
    });
    if (errors.length > 0) throw errors[0];
  }

  /** Gives a person another name. @throws Error when somebody else has it, or the record was changed meanwhile */
  async rename(person: Person, name: string): Promise<Person> {
    const key = nameKey(name);
    const other = (await this.persons()).find(
      (one) => one.personId !== person.personId && nameKey(one.name) === key,
    );
    if (other)
      throw new Error(
        `${other.personId} has the name ${other.name} already; npx doorstep faces merge ${person.personId} ${other.personId} makes them one person`,
      );
    const renamed = { ...person, version: person.version + 1, name };
    if (!(await this.#persons.put(renamed)))
      throw new Error(`${person.name} was changed meanwhile; run it again`);
    return renamed;
  }

  merge(from: Person | MergedPerson, into: Person, isForced: boolean): Promise<Merged> {
    return mergePersons(from, into, { persons: this.#persons, collection: this.collection }, isForced);
  }

  /** Who a picture shows: the enrolled persons whose consent holds, the most similar first. Stores nothing. */
  async search(image: Image, threshold: number) {
    await this.collection.describe();
    return await this.collection.search(image, threshold);
  }
}
