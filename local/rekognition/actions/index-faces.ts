import * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { FACE_MODEL_VERSION, faceForm } from "../faces/forms.ts";
import { faceDetail } from "../faces/found-face.ts";
import { indexable, recordsOf } from "../faces/indexing.ts";
import { attributes, collectionId, externalImageId, qualityFilter } from "../faces/inputs.ts";
import { members, wholeNumberIn } from "../inputs.ts";
import { image, imageBytes } from "../labels/image.ts";
import type { RekognitionState } from "../state.ts";

const input = members({
  CollectionId: collectionId,
  Image: image,
  ExternalImageId: v.optional(externalImageId),
  MaxFaces: v.optional(wholeNumberIn(1, Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER),
  QualityFilter: qualityFilter("AUTO"),
  DetectionAttributes: attributes,
});

/** Adds the faces of an image to a collection; a face of the same image and external image id is not added again. */
export const indexFaces: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: async (request, { cloud, caller, state: { collections, finder } }) => {
    const { CollectionId, Image, ExternalImageId, MaxFaces, QualityFilter } = request;
    collections.get(CollectionId);
    const content = await imageBytes(Image, cloud, caller);
    const { indexed, unindexed } = indexable(await finder.inPicture(content), MaxFaces, QualityFilter);
    // The collection may be another one by now.
    const collection = collections.get(CollectionId);
    const records = recordsOf(indexed, collection, {
      content,
      externalImageId: ExternalImageId,
      vectorOf: (face) => finder.vectorOf(face, collection),
    });
    collection.addFaces(records.filter(({ faceId }) => !collection.face(faceId)));
    return {
      FaceRecords: records.map((record, index) => ({
        Face: faceForm(record, collection),
        FaceDetail: faceDetail(indexed[index]!),
      })),
      FaceModelVersion: FACE_MODEL_VERSION,
      UnindexedFaces: unindexed.map(({ face, reasons }) => ({
        FaceDetail: faceDetail(face),
        Reasons: reasons,
      })),
    };
  },
};
