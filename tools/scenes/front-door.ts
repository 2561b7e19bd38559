import { randomSequence } from "../../base/random.ts";
import type { Canvas, SKRSContext2D } from "@napi-rs/canvas";
import { between, emptyFrame, frameHeight, frameWidth, mix, progress, project } from "./drawing.ts";
import type { GroundPoint, DrawnObject } from "./drawing.ts";
import { drawPackage, drawPerson } from "./figures.ts";
import type { PersonLook } from "./figures.ts";

/** A door camera by day: a courier comes up the path, sets a package down on the mat, and leaves. */
export const frontDoor = {
  name: "front-door",
  durationMs: 16_000,
  note: "Drawn by tools/make-sample-clips.ts: a courier brings a package. Boxes come from the drawing.",
  background: drawBackground,
  drawFigures,
};

const courier: PersonLook = {
  skin: "#d9a27a",
  hair: "#3b2f6b",
  jacket: "#4b3fa0",
  sleeve: "#5a4db5",
  trousers: "#3d4250",
  shoes: "#1f2128",
};

const street: GroundPoint = { right: -7.6, away: 8.2 };
const gate: GroundPoint = { right: -1.7, away: 8.2 };
const mat: GroundPoint = { right: -0.1, away: 3.05 };
const packageDown: GroundPoint = { right: 0.12, away: 2.72 };
const stepMetres = 0.72;

/** Times in the clip, in milliseconds. */
const times = {
  enter: 600,
  atGate: 4200,
  atMat: 7600,
  crouched: 8500,
  released: 9000,
  risen: 9700,
  backAtGate: 12_600,
  gone: 15_600,
};

function drawFigures(context: SKRSContext2D, atMs: number): DrawnObject[] {
  const carried = atMs < times.released;
  if (atMs < times.enter || atMs >= times.gone) return carried ? [] : [drawPackage(context, packageDown, 0)];

  const leaving = atMs >= times.risen;
  const onStreet = atMs < times.atGate || atMs >= times.backAtGate;
  const at = leaving
    ? along([mat, gate, street], [times.risen, times.backAtGate, times.gone], atMs)
    : along([street, gate, mat], [times.enter, times.atGate, times.atMat], atMs);
  const standing = atMs >= times.atMat && !leaving;
  const crouch = Math.min(
    progress(atMs, times.atMat, times.crouched),
    1 - progress(atMs, times.released, times.risen),
  );
  const person = drawPerson(
    context,
    {
      at,
      heightMetres: 1.76,
      sideways: onStreet ? (leaving ? -1 : 1) : 0,
      away: leaving && !onStreet,
      steps: standing ? 0 : metresWalked(at, leaving ? mat : street) / stepMetres,
      crouch: standing ? crouch : 0,
      holding: carried,
    },
    courier,
  );
  const lowered = progress(atMs, times.atMat, times.crouched);
  const inHands = { right: at.right + (onStreet ? 0.25 : 0), away: at.away - 0.25 };
  const parcel = carried
    ? drawPackage(context, standing ? between(inHands, packageDown, lowered) : inHands, mix(0.82, 0, lowered))
    : drawPackage(context, packageDown, 0);
  return [person, parcel];
}

function along(points: GroundPoint[], atTimes: number[], atMs: number): GroundPoint {
  const leg = atMs < atTimes[1]! ? 0 : 1;
  return between(points[leg]!, points[leg + 1]!, progress(atMs, atTimes[leg]!, atTimes[leg + 1]!));
}

function metresWalked(at: GroundPoint, from: GroundPoint): number {
  return Math.abs(at.right - from.right) + Math.abs(at.away - from.away);
}

