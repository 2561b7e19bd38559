import { anyMessage, counted, oldestMessage, type FailurePath } from "./failure-path.ts";

/** As long as an alert on an unknown person may be late. */
const LONGEST_SEARCH_SECONDS = 900;

/** From the persons of a sample to a row with their face. */
export const FACE_PATHS: readonly FailurePath[] = [
  {
    name: "sample-frames-to-face-queue",
    stage: "notifications",
    from: "sampleFrames",
    to: "face queue",
    failure: "SQS does not accept the persons of an image within a second, or refuses them",
    retries: "never: labels wait for it (aws/queues.ts); the session's next sample with a person is sent",
    keptIn: "nowhere; the image is in the video stream, and its labels are published",
    alarms: [counted("faces-not-sent", { kind: "own" }, "FacesNotSent")],
    recovery: "by itself with the next sample; the faces of that image are not searched",
  },
  {
    name: "face-queue-to-search-faces",
    stage: "notifications",
    from: "face queue",
    to: "searchFaces; Kinesis Video Streams, GetImages; Rekognition, SearchUsersByImage; alert queue, delivery stream of faces",
    failure:
      "throttled for half a minute, or the limit searchFacesPerSecond is reached for as long; the collection does not exist, the role is refused; the function times out; a message is no request",
    retries:
      "5 receives, 120 s apart (RedrivePolicy and VisibilityTimeout in resources/faces.yml; documented: SQS, dead-letter queues); a repeated search enters the same faces, which the views show once, and reports them again, which changes no alert",
    keptIn: "queue unsearched, 14 days: camera, time and boxes, no image and no name",
    alarms: [
      anyMessage("unsearched", "UnsearchedQueue"),
      oldestMessage("face-queue-age", "FaceQueue", LONGEST_SEARCH_SECONDS),
    ],
    recovery:
      "the message is sent to the face queue again; a face of more than five minutes ago raises no alert; an image that the stream no longer stores, and one of a camera that searches no faces any more, is dropped",
    redrive: ["faces"],
  },
];
