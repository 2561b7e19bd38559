import type { SnsStore, SqsStore } from "./stores.ts";

/** A call of SNS or SQS. */
interface MessagingCall {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The form of a call of SNS, or the document of one of SQS. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface MessagingResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** fauxqs's router of an API, and the parts of Fastify's reply that it uses. */
interface Router {
  register(action: string, handler: Handler): void;
  handle(call: MessagingCall, reply: Reply): Promise<unknown>;
}
type Handler = (...given: unknown[]) => unknown;
interface Reply {
  status(status: number): void;
  header(name: string, value: string): void;
}

/** Imports a part of fauxqs by its file and name. */
export type Part = <T>(file: string, name: string) => Promise<T>;

/** The functions of fauxqs, by their file; each is an action. */
const SQS: Readonly<Record<string, readonly string[]>> = {
  createQueue: ["createQueue"],
  deleteQueue: ["deleteQueue"],
  getQueueUrl: ["getQueueUrl"],
  listQueues: ["listQueues"],
  getQueueAttributes: ["getQueueAttributes"],
  setQueueAttributes: ["setQueueAttributes"],
  purgeQueue: ["purgeQueue"],
  sendMessage: ["sendMessage"],
  receiveMessage: ["receiveMessage"],
  deleteMessage: ["deleteMessage"],
  sendMessageBatch: ["sendMessageBatch"],
  deleteMessageBatch: ["deleteMessageBatch"],
  changeMessageVisibility: ["changeMessageVisibility"],
  changeMessageVisibilityBatch: ["changeMessageVisibilityBatch"],
  tagQueue: ["tagQueue"],
  untagQueue: ["untagQueue"],
  listQueueTags: ["listQueueTags"],
};
const SNS: Readonly<Record<string, readonly string[]>> = {
  createTopic: ["createTopic"],
  deleteTopic: ["deleteTopic"],
  listTopics: ["listTopics"],
  getTopicAttributes: ["getTopicAttributes"],
  setTopicAttributes: ["setTopicAttributes"],
  subscribe: ["subscribe"],
  unsubscribe: ["unsubscribe"],
  confirmSubscription: ["confirmSubscription"],
  listSubscriptions: ["listSubscriptions", "listSubscriptionsByTopic"],
  getSubscriptionAttributes: ["getSubscriptionAttributes"],
  setSubscriptionAttributes: ["setSubscriptionAttributes"],
  publish: ["publish", "publishBatch"],
  tagResource: ["tagResource", "untagResource", "listTagsForResource"],
};
/** Waits for messages; each of its receives is a commit of its own. */
const WAITS = "receiveMessage";

/**
 * The calls of SNS and SQS, in this process: fauxqs behind a socket would cost a request for each. What a call changes is
 * stored in one commit, before its response.
 */
export async function messagingCalls(
  part: Part,
  stores: { readonly sqsStore: SqsStore; readonly snsStore: SnsStore },
  inOneCommit: <T>(change: () => T) => T,
) {
  const SqsRouter = await part<new (sqs: SqsStore) => Router>("sqs/sqsRouter.js", "SqsRouter");
  const SnsRouter = await part<new (sns: SnsStore, sqs: SqsStore) => Router>("sns/snsRouter.js", "SnsRouter");
  const routed = async (service: string, router: Router, files: typeof SQS) => {
    for (const [file, names] of Object.entries(files))
      for (const name of names) {
        const handler = await part<Handler>(`${service}/actions/${file}.js`, name);
        const action = name.charAt(0).toUpperCase() + name.slice(1);
        router.register(action, (...given) =>
          name === WAITS ? handler(...given) : inOneCommit(() => handler(...given)),
        );
      }
    return (call: MessagingCall) => respond(router, call);
  };
  return {
    sqs: await routed("sqs", new SqsRouter(stores.sqsStore), SQS),
    sns: await routed("sns", new SnsRouter(stores.snsStore, stores.sqsStore), SNS),
  };
}

/** @throws Error for what is no error of the API */
async function respond(router: Router, call: MessagingCall): Promise<MessagingResponse> {
  let status = 200;
  const headers: Record<string, string> = {};
  const result = await router.handle(call, {
    status: (given) => void (status = given),
    header: (name, value) => void (headers[name] = value),
  });
  return { status, headers, text: typeof result === "string" ? result : JSON.stringify(result) };
}
