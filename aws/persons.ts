import { DeleteItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { personRecord, type Person, type PersonRecord } from "../schemas/person.ts";
import { defaultClient, fromItem, toItem, unlessConditionFails, versionedRecords } from "./dynamodb.ts";

/**
 * Who is enrolled, merged into another, or forgotten, in the table of that name. Records change by conditional writes, and
 * none is deleted but those whose enrolment failed: a forgotten person's keeps late records out of the lake.
 */
export const personsTable = (tableName: string, client = defaultClient) => {
  const { find, put } = versionedRecords(personRecord, { client, tableName, key: "personId" });
  return {
    /** Strongly consistent: nobody is recognised once they are forgotten. */
    find,
    put,

    /**
     * Deletes the record of a person who has no face and whom no camera has seen.
     * @returns false when another writer was faster
     */
    takeBack: ({ personId, version }: Person): Promise<boolean> =>
      unlessConditionFails(() =>
        client.send(
          new DeleteItemCommand({
            TableName: tableName,
            Key: toItem({ personId }),
            ConditionExpression: "#version = :version AND attribute_not_exists(lastSeenAtMs)",
            ExpressionAttributeNames: { "#version": "version" },
            ExpressionAttributeValues: toItem({ ":version": version }),
          }),
        ),
      ),

    /**
     * All records, strongly consistent and in the order of their ids, which says nothing about persons.
     * @throws ValiError for a record that is none of a person
     */
    async list(): Promise<PersonRecord[]> {
      const found: PersonRecord[] = [];
      const pages = paginateScan({ client }, { TableName: tableName, ConsistentRead: true });
      for await (const { Items = [] } of pages)
        found.push(...Items.map((item) => v.parse(personRecord, fromItem(item))));
      return found.toSorted((a, b) => (a.personId < b.personId ? -1 : 1));
    },
  };
};
