import { mkdirSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { basename, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { buildApp } from "fauxqs";
import { messagingCalls } from "./messaging/fauxqs-calls.ts";
import { onEveryQueue } from "./messaging/every-queue.ts";
import type { SnsStore, SqsStore, Stores } from "./messaging/stores.ts";
import { TraceHeaders } from "./messaging/trace-headers.ts";
import { leaveWaitingMessagesStored } from "./messaging/waiting-messages.ts";
import {
  setBrokenDescriptionsAside,
  storeWholeObjects,
  type ObjectStorage,
  type SetAside,
} from "./s3/object-files.ts";
import { BROKEN, storageFolder } from "./s3/object-path.ts";
import { ObjectVersions } from "./s3/object-versions.ts";
import { refuseUnsafeKeys } from "./s3/safe-storage.ts";
import { VersionFiles } from "./s3/version-files.ts";
import { serveVersions } from "./s3/version-requests.ts";
import type { ServiceHost } from "./service.ts";

/** A running fauxqs: S3 with objects as files, SNS and SQS with their state in SQLite. */
export interface Fauxqs {
  /** Has its S3 respond to a request. */
  respond(request: IncomingMessage, response: ServerResponse): void;
  /** Its queues, whose delays and timeouts can follow a clock. */
  readonly queues: SqsStore;
  /** Its topics and subscriptions. */
  readonly topics: SnsStore;
  readonly filters: Filters;
  /** Which buckets and objects there are. */
  readonly objects: {
    hasBucket(bucket: string): boolean;
    hasObject(bucket: string, key: string): boolean;
    readonly versions: ObjectVersions;
  };
  /** Calls its SQS and SNS. */
  readonly calls: Awaited<ReturnType<typeof messagingCalls>>;
  /** Stores what a function changes in queues in one commit, or nothing of it. */
  inOneCommit<T>(change: () => T): T;
  /** The trace headers of messages, by their id. */
  readonly traceHeaders: TraceHeaders;
  stop(): Promise<void>;
}

/** fauxqs's own filter policies of SNS, with attributes as in a Publish request. */
interface Filters {
  readonly matchesFilterPolicy: (
    policy: Record<string, unknown>,
    attributes: Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>,
  ) => boolean;
  /** @throws Error for a policy that SNS refuses */
  readonly validateFilterPolicyLimits: (policyJson: string) => void;
  readonly matchesFilterPolicyOnBody: (policy: Record<string, unknown>, body: string) => boolean;
}

interface Persistence {
  loadSqsAndSns(sqs: SqsStore, sns: SnsStore): void;
  loadS3(s3: Stores["s3Store"]): void;
  close(): void;
}

interface MessagePersistence extends Persistence {
  readonly db: DatabaseSync;
  readonly stmts: { loadMessages: unknown };
  updateMessageReady(messageId: string): void;
  transaction(change: () => unknown): void;
}

/**
 * fauxqs's own start function listens on every network interface. Here its parts are assembled without a listener; its
 * version is pinned because these parts are not its public interface.
 *
 * Emits the event set-aside, as the service s3, for each file of the storage that can't be read.
 */
export async function startFauxqs({
  dataFolder,
  region,
  events,
}: Pick<ServiceHost, "dataFolder" | "region" | "events">): Promise<Fauxqs> {
  const part = async <T>(file: string, name: string): Promise<T> => {
    const url = new URL(file, import.meta.resolve("fauxqs"));
    return ((await import(url.href)) as Record<string, T>)[name]!;
  };
  const SqsStore = await part<new () => SqsStore>("sqs/sqsStore.js", "SqsStore");
  const SnsStore = await part<new () => Stores["snsStore"]>("sns/snsStore.js", "SnsStore");
  const S3Store = await part<new () => Stores["s3Store"]>("s3/s3Store.js", "S3Store");
  const Sqlite = await part<new (folder: string) => MessagePersistence>(
    "persistence.js",
    "PersistenceManager",
  );
  type Storage = Persistence & ObjectStorage & Parameters<typeof refuseUnsafeKeys>[0];
  const S3Error = await part<new (code: string, message: string, statusCode?: number) => Error>(
    "common/errors.js",
    "S3Error",
  );
  const Files = await part<new (folder: string) => Storage>("s3/fileS3Persistence.js", "FileS3Persistence");

  const stores: Stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const messagingFolder = `${dataFolder}/messaging`;
  mkdirSync(messagingFolder, { recursive: true });
  const messages = new Sqlite(messagingFolder);
  // As for the documents: a machine failure may lose the last messages, and no message waits for the disk.
  messages.db.exec("PRAGMA synchronous = NORMAL");
  makeVisible(messages);
  leaveWaitingMessagesStored(stores.sqsStore, messages);
  const objects = new Files(storageFolder(dataFolder));
  const setAside = ({ file, reason }: SetAside): void =>
    events.emit("s3", "set-aside", {
      file: join(storageFolder(dataFolder), file),
      reason,
      renamedTo: `${basename(file)}${BROKEN}`,
    });
  setBrokenDescriptionsAside(storageFolder(dataFolder), setAside);
  storeWholeObjects(objects, storageFolder(dataFolder), setAside);
  refuseUnsafeKeys(objects, (message) => new S3Error("InvalidArgument", message));
  const versions = new ObjectVersions(
    stores.s3Store,
    objects,
    new VersionFiles(storageFolder(dataFolder)),
    setAside,
  );
  messages.loadSqsAndSns(stores.sqsStore, stores.snsStore);
  objects.loadS3(stores.s3Store);
  Object.assign(stores.sqsStore, { persistence: messages });
  Object.assign(stores.snsStore, { persistence: messages });
  Object.assign(stores.s3Store, { persistence: objects });
  for (const queue of stores.sqsStore.allQueues()) Object.assign(queue, { persistence: messages });

  const filters: Filters = {
    matchesFilterPolicy: await part("sns/filter.js", "matchesFilterPolicy"),
    validateFilterPolicyLimits: await part("sns/filter.js", "validateFilterPolicyLimits"),
    matchesFilterPolicyOnBody: await part("sns/filter.js", "matchesFilterPolicyOnBody"),
  };
  const traceHeaders = new TraceHeaders();
  traceHeaders.follow(stores.sqsStore);
  const inOneCommit = commits(messages);
  // A receive writes a row per message, and moves one that was received too often to another queue.
  onEveryQueue(stores.sqsStore, (queue) => {
    const dequeue = queue.dequeue.bind(queue);
    queue.dequeue = (...given) => inOneCommit(() => dequeue(...given));
  });
  const app = buildApp({ logger: false, defaultRegion: region, stores });
  serveVersions(
    app,
    stores.s3Store,
    versions,
    ({ code, message, status }) => new S3Error(code, message, status),
  );
  await app.ready();
  return {
    respond: (request, response) => app.routing(request, response),
    queues: stores.sqsStore,
    topics: stores.snsStore,
    filters,
    objects: {
      hasBucket: (bucket) => stores.s3Store.hasBucket(bucket),
      hasObject: (bucket, key) => versions.current(bucket, key) !== undefined,
      versions,
    },
    calls: await messagingCalls(part, stores, inOneCommit),
    inOneCommit,
    traceHeaders,
    stop: async () => {
      await app.close();
      messages.close();
      objects.close();
    },
  };
}

/** Stores what a function changes in one commit, which may be that of its caller. */
function commits(messages: MessagePersistence): Fauxqs["inOneCommit"] {
  let isOpen = false;
  return (change) => {
    if (isOpen) return change();
    isOpen = true;
    try {
      let result: ReturnType<typeof change>;
      messages.transaction(() => (result = change()));
      return result!;
    } finally {
      isOpen = false;
    }
  };
}

/**
 * A message whose visibility timeout is set to 0 is visible again. fauxqs 2.4.1 writes NULL to a column that does not allow
 * it, so the call fails and the message is invisible until a restart.
 */
function makeVisible(messages: MessagePersistence): void {
  const ready = messages.db.prepare(
    "UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?",
  );
  messages.updateMessageReady = (messageId) => void ready.run(messageId);
}
