import type * as v from "valibot";
import type { Action } from "../../api/action.ts";
import { faceDetail } from "../faces/found-face.ts";
import { attributes } from "../faces/inputs.ts";
import { members } from "../inputs.ts";
import { image, imageBytes } from "../labels/image.ts";
import type { RekognitionState } from "../state.ts";

/** Documented: DetectFaces. */
const MAX_FACES = 100;
const input = members({ Image: image, Attributes: attributes });

/** The largest faces of an image with their default attributes. */
export const detectFaces: Action<RekognitionState, v.InferOutput<typeof input>, object> = {
  input,
  // DetectFaces has no resources (documented: Service Authorization Reference, Amazon Rekognition).
  resources: () => "*",
  run: async ({ Image }, { cloud, caller, state: { finder } }) => {
    const faces = await finder.inPicture(await imageBytes(Image, cloud, caller));
    return { FaceDetails: faces.slice(0, MAX_FACES).map(faceDetail) };
  },
};
