import { createHash } from "node:crypto";
import type { Cloud } from "../../cloud.ts";
import type { Collection } from "../../documents.ts";
import type { ImageOrigin } from "../../video/served-images.ts";
import { findClipFile } from "../detection/clip-file.ts";
import type { Frame } from "../detection/detector.ts";
import type { Picture } from "../detection/model/messages.ts";
import { storedFile } from "../detection/stored-files.ts";
import { faceModelMissing } from "../errors.ts";
import { decodeImage } from "../labels/image.ts";
import type { FaceCollection } from "./collection.ts";
import { bySize, type FoundFace } from "./found-face.ts";
import { landmarksOf, poseOf } from "./geometry.ts";
import { FACES_FILE, facesAt, facesOf, type PictureFaces } from "./ground-truth.ts";
import type { ModelFace } from "./model/messages.ts";
import type { FaceModel } from "./model/model.ts";
import { facesInPart, placeOf, type Place } from "./part.ts";
import { qualityOf } from "./quality.ts";
import { vectorOfText, type Vector } from "./vectors.ts";

/** Pictures whose faces are remembered. */
const MAX_SEEN = 50;

/** Finds the faces of pictures: by the ground truth of known footage and pictures, else by the face model. */
export class FaceFinder {
  readonly #cloud: Cloud;
  readonly #model: FaceModel;
  /** By the picture's SHA-256 in hexadecimal digits. */
  readonly #known: Collection<PictureFaces>;
  /** By the picture's hash: a picture is often indexed, then searched, and the model always finds the same. */
  readonly #seen = new Map<string, readonly FoundFace[]>();

  constructor(cloud: Cloud, model: FaceModel) {
    this.#cloud = cloud;
    this.#model = model;
    this.#known = cloud.documents.collection("rekognition-picture-faces");
  }

  /** Stores which faces a picture has. @param hash its SHA-256 in hexadecimal digits */
  know(hash: string, faces: PictureFaces): void {
    this.#known.put(hash, faces);
  }

  /** The faces in a frame of a fragment, largest first. @throws AwsError without the face model */
  async inFrame(frame: Frame, metadata: ReadonlyMap<string, string>): Promise<FoundFace[]> {
    return (await this.#byClip({ ...frame, metadata }, frame)) ?? (await this.#byModel(frame));
  }

  /**
   * The faces in a JPEG or PNG, largest first. One that GetImages served, or a part of one that it has just served, has the faces
   * of its clip's faces file, if there is one.
   * @throws AwsError for another image, and without the face model
   */
  async inPicture(content: Buffer): Promise<FoundFace[]> {
    const picture = await decodeImage(content);
    const hash = createHash("sha256").update(content).digest("hex");
    const known = this.#known.get(hash);
    if (known) return bySize(facesOf(known, picture.width, picture.height));
    const origin = this.#cloud.servedImages.find(content);
    const byClip = origin ? await this.#byClip(origin, picture) : await this.#byWhole(picture);
    if (byClip) return byClip;
    const seen = this.#seen.get(hash);
    if (seen) return [...seen];
    const faces = await this.#byModel(picture);
    this.#seen.set(hash, faces);
    if (this.#seen.size > MAX_SEEN) this.#seen.delete(this.#seen.keys().next().value!);
    return [...faces];
  }

  /**
   * What is compared of a face. One that the ground truth names is the user of the collection with that id, else a face with
   * that external image id, else the same as all others of that name.
   */
  vectorOf({ identity }: FoundFace, collection: FaceCollection): Vector {
    if ("vector" in identity) return identity.vector;
    const { person } = identity;
    const user = collection.user(person);
    return (user && collection.userVector(user)) ?? collection.faceOf(person)?.vector ?? vectorOfText(person);
  }

  /** The faces that the clip's file has at that time; undefined without a file. */
  async #byClip(
    { metadata, producerTimestampMs }: ImageOrigin,
    { width, height }: Picture,
  ): Promise<FoundFace[] | undefined> {
    const stored = storedFile(this.#cloud, FACES_FILE);
    const clip = await findClipFile(FACES_FILE, metadata, this.#cloud.clipFolders, stored);
    return clip && bySize(facesAt(clip.content, producerTimestampMs - clip.startMs, width, height));
  }

  /**
   * The faces of a part of an image that was just served, and whose clip has a faces file: of the image that it resembles most,
   * since frames of a clip are much alike.
   */
  async #byWhole(part: Picture): Promise<FoundFace[] | undefined> {
    let found: { readonly place: Place; readonly faces: readonly FoundFace[] } | undefined;
    for (const { content, origin } of this.#cloud.servedImages.latest()) {
      const whole = await decodeImage(Buffer.from(content)).catch(() => undefined);
      const faces = whole && (await this.#byClip(origin, whole));
      const place = faces && placeOf(part, whole, found?.place.difference);
      if (place) found = { place, faces };
    }
    return found && bySize(facesInPart(found.faces, found.place.box));
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
