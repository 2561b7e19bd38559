/** Attributes by name, each as DynamoDB's JSON has it, e.g. `{ S: "porch" }`. */
type Item = Readonly<Record<string, unknown>>;

/** The parts of a request that name items of one table; nothing of it is validated yet. */
export interface ItemRequest {
  readonly Key?: Item | null;
  readonly Item?: Item | null;
  readonly KeyConditions?: Readonly<
    Record<string, { readonly AttributeValueList?: readonly unknown[] }>
  > | null;
  readonly KeyConditionExpression?: unknown;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | null;
  readonly ExpressionAttributeValues?: Item | null;
  /** What a batch has for the table: the keys to read, or the items to write and delete. */
  readonly batch?: unknown;
}

interface Write {
  readonly PutRequest?: { readonly Item?: Item };
  readonly DeleteRequest?: { readonly Key?: Item };
}

/** `#kind = :kind` in a key condition; a partition key is compared by `=` alone. */
const EQUALS = /(#?[\w.-]+)\s*=\s*(:\w+)/g;

/**
 * Partition keys of the items that a call names (documented: DynamoDB, condition key dynamodb:LeadingKeys): one for a call
 * of one item or a query, several for a batch, none for a scan.
 * @param keyName the table's partition key
 */
export function leadingKeysOf(request: ItemRequest, keyName: string): string[] {
  const { Key, Item, KeyConditions, KeyConditionExpression = "", batch } = request;
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = request;
  const compared = [...String(KeyConditionExpression).matchAll(EQUALS)]
    .filter(([, name = ""]) => (names?.[name] ?? name) === keyName)
    .map(([, , value = ""]) => values?.[value]);
  const found = [Key, Item, ...itemsOf(batch)].map((item) => item?.[keyName]);
  // The text, number or base64 of each value.
  return [...found, KeyConditions?.[keyName]?.AttributeValueList?.[0], ...compared].flatMap((value) =>
    Object.values(value ?? {}).map(String),
  );
}

function itemsOf(batch: unknown): (Item | null | undefined)[] {
  if (Array.isArray(batch))
    return batch.map((write: Write | null) => write?.PutRequest?.Item ?? write?.DeleteRequest?.Key);
  const { Keys } = (batch ?? {}) as { Keys?: unknown };
  return Array.isArray(Keys) ? (Keys as Item[]) : [];
}
