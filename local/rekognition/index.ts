import { jsonApi } from "../api/json.ts";
import type { AnyAction } from "../api/action.ts";
import type { Service } from "../service.ts";
import { associateFaces } from "./actions/associate-faces.ts";
import { createCollection } from "./actions/create-collection.ts";
import { createUser } from "./actions/create-user.ts";
import { deleteCollection } from "./actions/delete-collection.ts";
import { deleteFaces } from "./actions/delete-faces.ts";
import { deleteUser } from "./actions/delete-user.ts";
import { describeCollection } from "./actions/describe-collection.ts";
import { detectFaces } from "./actions/detect-faces.ts";
import { disassociateFaces } from "./actions/disassociate-faces.ts";
import { indexFaces } from "./actions/index-faces.ts";
import { listCollections } from "./actions/list-collections.ts";
import { listFaces } from "./actions/list-faces.ts";
import { listUsers } from "./actions/list-users.ts";
import { searchFaces } from "./actions/search-faces.ts";
import { searchFacesByImage } from "./actions/search-faces-by-image.ts";
import { searchUsers } from "./actions/search-users.ts";
import { searchUsersByImage } from "./actions/search-users-by-image.ts";
import { createStreamProcessor } from "./actions/create-stream-processor.ts";
import { deleteStreamProcessor } from "./actions/delete-stream-processor.ts";
import { detectLabels } from "./actions/detect-labels.ts";
import { describeStreamProcessor } from "./actions/describe-stream-processor.ts";
import { listStreamProcessors } from "./actions/list-stream-processors.ts";
import { startStreamProcessor } from "./actions/start-stream-processor.ts";
import { stopStreamProcessor } from "./actions/stop-stream-processor.ts";
import { updateStreamProcessor } from "./actions/update-stream-processor.ts";
import { called } from "./called.ts";
import { setAvailability, whileOpen } from "./availability.ts";
import { LABELS_FILE } from "./detection/ground-truth.ts";
import { storeClipFile } from "./detection/stored-files.ts";
import { storeFaces } from "./faces/known-pictures.ts";
import { withinQuota } from "./quotas.ts";
import { resourceTypes } from "./resources.ts";
import { openState, type RekognitionState } from "./state.ts";

/** Those of streaming video, which may be closed to the account. */
const STREAMING: Readonly<Record<string, AnyAction<RekognitionState>>> = {
  CreateStreamProcessor: createStreamProcessor,
  DescribeStreamProcessor: describeStreamProcessor,
  ListStreamProcessors: listStreamProcessors,
  StartStreamProcessor: startStreamProcessor,
  StopStreamProcessor: stopStreamProcessor,
  UpdateStreamProcessor: updateStreamProcessor,
  DeleteStreamProcessor: deleteStreamProcessor,
};

/** Those of images and collections, which every account has. */
const IMAGES: Readonly<Record<string, AnyAction<RekognitionState>>> = {
  DetectLabels: detectLabels,
  AssociateFaces: associateFaces,
  CreateCollection: createCollection,
  CreateUser: createUser,
  DeleteCollection: deleteCollection,
  DeleteFaces: deleteFaces,
  DeleteUser: deleteUser,
  DescribeCollection: describeCollection,
  DetectFaces: detectFaces,
  DisassociateFaces: disassociateFaces,
  IndexFaces: indexFaces,
  ListCollections: listCollections,
  ListFaces: listFaces,
  ListUsers: listUsers,
  SearchFaces: searchFaces,
  SearchFacesByImage: searchFacesByImage,
  SearchUsers: searchUsers,
  SearchUsersByImage: searchUsersByImage,
};

/**
 * Amazon Rekognition: labels in images, collections of faces, and label stream processors, which read the video that was uploaded to the Kinesis video stream,
 * decode it, detect objects and publish notifications. What detects objects is not Rekognition's model and claims no
 * accuracy: see `detection/detector.ts`.
 *
 * Emits the events called, session-started, fragment-analysed, fragment-undecodable, detector-missing, label-detected,
 * session-completed, session-end-unpublished, session-failed, face-search-started, face-search-running, frame-searched,
 * face-search-stopped and face-search-failed.
 */
export const rekognition: Service = {
  name: "rekognition",
  start: (cloud) => {
    const state = openState(cloud);
    const limited = (name: string, action: AnyAction<RekognitionState>) =>
      withinQuota(name, cloud.region, action);
    const actions = Object.fromEntries([
      ...Object.entries(STREAMING).map(([name, action]) => [name, whileOpen(limited(name, action))]),
      ...Object.entries(IMAGES).map(([name, action]) => [name, limited(name, action)]),
    ]) as Readonly<Record<string, AnyAction<RekognitionState>>>;
    return {
      apis: [
        jsonApi(
          {
            signingName: "rekognition",
            targetPrefix: "RekognitionService",
            version: "1.1",
            invalidInputCode: "InvalidParameterException",
            actions,
            onCall: (call) => cloud.events.emit("rekognition", "called", called(call)),
          },
          cloud,
          state,
        ),
      ],
      resources: resourceTypes(state),
      controls: {
        "POST /_doorstep/rekognition/availability": (body) => setAvailability(state, body),
        "POST /_doorstep/rekognition/labels": (body) => storeClipFile(cloud, LABELS_FILE, body),
        "POST /_doorstep/rekognition/faces": (body) => storeFaces(cloud, state.finder, body),
      },
      ready: () => {
        state.sessions.resume();
        state.faceSearches.resume();
      },
      stop: async () => {
        await Promise.all([state.sessions.close(), state.faceSearches.close()]);
        await Promise.all([state.model.close(), state.faceModel.close()]);
      },
    };
  },
};
