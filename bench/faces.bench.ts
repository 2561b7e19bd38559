/**
 * Collections of faces in the local Rekognition: enrolment of 1,000 faces, and searches among them, in milliseconds and
 * megabytes, and the same searches by face-api's own FaceMatcher in the same run. Both have to find the same face.
 *
 * The vectors are variations of a few vectors of the face model, not 1,000 persons: what is measured is storing and
 * comparing. Finding the face in a picture is measured apart; on top, a sanity check of similarity, no accuracy: the
 * pictures are few, and changes of one picture stand for the same person.
 *
 *     npm run bench -- faces
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { randomId } from "../base/random.ts";
import { openDocuments } from "../local/documents.ts";
import { FaceCollection } from "../local/rekognition/faces/collection.ts";
import { FaceModel } from "../local/rekognition/faces/model/model.ts";
import { distance, similarityOf, type Vector } from "../local/rekognition/faces/vectors.ts";
import { decodeImage } from "../local/rekognition/labels/image.ts";
import { quantile, rounded } from "./figures.ts";
import { pairedRounds } from "./paired-rounds.ts";
import { figure, report } from "./result.ts";

const FACES = 1000;
const SEARCHES = 200;
const ROUNDS = 5;
/** How far a variation is from its vector: as far as two pictures of one person. */
const VARIATION = 0.35;

const require = createRequire(import.meta.url);
const astronaut = await loadImage(readFileSync(join(import.meta.dirname, "../events/faces/astronaut.jpg")));
const changed = async (draw: (context: ReturnType<typeof contextOf>) => void): Promise<Buffer> => {
  const context = contextOf();
  draw(context);
  return await context.canvas.encode("jpeg", 85);
};
function contextOf() {
  return createCanvas(astronaut.width, astronaut.height).getContext("2d");
}
/** Photographs that come with the face model's package, read in place: they state no licence. */
const SAMPLES = [1, 2, 3, 4, 5, 6].map((number) =>
  join(require.resolve("@vladmandic/face-api/package.json"), `../demo/sample${number}.jpg`),
);

