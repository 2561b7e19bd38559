import { createHash } from "node:crypto";
import type { Frame } from "../detection/detector.ts";
import type { Picture } from "../detection/model/messages.ts";
import { faceModelMissing } from "../errors.ts";
import { decodeImage } from "../labels/image.ts";
import type { FaceCollection } from "./collection.ts";
import { bySize, type FoundFace } from "./found-face.ts";
import { landmarksOf, poseOf } from "./geometry.ts";
import type { ModelFace } from "./model/messages.ts";
import type { FaceModel } from "./model/model.ts";
import { qualityOf } from "./quality.ts";
import { vectorOfText, type Vector } from "./vectors.ts";

/** Pictures whose faces are remembered. */
const MAX_SEEN = 50;

/** Finds the faces of pictures: by the ground truth of known footage, else by the face model. */
export class FaceFinder {
  readonly #model: FaceModel;
  /** By the picture's hash: a picture is often indexed, then searched, and its faces are always the same. */
  readonly #seen = new Map<string, readonly FoundFace[]>();

  constructor(model: FaceModel) {
    this.#model = model;
  }

  /** The faces in a frame of a fragment, largest first. @throws AwsError without the face model */
  async inFrame(frame: Frame, _metadata: ReadonlyMap<string, string>): Promise<FoundFace[]> {
    return await this.#byModel(frame);
  }

  /** The faces in a JPEG or PNG, largest first. @throws AwsError for another image, and without the face model */
  async inPicture(content: Buffer): Promise<FoundFace[]> {
    const key = createHash("sha256").update(content).digest("base64");
    const known = this.#seen.get(key);
    if (known) return [...known];
    const faces = await this.#byModel(await decodeImage(content));
    this.#seen.set(key, faces);
    if (this.#seen.size > MAX_SEEN) this.#seen.delete(this.#seen.keys().next().value!);
    return [...faces];
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
