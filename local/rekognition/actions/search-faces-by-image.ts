import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { noFaceInImage } from "../errors.ts";
import { FACE_MODEL_VERSION, faceMatchForm } from "../faces/forms.ts";
import { boundingBox } from "../faces/found-face.ts";
import {
  atMost,
  collectionId,
  DEFAULT_MAX_MATCHES,
  DEFAULT_THRESHOLD,
  percent,
  qualityFilter,
} from "../faces/inputs.ts";
import { lowQuality } from "../faces/quality.ts";
import { members } from "../inputs.ts";
import { image, imageBytes } from "../labels/image.ts";
import type { RekognitionState } from "../state.ts";

const input = members({
  CollectionId: collectionId,
  Image: image,
  MaxFaces: atMost(4096, DEFAULT_MAX_MATCHES),
  FaceMatchThreshold: percent(DEFAULT_THRESHOLD),
  QualityFilter: qualityFilter("NONE"),
});

/**
 * Searches for the largest face of an image (documented). An image without a face is an error (documented), and so is one
 * whose largest face is below the quality bar (unconfirmed).
 */
export const searchFacesByImage: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: async (request, { cloud, caller, state: { collections, finder } }) => {
    const { CollectionId, Image, MaxFaces, FaceMatchThreshold, QualityFilter } = request;
    collections.get(CollectionId);
    const [largest] = await finder.inPicture(await imageBytes(Image, cloud, caller));
    if (!largest || lowQuality(largest, QualityFilter).length > 0) throw noFaceInImage();
    const collection = collections.get(CollectionId);
    const similar = collection.similarFaces(finder.vectorOf(largest, collection), {
      threshold: FaceMatchThreshold,
      max: MaxFaces,
    });
    return {
      SearchedFaceBoundingBox: boundingBox(largest.box),
      SearchedFaceConfidence: largest.confidence,
      FaceMatches: similar.map((one) => faceMatchForm(one, collection)),
      FaceModelVersion: FACE_MODEL_VERSION,
    };
  },
};
