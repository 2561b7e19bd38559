import { createHash } from "node:crypto";
import {
  emptyVersionMarker,
  invalidContinuationToken,
  invalidEncoding,
  invalidMaxKeys,
  invalidVersionId,
  versionMarkerWithoutKey,
} from "./errors.ts";
import { pageOf, type Listing } from "./listing.ts";
import type { StoredObject } from "./object-files.ts";
import { idOf, type ObjectVersions } from "./object-versions.ts";
import { isVersionId, sequenceOfId } from "./version-id.ts";
import { s3Xml } from "./xml.ts";

const MAX_KEYS = 1000;

interface ListRequest {
  readonly bucket: string;
  readonly query: URLSearchParams;
  /** The account that owns the bucket. */
  readonly accountId: string;
}

/** ListObjectsV2. A page starts where the former one ended, whatever was put or deleted meanwhile. */
export function listObjectsV2(versions: ObjectVersions, { bucket, query, accountId }: ListRequest): string {
  const { listing, encode, common } = listingOf(query);
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after") ?? "";
  const after = token === null ? startAfter : Buffer.from(token, "base64").toString("utf8");
  if (token !== null && (after === "" || continuationToken(after) !== token))
    throw invalidContinuationToken();
  const { entries, isTruncated } = pageOf(versions.sortedKeys(bucket), { ...listing, after }, (key) =>
    key === after ? [] : presentOf(versions, bucket, key),
  );
  const owner = query.get("fetch-owner") === "true" ? ownerOf(accountId) : {};
  return s3Xml("ListBucketResult", [
    { Name: bucket, ...common, KeyCount: entries.length, IsTruncated: isTruncated },
    { ContinuationToken: token ?? undefined, StartAfter: startAfter === "" ? undefined : encode(startAfter) },
    { NextContinuationToken: isTruncated ? continuationToken(entries.at(-1)!.key) : undefined },
    ...entries.map(({ key, item }) =>
      item ? { Contents: { ...contentsOf(item, encode), ...owner } } : groupOf(key, encode),
    ),
  ]);
}

/** ListObjects. `NextMarker` is returned for a listing with a delimiter alone (documented). */
export function listObjects(versions: ObjectVersions, { bucket, query, accountId }: ListRequest): string {
  const { listing, encode, common } = listingOf(query);
  const after = query.get("marker") ?? "";
  const { entries, isTruncated } = pageOf(versions.sortedKeys(bucket), { ...listing, after }, (key) =>
    key === after ? [] : presentOf(versions, bucket, key),
  );
  const hasNext = isTruncated && listing.delimiter !== "";
  return s3Xml("ListBucketResult", [
    { Name: bucket, ...common, Marker: encode(after), IsTruncated: isTruncated },
    { NextMarker: hasNext ? encode(entries.at(-1)!.key) : undefined },
    ...entries.map(({ key, item }) =>
      item ? { Contents: { ...contentsOf(item, encode), ...ownerOf(accountId) } } : groupOf(key, encode),
    ),
  ]);
}

/**
 * ListObjectVersions: keys in their order, the versions of a key from the newest to the oldest. `NextKeyMarker` and
 * `NextVersionIdMarker` are the last version of the page, which may be deleted before the next page is listed.
 */
export function listObjectVersions(
  versions: ObjectVersions,
  { bucket, query, accountId }: ListRequest,
): string {
  const { listing, encode, common } = listingOf(query);
  const after = query.get("key-marker") ?? "";
  const versionMarker = query.get("version-id-marker");
  if (versionMarker !== null && after === "") throw versionMarkerWithoutKey();
  if (versionMarker === "") throw emptyVersionMarker();
  if (versionMarker !== null && !isVersionId(versionMarker)) throw invalidVersionId();
  const { entries, isTruncated } = pageOf(versions.sortedKeys(bucket), { ...listing, after }, (key) => {
    const all = versions.of(bucket, key).map((version, index) => ({ version, isLatest: index === 0 }));
    if (key !== after) return all;
    if (versionMarker === null) return [];
    const marked = all.findIndex(({ version }) => idOf(version) === versionMarker);
    if (marked >= 0) return all.slice(marked + 1);
    // The null version, whose id has no place in the order, was deleted: what is left of the key has not been listed.
    if (versionMarker === "null") return all;
    return all.filter(({ version }) => (version.sequence ?? 0) < sequenceOfId(versionMarker));
  });
  const last = isTruncated ? entries.at(-1) : undefined;
  return s3Xml("ListVersionsResult", [
    { Name: bucket, ...common, IsTruncated: isTruncated, KeyMarker: encode(after) },
    { VersionIdMarker: versionMarker ?? "" },
    { NextKeyMarker: last && encode(last.key), NextVersionIdMarker: last?.item && idOf(last.item.version) },
    ...entries.map(({ key, item }) => {
      if (!item) return groupOf(key, encode);
      const { version, isLatest } = item;
      const { Key, LastModified, ...content } = contentsOf(version, encode);
      const head = { Key, VersionId: idOf(version), IsLatest: isLatest, LastModified };
      const owner = ownerOf(accountId);
      return version.isDeleteMarker
        ? { DeleteMarker: { ...head, ...owner } }
        : { Version: { ...head, ...content, ...owner } };
    }),
  ]);
}

const continuationToken = (key: string): string => Buffer.from(key, "utf8").toString("base64");

function presentOf(versions: ObjectVersions, bucket: string, key: string): StoredObject[] {
  const current = versions.current(bucket, key);
  return current ? [current] : [];
}

type Encode = (text: string) => string;

function listingOf(query: URLSearchParams): {
  listing: Omit<Listing, "after">;
  encode: Encode;
  common: object;
} {
  const encoding = query.get("encoding-type");
  if (encoding !== null && encoding !== "url") throw invalidEncoding();
  const maxKeys = query.get("max-keys") ?? String(MAX_KEYS);
  if (!/^\d{1,10}$/.test(maxKeys)) throw invalidMaxKeys();
  const encode: Encode = encoding === null ? (text) => text : urlEncoded;
  const listing = {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    maxKeys: Math.min(Number(maxKeys), MAX_KEYS),
  };
  const common = {
    Prefix: encode(listing.prefix),
    Delimiter: listing.delimiter === "" ? undefined : encode(listing.delimiter),
    MaxKeys: listing.maxKeys,
    EncodingType: encoding ?? undefined,
  };
  return { listing, encode, common };
}

/** As in the path of a URL: clients decode "+" as a space. */
const urlEncoded: Encode = (text) => encodeURIComponent(text).replaceAll("%2F", "/");

const contentsOf = ({ key, lastModified, etag, contentLength }: StoredObject, encode: Encode) => ({
  Key: encode(key),
  LastModified: lastModified.toISOString(),
  ETag: etag,
  Size: contentLength,
  StorageClass: "STANDARD",
});

const groupOf = (prefix: string, encode: Encode): object => ({ CommonPrefixes: { Prefix: encode(prefix) } });

/** The canonical user id of an account: 64 hexadecimal digits. */
const ownerOf = (accountId: string): object => ({
  Owner: { ID: createHash("sha256").update(accountId).digest("hex") },
});