function drawBackground(): Canvas {
  const { canvas, context, fill } = emptyFrame();
  const random = randomSequence(7);
  const ground = (right: number, away: number): [number, number] => {
    const { x, y } = project({ right, away });
    return [x, y];
  };

  const sky = context.createLinearGradient(0, 0, 0, 130);
  sky.addColorStop(0, "#8fc3e8");
  sky.addColorStop(1, "#e3eef2");
  context.fillStyle = sky;
  context.fillRect(0, 0, frameWidth, 140);
  // Houses across the street.
  for (const [left, width, wall, roof] of [
    [30, 150, "#d9c7ae", "#8a5a4a"],
    [420, 190, "#c9d3d0", "#5d6670"],
  ] as const) {
    fill(wall, [left, 136], [left, 66], [left + width, 66], [left + width, 136]);
    fill(roof, [left - 14, 68], [left + width / 2, 22], [left + width + 14, 68]);
    for (const share of [0.15, 0.68]) {
      fill(
        "#f7f5ee",
        [left + width * share - 3, 79],
        [left + width * share + 29, 79],
        [left + width * share + 29, 111],
        [left + width * share - 3, 111],
      );
      fill(
        "#6f8797",
        [left + width * share, 82],
        [left + width * share + 26, 82],
        [left + width * share + 26, 108],
        [left + width * share, 108],
      );
    }
    fill(
      "#7b4a35",
      [left + width * 0.43, 136],
      [left + width * 0.43, 92],
      [left + width * 0.57, 92],
      [left + width * 0.57, 136],
    );
  }
  for (const [x, y, radius] of [
    [245, 78, 40],
    [282, 92, 30],
    [212, 96, 28],
    [640, 70, 42],
    [8, 84, 34],
  ] as const) {
    context.fillStyle = "#5f8f55";
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }
  fill("#6a4b35", [240, 140], [242, 108], [250, 108], [252, 140]);
  fill("#5c8a4c", [0, 128], [frameWidth, 128], [frameWidth, frameHeight], [0, frameHeight]);
  fill("#71757c", ground(-30, 16), ground(30, 16), ground(30, 10.2), ground(-30, 10.2));
  for (let right = -14; right < 14; right += 3)
    fill(
      "#d9d6c8",
      ground(right, 12.9),
      ground(right + 1.4, 12.9),
      ground(right + 1.4, 12.6),
      ground(right, 12.6),
    );
  fill("#c6c1b6", ground(-30, 9.2), ground(30, 9.2), ground(30, 7.5), ground(-30, 7.5));
  fill("#7da763", ground(-30, 7.5), ground(30, 7.5), ground(30, 2.2), ground(-30, 2.2));
  // Blades of grass keep the lawn from looking like paper.
  for (let i = 0; i < 1400; i++) {
    const [x, y] = ground((random() - 0.5) * 14, 2.4 + random() * 5);
    context.fillStyle = random() < 0.5 ? "rgba(60, 96, 44, 0.35)" : "rgba(168, 200, 120, 0.3)";
    context.fillRect(x, y, 1.5, 3);
  }
  fill("#cfc3ae", ground(-2.3, 7.5), ground(-1.1, 7.5), ground(0.75, 3.3), ground(-0.85, 3.3));
  for (const away of [4, 4.7, 5.5, 6.4]) {
    const middle = mix(-1.7, -0.05, (7.5 - away) / 4.2);
    fill(
      "rgba(120, 108, 90, 0.35)",
      ground(middle - 0.75, away + 0.03),
      ground(middle + 0.75, away + 0.03),
      ground(middle + 0.75, away),
      ground(middle - 0.75, away),
    );
  }
  // A hedge behind the sidewalk, flowers before it.
  for (let right = -9; right <= 9; right += 0.35) {
    const { x, y, pixelsPerMetre } = project({ right, away: 9.4 });
    context.fillStyle = random() < 0.5 ? "#3f6d3a" : "#4a7a43";
    context.beginPath();
    context.arc(x, y - 0.22 * pixelsPerMetre, 0.3 * pixelsPerMetre, 0, 2 * Math.PI);
    context.fill();
    if (random() < 0.5) {
      context.fillStyle = random() < 0.5 ? "#e8c33d" : "#d86a8a";
      context.fillRect(x + 3, y - 4, 4, 4);
    }
  }
  // The porch: boards, mat, eaves.
  fill("#a58463", ground(-9, 3.3), ground(9, 3.3), ground(9, 1), ground(-9, 1));
  for (let right = -4.5; right <= 4.5; right += 0.3)
    fill(
      "rgba(72, 50, 34, 0.4)",
      ground(right, 3.3),
      ground(right + 0.025, 3.3),
      ground(right + 0.025, 1),
      ground(right, 1),
    );
  fill("#8a6b4d", ground(-9, 3.38), ground(9, 3.38), ground(9, 3.3), ground(-9, 3.3));
  fill("#4d4640", ground(-0.75, 3.05), ground(0.95, 3.05), ground(0.95, 2.45), ground(-0.75, 2.45));
  fill("#655c53", ground(-0.66, 2.99), ground(0.86, 2.99), ground(0.86, 2.5), ground(-0.66, 2.5));
  fill("#efe9dd", [0, 0], [frameWidth, 0], [frameWidth, 16], [0, 16]);
  fill("#c9bfac", [0, 14], [frameWidth, 14], [frameWidth, 19], [0, 19]);
  return canvas;
}