const model = new FaceModel(true);
const folder = mkdtempSync(join(tmpdir(), "doorstep-bench-faces-"));
try {
  const missing = model.missing();
  if (missing !== undefined) throw new Error(missing);
  const same = await Promise.all([
    changed((context) => context.drawImage(astronaut, 0, 0)),
    changed((context) => {
      context.scale(-1, 1);
      context.drawImage(astronaut, -astronaut.width, 0);
    }),
    changed((context) => context.drawImage(astronaut, 100, 100, 256, 256)),
    changed((context) => {
      context.drawImage(astronaut, 0, 0);
      context.fillStyle = "rgba(0, 0, 0, 0.5)";
      context.fillRect(0, 0, astronaut.width, astronaut.height);
    }),
    changed((context) => {
      context.translate(256, 256);
      context.rotate(0.2);
      context.drawImage(astronaut, -256, -256);
    }),
  ]);
  const found: { picture: string; vector: Vector }[] = [];
  const lookMs: number[] = [];
  const lookAt = async (picture: string, content: Buffer): Promise<void> => {
    const decoded = await decodeImage(content);
    const startedAt = performance.now();
    const faces = await model.look(decoded);
    lookMs.push((performance.now() - startedAt) / Math.max(1, faces.length));
    for (const { vector } of faces) found.push({ picture, vector });
  };
  for (const content of same) await lookAt("astronaut", content);
  for (const file of SAMPLES) await lookAt(file, readFileSync(file));

  const [ofSame, ofDifferent] = [[] as number[], [] as number[]];
  for (const [index, a] of found.entries())
    for (const b of found.slice(index + 1)) {
      const similarity = similarityOf(distance(a.vector, b.vector));
      if (a.picture === "astronaut" && b.picture === "astronaut") ofSame.push(similarity);
      // Two faces of one picture are two persons; those of two samples may be one, so they are left out.
      else if (a.picture === b.picture || a.picture === "astronaut") ofDifferent.push(similarity);
    }

  const variation = (base: Vector, seed: number): Vector => {
    const noise = base.map((_, index) => Math.sin(seed * 12.9898 + index * 78.233));
    const length = Math.hypot(...noise);
    return base.map((value, index) => value + (noise[index]! / length) * VARIATION);
  };
  const faces = Array.from({ length: FACES }, (_, index) => ({
    faceId: randomId(),
    imageId: randomId(),
    externalImageId: `person-${index}`,
    box: { left: 0.25, top: 0.25, width: 0.25, height: 0.25 },
    confidence: 99,
    pictureHash: String(index).padStart(64, "0"),
    vector: variation(found[index % found.length]!.vector, index),
  }));

  globalThis.gc?.();
  const memoryBefore = process.memoryUsage();
  let documents = openDocuments(folder);
  const record = { id: "people", createdAtMs: 0 };
  const enrolling = new FaceCollection(record, documents);
  const enrolStartedAt = performance.now();
  for (const face of faces) enrolling.addFaces([face]);
  const enrolMs = performance.now() - enrolStartedAt;
  documents.close();
  documents = openDocuments(folder);
  const openStartedAt = performance.now();
  const collection = new FaceCollection(record, documents);
  const openMs = performance.now() - openStartedAt;
  globalThis.gc?.();
  const memoryMb =
    (process.memoryUsage().heapUsed +
      process.memoryUsage().arrayBuffers -
      memoryBefore.heapUsed -
      memoryBefore.arrayBuffers) /
    1e6;

  const matcher = faceMatcher(faces);
  const searched = faces.slice(0, SEARCHES).map(({ vector }, index) => variation(vector, index + 0.5));
  const answers = new Set<string>();
  const timed = (search: (vector: Vector) => string | undefined) => (): Promise<number> => {
    const startedAt = performance.now();
    const names = searched.map((vector) => search(vector));
    const tookMs = performance.now() - startedAt;
    answers.add(JSON.stringify(names));
    return Promise.resolve(tookMs / SEARCHES);
  };
  const { ours, rival, ratio } = await pairedRounds(
    {
      ours: timed(
        (vector) => collection.similarFaces(vector, { threshold: 50, max: 5 })[0]?.match.externalImageId,
      ),
      rival: timed((vector) => {
        const { label } = matcher.findBestMatch(vector);
        return label === "unknown" ? undefined : label;
      }),
    },
    { warmUpRounds: 2, rounds: ROUNDS },
  );
  documents.close();
  if (answers.size !== 1) throw new Error("the two searches found different faces");

  report("faces", {
    figures: [
      figure("enrolment of a face, written to disk", rounded(enrolMs / FACES, 3), "ms"),
      figure(`memory of ${FACES} faces`, rounded(memoryMb, 1), "MB"),
      figure("to read them again", rounded(openMs, 1), "ms"),
      figure(`a search among ${FACES} faces, most similar first`, rounded(ours, 3), "ms"),
      figure("FaceMatcher, the best one alone", rounded(rival, 3), "ms"),
      figure(
        "the model, which both need before they search",
        rounded(quantile(lookMs.slice(1), 0.5), 0),
        "ms a face",
      ),
      figure(
        `sanity check: lowest similarity of one picture, changed, in ${ofSame.length} pairs`,
        rounded(Math.min(...ofSame), 1),
        "%",
      ),
      figure(
        `highest similarity of different persons in ${ofDifferent.length} pairs`,
        rounded(Math.max(...ofDifferent), 1),
        "%",
      ),
      figure("its median", rounded(quantile(ofDifferent, 0.5), 1), "%"),
    ],
    rival: { name: "face-api's FaceMatcher", ratio: rounded(ratio), ratioOf: "its time / ours" },
    sameWork: `both found the same face in each of ${SEARCHES} searches`,
  });
} finally {
  await model.close();
  rmSync(folder, { recursive: true });
}

interface Matcher {
  findBestMatch(vector: Vector): { readonly label: string };
}

/** face-api's own search, which compares with every vector of every name. Its code needs no TensorFlow to run, but to load. */
function faceMatcher(all: readonly { externalImageId: string; vector: Vector }[]): Matcher {
  const { registerHooks } = require("node:module") as typeof import("node:module");
  registerHooks({
    resolve: (name, context, next) =>
      next(name === "@tensorflow/tfjs" ? "@tensorflow/tfjs-core" : name, context),
  });
  const file = join(require.resolve("@vladmandic/face-api/package.json"), "../dist/face-api.node-wasm.js");
  const { FaceMatcher, LabeledFaceDescriptors } = require(file) as {
    FaceMatcher: new (labelled: object[], limit: number) => Matcher;
    LabeledFaceDescriptors: new (label: string, vectors: Vector[]) => object;
  };
  return new FaceMatcher(
    all.map(({ externalImageId, vector }) => new LabeledFaceDescriptors(externalImageId, [vector])),
    0.6,
  );
}
