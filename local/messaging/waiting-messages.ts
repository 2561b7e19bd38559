import type { DatabaseSync } from "node:sqlite";
import { onEveryQueue } from "./every-queue.ts";
import type { SqsQueue, SqsStore } from "./stores.ts";

type Message = SqsQueue["messages"][number];

/** How many messages of a queue are in memory while they wait; the others are in the database alone. */
const MAX_IN_MEMORY = 1000;

/** A row of a message that no one has received, of a queue that is not FIFO. */
const NEVER_RECEIVED = "message_group_id IS NULL AND delay_until IS NULL AND approximate_receive_count = 0";

/** The part of fauxqs's persistence that reads messages. */
interface MessageDatabase {
  readonly db: DatabaseSync;
  readonly stmts: { loadMessages: unknown };
}

/**
 * Has fauxqs keep the messages that wait in the database, where it stores each, and only the next ones in memory: a queue
 * whose reader is slower than its writers would otherwise take more and more of it. To be called before it loads its queues.
 */
export function leaveWaitingMessagesStored(store: SqsStore, messages: MessageDatabase): void {
  const { db } = messages;
  db.exec("CREATE INDEX IF NOT EXISTS sqs_messages_by_queue ON sqs_messages (queue_name)");
  messages.stmts.loadMessages = db.prepare(
    `SELECT * FROM sqs_messages WHERE queue_name = ? AND NOT (${NEVER_RECEIVED})`,
  );
  const read = readerOf(db);
  onEveryQueue(store, (queue) => {
    if (queue.isFifo()) return;
    const waiting = new WaitingMessages(queue.name, read);
    // fauxqs empties a queue by an assignment.
    const empty = (): void => waiting.clear();
    Object.defineProperty(queue, "messages", { get: () => waiting, set: empty });
  });
}

type Reader = ReturnType<typeof readerOf>;

function readerOf(db: DatabaseSync) {
  const where = `queue_name = ? AND rowid > ? AND ${NEVER_RECEIVED}`;
  const count = db.prepare(`SELECT count(*) AS count FROM sqs_messages WHERE ${where}`);
  const rowid = db.prepare("SELECT rowid FROM sqs_messages WHERE message_id = ?");
  const page = db.prepare(`SELECT rowid, * FROM sqs_messages WHERE ${where} ORDER BY rowid LIMIT ?`);
  return {
    count: (queue: string): number => Number(count.get(queue, 0)!["count"]),
    rowid: (messageId: string): number => Number(rowid.get(messageId)?.["rowid"] ?? 0),
    /** The messages after a row, in the order in which they were sent. */
    page: (queue: string, after: number): { readonly rowid: number; readonly message: Message }[] =>
      page.all(queue, after, MAX_IN_MEMORY).map((row) => ({
        rowid: Number(row["rowid"]),
        message: {
          messageId: String(row["message_id"]),
          body: String(row["body"]),
          md5OfBody: String(row["md5_of_body"]),
          messageAttributes: JSON.parse(String(row["message_attributes"])) as Message["messageAttributes"],
          md5OfMessageAttributes: String(row["md5_of_message_attributes"]),
          sentTimestamp: Number(row["sent_timestamp"]),
          approximateReceiveCount: 0,
        },
      })),
  };
}

/** The messages of a queue that can be received, with the part of an array's interface that fauxqs uses. */
export class WaitingMessages implements Iterable<Message> {
  readonly #queue: string;
  readonly #read: Reader;
  /** The next ones, and those that were received before. */
  #next: Message[] = [];
  /** How many are only stored: those never received whose rows come after this one. */
  #stored: number;
  #after = 0;

  constructor(queue: string, read: Reader) {
    this.#queue = queue;
    this.#read = read;
    this.#stored = read.count(queue);
  }

  get length(): number {
    return this.#next.length + this.#stored;
  }

  get inMemory(): number {
    return this.#next.length;
  }

  /** Adds a message, which is stored already. */
  push(message: Message): void {
    const { approximateReceiveCount, delayUntil, messageGroupId } = message;
    const isNew = approximateReceiveCount === 0 && delayUntil === undefined && messageGroupId === undefined;
    if (!isNew || (this.#stored === 0 && this.#next.length < MAX_IN_MEMORY)) this.#next.push(message);
    else if (this.#stored++ === 0) this.#after = this.#read.rowid(message.messageId) - 1;
  }

  shift(): Message | undefined {
    if (this.#next.length === 0 && this.#stored > 0) {
      const page = this.#read.page(this.#queue, this.#after);
      this.#next = page.map(({ message }) => message);
      this.#after = page.at(-1)?.rowid ?? this.#after;
      // A message that was not stored after all, when a commit failed, ends here.
      this.#stored = page.length < MAX_IN_MEMORY ? 0 : this.#stored - page.length;
    }
    return this.#next.shift();
  }

  clear(): void {
    this.#next = [];
    this.#stored = 0;
  }

  *[Symbol.iterator](): Generator<Message> {
    yield* this.#next;
    let after = this.#after;
    while (this.#stored > 0) {
      const page = this.#read.page(this.#queue, after);
      for (const { message } of page) yield message;
      if (page.length < MAX_IN_MEMORY) return;
      after = page.at(-1)!.rowid;
    }
  }
}
