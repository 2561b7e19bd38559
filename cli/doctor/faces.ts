import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { paginateListStreamProcessors, RekognitionClient } from "@aws-sdk/client-rekognition";
import { DAYS_PER_MONTH, unstoppedFaceSearchUsd } from "../../analysis/cost.ts";
import { camerasTable } from "../../aws/cameras.ts";
import { personsTable } from "../../aws/persons.ts";
import { sessionsTable } from "../../aws/sessions.ts";
import { systemClock } from "../../base/clock.ts";
import { DAY_MS, MINUTE_MS } from "../../base/durations.ts";
import { faceCollection, type StoredFace } from "../../operator/face-collection.ts";
import { isClosedToAccount } from "../../operator/aws-errors.ts";
import { dataStreamTriggers } from "../../operator/face-processor.ts";
import { stackFaceOutputs } from "../../operator/stack.ts";
import type { Camera } from "../../schemas/camera.ts";
import { METRIC_DIMENSION, METRIC_NAMESPACE } from "../../schemas/observability/metrics.ts";
import { isPerson, type PersonRecord } from "../../schemas/person.ts";
import type { Session } from "../../schemas/session.ts";
import { counted, iso } from "../text.ts";
import { deployedCheck, type Deployed } from "./check.ts";
import { failed, ok, unknown, wrong, type Finding } from "./finding.ts";
import { sumsOf, type Sum } from "./metrics.ts";

const PERMISSIONS =
  "dynamodb:Scan and GetItem, rekognition:DescribeCollection, ListFaces and ListStreamProcessors, kinesis:ListStreams, lambda:ListEventSourceMappings, and cloudwatch:GetMetricData";
/** A consent that expires within this time is named. */
const SOON_MS = 30 * DAY_MS;
/** A processor may run so long after the end of its session was due. */
const GRACE_MS = 10 * MINUTE_MS;
/** Persons and cameras that are named one by one. */
const MAX_NAMED = 5;

/** What is known of a stack's faces. */
export interface FaceState {
  readonly cameras: readonly (Pick<Camera, "cameraId" | "faces" | "streamName" | "processorName"> & {
    readonly engine: string;
  })[];
  readonly collection: {
    readonly faces: number;
    readonly users: number;
    readonly modelVersion: string | undefined;
  };
  readonly records: readonly PersonRecord[];
  readonly stored: readonly StoredFace[];
  /** Names of the face-search processors that run. */
  readonly running: readonly string[];
  /** The state of each data stream's trigger, by its name; undefined where it has none. */
  readonly dataStreams: ReadonlyMap<string, string | undefined>;
  /** By camera. */
  readonly sessions: ReadonlyMap<string, Pick<Session, "run">>;
  readonly sums: readonly Sum[];
  readonly sinceMs: number;
  readonly nowMs: number;
}

