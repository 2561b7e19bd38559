import type { Frame } from "../detection/detector.ts";
import type { Picture } from "../detection/model/messages.ts";
import { faceModelMissing } from "../errors.ts";
import type { FaceCollection } from "./collection.ts";
import { bySize, type FoundFace } from "./found-face.ts";
import { landmarksOf, poseOf } from "./geometry.ts";
import type { ModelFace } from "./model/messages.ts";
import type { FaceModel } from "./model/model.ts";
import { qualityOf } from "./quality.ts";
import { vectorOfText, type Vector } from "./vectors.ts";

/** Finds the faces of pictures: by the ground truth of known footage, else by the face model. */
export class FaceFinder {
  readonly #model: FaceModel;

  constructor(model: FaceModel) {
    this.#model = model;
  }

  /** The faces in a frame of a fragment, largest first. @throws AwsError without the face model */
  async inFrame(frame: Frame, _metadata: ReadonlyMap<string, string>): Promise<FoundFace[]> {
    return await this.#byModel(frame);
  }

  /** The faces in a picture, largest first. @throws AwsError without the face model */
  async inPicture(picture: Picture, _content: Buffer): Promise<FoundFace[]> {
    return await this.#byModel(picture);
  }

  /**
   * What is compared of a face. One that the ground truth names is the same as a face of the collection with that
   * external image id, else as all faces of that name.
   */
  vectorOf({ identity }: FoundFace, collection: FaceCollection): Vector {
    if ("vector" in identity) return identity.vector;
    return collection.faceOf(identity.person)?.vector ?? vectorOfText(identity.person);
  }

  async #byModel(picture: Picture): Promise<FoundFace[]> {
    const missing = this.#model.missing();
    if (missing !== undefined) throw faceModelMissing(missing);
    const faces = await this.#model.look(picture);
    return bySize(faces.map((face) => foundFace(face, picture)));
  }
}

function foundFace({ box, score, points, vector }: ModelFace, picture: Picture): FoundFace {
  const landmarks = landmarksOf(points);
  return {
    box,
    sidePixels: Math.min(box.width * picture.width, box.height * picture.height),
    confidence: score * 100,
    landmarks,
    pose: poseOf(landmarks, picture.width / picture.height),
    quality: qualityOf(picture, box),
    identity: { vector },
  };
}
