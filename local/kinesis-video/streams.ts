import { secureBytes } from "../../base/random.ts";
import type { Cloud } from "../cloud.ts";
import type { Collection } from "../documents.ts";
import type { AwsError } from "../errors.ts";
import { resourceNotFound, versionMismatch } from "./errors.ts";

/** The settings that a stream is created with. */
export interface StreamSettings {
  readonly name: string;
  /** 0: fragments are only buffered. */
  readonly retentionHours: number;
  readonly mediaType?: string;
  readonly deviceName?: string;
  readonly kmsKeyId?: string;
  /** HOT by default. */
  readonly storageTier?: "HOT" | "WARM";
  readonly tags: Readonly<Record<string, string>>;
}

/** A Kinesis video stream. */
export interface Stream extends StreamSettings {
  /** `arn:<partition>:kinesisvideo:<region>:<account>:stream/<name>/<creation, epoch ms>` (documented: "Controlling access"). */
  readonly arn: string;
  readonly createdAtMs: number;
  /** Changes with every update (but not with tags); callers send it to show that they know the current state. */
  readonly version: string;
}

/** How a request names a stream: by exactly one of the two. */
export interface StreamReference {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

/** The streams of the account. */
export class Streams {
  readonly #cloud: Cloud;
  readonly #byName: Collection<Stream>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#byName = cloud.documents.collection<Stream>("kinesis-video/streams");
  }

  count(): number {
    return this.#byName.count();
  }

  /** Every stream, ordered by name. */
  list(): Stream[] {
    return this.#byName.list();
  }

  get(name: string): Stream | undefined {
    return this.#byName.get(name);
  }

  /** @throws AwsError ResourceNotFoundException */
  find(reference: StreamReference): Stream {
    const stream = this.#lookUp(reference);
    if (stream) return stream;
    const { StreamName, StreamARN } = reference;
    throw resourceNotFound(`The requested stream ${StreamARN ?? StreamName} is not found or not active.`);
  }

  /** The ARN to authorise a call on: the stream's own, or while it does not exist, that of any stream with this name. */
  arnOf(reference: StreamReference): string {
    const { StreamName, StreamARN } = reference;
    return this.#lookUp(reference)?.arn ?? StreamARN ?? this.anyArn(StreamName ?? "");
  }

  anyArn(name: string): string {
    return this.#cloud.arn("kinesisvideo", `stream/${name}/*`);
  }

  /** Creates the stream; it is ACTIVE at once, while AWS's is CREATING first (documented: DescribeStream, Status). */
  create(settings: StreamSettings): Stream {
    const createdAtMs = this.#cloud.clock.now();
    const arn = this.#cloud.arn("kinesisvideo", `stream/${settings.name}/${createdAtMs}`);
    const stream = { ...settings, arn, createdAtMs, version: newVersion() };
    this.#byName.put(stream.name, stream);
    return stream;
  }

  update(stream: Stream, changes: Partial<Omit<StreamSettings, "name" | "tags">>): Stream {
    const updated = { ...stream, ...changes, version: newVersion() };
    this.#byName.put(stream.name, updated);
    return updated;
  }

  setTags(stream: Stream, tags: Stream["tags"]): void {
    this.#byName.put(stream.name, { ...stream, tags });
  }

  delete(stream: Stream): void {
    this.#byName.delete(stream.name);
  }

  #lookUp({ StreamName, StreamARN }: StreamReference): Stream | undefined {
    const stream = this.#byName.get(StreamName ?? StreamARN?.split("/")[1] ?? "");
    return StreamARN === undefined || stream?.arn === StreamARN ? stream : undefined;
  }
}

/** @throws AwsError VersionMismatchException */
export function checkVersion(stream: Stream, version: string | undefined): void {
  if (version !== undefined && version !== stream.version) throw versionMismatch(stream.name);
}

/**
 * Only a stream that retains data has archived media.
 * @param error `noDataRetention` (documented: GetClip, GetImages, GetHLSStreamingSessionURL), or `resourceNotFound`, the
 * nearest of the errors documented for ListFragments and GetMediaForFragmentList; which one AWS returns is unconfirmed
 */
export function requireRetention(
  { name, retentionHours }: Stream,
  error: (message: string) => AwsError,
): void {
  if (retentionHours === 0)
    throw error(
      `The stream ${name} retains no data: its DataRetentionInHours is 0; raise it with UpdateDataRetention.`,
    );
}

/** 20 letters and digits (observed in public logs of DescribeStream). */
const newVersion = (): string => secureBytes(10).toString("hex");
