import type { buildApp } from "fauxqs";

/** The stores that fauxqs can be given instead of its own. */
type Given = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>["stores"]>;
export type Stores = Required<Given>;
export type SqsStore = Stores["sqsStore"];
export type SnsStore = Stores["snsStore"];
export type SqsQueue = ReturnType<SqsStore["createQueue"]>;