/** Whether faces are searched, found and recorded, and whether what is stored of persons is whole and agreed to. */
export const facesCheck = deployedCheck("faces", async (account) => {
  const { config, outputs, stackName, nowMs, sinceMs } = account;
  const clients = {
    dynamodb: new DynamoDBClient(config),
    rekognition: new RekognitionClient(config),
    cloudwatch: new CloudWatchClient(config),
  };
  const { dynamodb, rekognition, cloudwatch } = clients;
  try {
    const { PersonsTableName, FacesCollectionId } = await stackFaceOutputs(stackName, config);
    const cameras = await camerasTable(outputs.CamerasTableName, dynamodb).list();
    const records = await personsTable(PersonsTableName, dynamodb).list();
    const collection = faceCollection(FacesCollectionId, rekognition, systemClock);
    const sessions = new Map<string, Pick<Session, "run">>();
    const running = await runningProcessors(cameras, rekognition);
    for (const { cameraId, processorName } of cameras) {
      const session = running.includes(processorName)
        ? await sessionsTable(outputs.SessionsTableName, dynamodb).find(cameraId)
        : undefined;
      if (session) sessions.set(cameraId, session);
    }
    return faceFindings({
      cameras,
      collection: await collection.describe(),
      records,
      stored: await collection.faces(),
      running,
      dataStreams: await dataStreamTriggers(config, outputs.CameraPrefix, outputs.RecordFacesFunctionName),
      sessions,
      sums: await sumsOf(wantedOf(account, cameras), account, cloudwatch),
      sinceMs,
      nowMs,
    });
  } catch (error) {
    return [failed("the faces", error, PERMISSIONS)];
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
});

const isFaceSearch = ({ engine }: { readonly engine: string }): boolean => engine === "face-search";

/** The processors of face-search cameras that run. */
async function runningProcessors(cameras: readonly Camera[], client: RekognitionClient): Promise<string[]> {
  const names = new Set(cameras.filter(isFaceSearch).map(({ processorName }) => processorName));
  if (names.size === 0) return [];
  const running: string[] = [];
  try {
    for await (const { StreamProcessors = [] } of paginateListStreamProcessors({ client }, {}))
      for (const { Name = "", Status = "" } of StreamProcessors)
        if (names.has(Name) && (Status === "RUNNING" || Status === "STARTING")) running.push(Name);
    return running;
  } catch (error) {
    if (isClosedToAccount(error)) return [];
    throw error;
  }
}

/** Of the account, since Rekognition's metrics name no stack. */
const OPERATIONS = ["SearchUsersByImage", "DetectFaces", "IndexFaces"];
const CALL_METRICS = ["SuccessfulRequestCount", "UserErrorCount", "ServerErrorCount", "ThrottledCount"];
const OWN_METRICS = ["FacesFound", "FacesRecognised", "FacesUnknown", "FacesNotSent", "FacesNotSearched"];

function wantedOf({ resources, stackName }: Deployed, cameras: readonly Camera[]): Omit<Sum, "value">[] {
  const searching = cameras.filter(({ faces }) => faces);
  if (searching.length === 0) return [];
  const deliveryStreams = resources
    .filter(({ logicalId }) => logicalId === "FacesDeliveryStream")
    .map(({ physicalId }) => physicalId);
  const of = (namespace: string, dimension: string, ids: readonly string[], metrics: readonly string[]) =>
    ids.flatMap((id) => metrics.map((metric) => ({ namespace, metric, dimensions: { [dimension]: id } })));
  const dataStreams = searching.filter(isFaceSearch).map(({ streamName }) => streamName);
  return [
    ...of("AWS/Rekognition", "Operation", OPERATIONS, CALL_METRICS),
    ...of("AWS/Rekognition", "Operation", ["DetectFaces", "IndexFaces"], ["DetectedFaceCount"]),
    ...of("AWS/Kinesis", "StreamName", dataStreams, ["IncomingRecords"]),
    ...of("AWS/Firehose", "DeliveryStreamName", deliveryStreams, ["DeliveryToS3.Records"]),
    ...of(METRIC_NAMESPACE, METRIC_DIMENSION, [stackName], OWN_METRICS),
  ];
}

export function faceFindings(state: FaceState): Finding[] {
  const searching = state.cameras.filter(({ faces }) => faces);
  const { collection } = state;
  const persons = state.records.filter(isPerson);
  const dataStreams = dataStreamFindings(state);
  if (searching.length === 0 && persons.length === 0 && collection.faces === 0)
    return [ok("no camera searches faces, and nobody is enrolled"), ...dataStreams];
  return [
    ok(
      `${counted(collection.faces, "face")} of ${counted(persons.length, "person")} in the collection, of face model ${collection.modelVersion ?? "unknown"}`,
    ),
    searching.length === 0
      ? unknown("no camera searches faces", "npx doorstep camera update <id> --faces on")
      : ok(`${counted(searching.length, "camera")} search${searching.length === 1 ? "es" : ""} faces`),
    ...runningFindings(state),
    ...dataStreams,
    ...personFindings(state),
    ...(searching.length === 0 ? [] : flowFindings(state)),
  ];
}

/** A face-search processor without a session, each minute of which is billed. */
function runningFindings({ cameras, running, sessions, nowMs }: FaceState): Finding[] {
  const isLeft = (cameraId: string): boolean => {
    const run = sessions.get(cameraId)?.run;
    return run === undefined || run.endedAtMs !== undefined || run.dueAtMs + GRACE_MS < nowMs;
  };
  const usdADay = unstoppedFaceSearchUsd() / DAYS_PER_MONTH;
  return cameras
    .filter(({ cameraId, processorName }) => running.includes(processorName) && isLeft(cameraId))
    .map(({ cameraId, processorName }) =>
      wrong(
        `${cameraId}: its face-search processor runs without a session, which costs about $${Math.round(usdADay)} a day`,
        `aws rekognition stop-stream-processor --name ${processorName}; the daily sweep stops it too`,
      ),
    );
}

/** A trigger that will be enabled in a moment (documented: Lambda API, EventSourceMappingConfiguration). */
const SOON_ENABLED = ["Creating", "Enabling", "Updating"];

/** Data streams that are not read, and those of no camera, which are billed by the hour. */
function dataStreamFindings({ cameras, dataStreams }: FaceState): Finding[] {
  const searching = new Map(cameras.filter(isFaceSearch).map((camera) => [camera.processorName, camera]));
  const unread = [...searching.values()].flatMap(({ cameraId, processorName }): Finding[] => {
    const again = `npx doorstep camera add ${cameraId} creates what is missing`;
    if (!dataStreams.has(processorName))
      return [wrong(`${cameraId}: the data stream ${processorName} does not exist`, again)];
    const trigger = dataStreams.get(processorName);
    if (trigger === undefined)
      return [wrong(`${cameraId}: its data stream has no trigger of recordFaces, so nothing is read`, again)];
    if (trigger === "Enabled") return [];
    const what = `${cameraId}: the trigger of recordFaces on its data stream is ${trigger}`;
    return SOON_ENABLED.includes(trigger)
      ? [unknown(what, "wait a minute")]
      : [
          wrong(
            `${what}, so nothing is read, and records are kept for a day`,
            "enable it: aws lambda list-event-source-mappings names its id, aws lambda update-event-source-mapping --uuid <id> --enabled",
          ),
        ];
  });
  const others = new Map(cameras.map((camera) => [camera.processorName, camera]));
  const left = [...dataStreams.keys()]
    .filter((name) => !searching.has(name))
    .map((name) => {
      const camera = others.get(name);
      return wrong(
        `the data stream ${name} is of no camera of the engine face-search, and is billed by the hour`,
        camera
          ? `npx doorstep camera update ${camera.cameraId} --engine ${camera.engine} completes the change of its engine; else aws kinesis delete-stream --stream-name ${name}`
          : `npx doorstep camera remove <id> completes the removal of its camera; else aws kinesis delete-stream --stream-name ${name}`,
      );
    });
  return [...unread, ...left];
}

/** Persons by their ids: the output of doctor is passed on to others. */
function personFindings({ records, stored, nowMs }: FaceState): Finding[] {
  const persons = records.filter(isPerson);
  const ids = new Set(
    records.filter((one) => isPerson(one) || "mergedInto" in one).map(({ personId }) => personId),
  );
  const pictured = new Set(stored.map(({ personId }) => personId));
  const expired = persons.filter(({ consent }) => consent.expiresAtMs <= nowMs);
  const expiring = persons.filter(
    ({ consent }) => consent.expiresAtMs > nowMs && consent.expiresAtMs <= nowMs + SOON_MS,
  );
  const bare = persons.filter(({ personId }) => !pictured.has(personId));
  const loose = stored.filter(
    ({ personId, enrolledFor = "" }) => personId === undefined && ids.has(enrolledFor),
  );
  const orphans = stored.filter(({ personId, enrolledFor = "" }) => !ids.has(personId ?? enrolledFor));
  return [
    ...named(expired, (id) =>
      unknown(
        `the consent of ${id} has expired, so cameras do not recognise them`,
        `the daily sweep forgets them; to keep them, enrol them with a new consent: npx doorstep faces show ${id}`,
      ),
    ),
    ...expiring
      .toSorted((a, b) => a.consent.expiresAtMs - b.consent.expiresAtMs)
      .slice(0, MAX_NAMED)
      .map(({ personId, consent }) =>
        unknown(
          `the consent of ${personId} expires on ${iso(consent.expiresAtMs).slice(0, 10)}`,
          "they are forgotten then; to keep them, enrol them with a new consent",
        ),
      ),
    ...named(bare, (id) =>
      wrong(
        `${id} has no picture in the collection, so no camera recognises them`,
        `enrol a picture of them, or npx doorstep faces forget ${id}`,
      ),
    ),
    ...(loose.length > 0
      ? [
          wrong(
            `${counted(loose.length, "face")} of persons that no search by person finds: an enrolment or a merge was interrupted`,
            "run it again, which goes on from there",
          ),
        ]
      : []),
    ...(orphans.length > 0
      ? [
          wrong(
            `${counted(orphans.length, "face")} in the collection of nobody who is enrolled`,
            "they have no consent: run a forget of the person again, or delete what other programs stored with aws rekognition list-faces and delete-faces",
          ),
        ]
      : []),
  ];
}

const named = (
  persons: readonly { readonly personId: string }[],
  finding: (id: string) => Finding,
): Finding[] => persons.slice(0, MAX_NAMED).map(({ personId }) => finding(personId));

/** Whether calls succeed, faces are found, records arrive and rows land. Metrics arrive minutes late. */
function flowFindings({ cameras, sums, sinceMs, nowMs }: FaceState): Finding[] {
  const minutes = Math.round((nowMs - sinceMs) / MINUTE_MS);
  const total = (metric: string, value?: string): number =>
    sums
      .filter(
        (sum) =>
          sum.metric === metric && (value === undefined || Object.values(sum.dimensions).includes(value)),
      )
      .reduce((sum, one) => sum + one.value, 0);
  const arrived = (count: number, what: string, todo: string): Finding =>
    count > 0 ? ok(`${what} in ${minutes} minutes`) : unknown(`${what} in ${minutes} minutes`, todo);
  const searching = cameras.filter(({ faces }) => faces);
  const [succeeded, refusedCalls] = [total("SuccessfulRequestCount"), total("UserErrorCount")];
  const [throttled, failedCalls] = [total("ThrottledCount"), total("ServerErrorCount")];
  const detected = total("DetectedFaceCount");
  const [found, recognised, strangers] = [
    total("FacesFound"),
    total("FacesRecognised"),
    total("FacesUnknown"),
  ];
  const [notSent, notSearched] = [total("FacesNotSent"), total("FacesNotSearched")];
  const rows = total("DeliveryToS3.Records");
  return [
    ...(searching.some((camera) => !isFaceSearch(camera))
      ? [
          arrived(
            total("SuccessfulRequestCount", "SearchUsersByImage"),
            `${total("SuccessfulRequestCount", "SearchUsersByImage") || "no"} searches of faces by this account succeeded`,
            "a camera of the engine frames searches when its images show a person",
          ),
        ]
      : []),
    ...(refusedCalls > 0
      ? [
          unknown(
            `${refusedCalls} of ${refusedCalls + succeeded} calls for faces were refused, by anybody in this account: ${refusedBy(sums)}`,
            "pictures that cannot be enrolled count here too; else see the log of searchFaces",
          ),
        ]
      : []),
    ...(failedCalls > 0
      ? [
          unknown(
            `${failedCalls} calls for faces failed in Rekognition`,
            "they are repeated; see the AWS Health Dashboard",
          ),
        ]
      : []),
    ...(throttled > 0
      ? [
          unknown(
            `${throttled} calls for faces were throttled`,
            "they are repeated; request a higher quota, and deploy with --param searchFacesPerSecond=<n>",
          ),
        ]
      : []),
    ...(detected > 0 ? [ok(`${counted(detected, "face")} detected in pictures to enrol`)] : []),
    ...searching
      .filter(isFaceSearch)
      .map(({ cameraId, streamName }) =>
        arrived(
          total("IncomingRecords", streamName),
          `${cameraId}: ${counted(total("IncomingRecords", streamName), "record")} in its data stream`,
          "its processor writes a record per analysed image while motion lasts",
        ),
      ),
    arrived(
      found,
      `${counted(found, "face")} found: ${recognised} recognised, ${strangers} unknown`,
      "people have to face the camera, and a face needs about 40 pixels in an image of 1080p",
    ),
    ...(notSent + notSearched > 0
      ? [
          unknown(
            `${notSent} images were not sent to the search, and ${notSearched} persons were not searched`,
            "see the logs of sampleFrames and searchFaces; npx doorstep redrive repeats what is in a queue",
          ),
        ]
      : []),
    arrived(
      rows,
      `${counted(rows, "row")} of faces delivered to the lake`,
      "Firehose delivers within some minutes",
    ),
  ];
}

/** Which operations were refused how often. */
const refusedBy = (sums: readonly Sum[]): string =>
  sums
    .filter(({ metric, value }) => metric === "UserErrorCount" && value > 0)
    .map(({ dimensions, value }) => `${dimensions["Operation"]} ${value}`)
    .join(", ");
