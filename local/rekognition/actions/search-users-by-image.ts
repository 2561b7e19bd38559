import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { FACE_MODEL_VERSION, userMatchForm } from "../faces/forms.ts";
import { faceDetail } from "../faces/found-face.ts";
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
  MaxUsers: atMost(500, DEFAULT_MAX_MATCHES),
  UserMatchThreshold: percent(DEFAULT_THRESHOLD),
  QualityFilter: qualityFilter("NONE"),
});

/**
 * Searches for the largest face of an image. Without a face, or if the largest is below the quality bar, there is no SearchedFace
 * and no error (documented); UnsearchedFaces has every face that was not searched, with the reasons.
 */
export const searchUsersByImage: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  resources: ({ CollectionId }, { state }) => state.collections.arnOf(CollectionId),
  run: async (request, { cloud, caller, state: { collections, finder } }) => {
    const { CollectionId, Image, MaxUsers, UserMatchThreshold, QualityFilter } = request;
    collections.get(CollectionId);
    const [largest, ...others] = await finder.inPicture(await imageBytes(Image, cloud, caller));
    const reasons = largest ? lowQuality(largest, QualityFilter) : [];
    const searched = reasons.length === 0 ? largest : undefined;
    const unsearched = [
      ...(largest && !searched ? [{ FaceDetails: faceDetail(largest), Reasons: reasons }] : []),
      ...others.map((face) => ({ FaceDetails: faceDetail(face), Reasons: ["FACE_NOT_LARGEST"] })),
    ];
    const collection = collections.get(CollectionId);
    const similar = searched
      ? collection.similarUsers(finder.vectorOf(searched, collection), {
          threshold: UserMatchThreshold,
          max: MaxUsers,
        })
      : [];
    return {
      UserMatches: similar.map(userMatchForm),
      FaceModelVersion: FACE_MODEL_VERSION,
      ...(searched && { SearchedFace: { FaceDetail: faceDetail(searched) } }),
      UnsearchedFaces: unsearched,
    };
  },
};
