import type { SKRSContext2D } from "@napi-rs/canvas";
import { drawShadow, Pen, project } from "./drawing.ts";
import type { GroundPoint, DrawnObject } from "./drawing.ts";

export type PersonLook = {
  skin: string;
  hair: string;
  jacket: string;
  sleeve: string;
  trousers: string;
  shoes: string;
};

export type PersonPose = {
  at: GroundPoint;
  heightMetres: number;
  /** -1 walks to the left, 1 to the right, 0 towards or away from the camera. */
  sideways: number;
  /** Turned with the back to the camera. */
  away: boolean;
  /** Steps taken so far; the fraction is the phase of the gait. */
  steps: number;
  /** 0 stands, 1 squats. */
  crouch: number;
  /** Holds both arms in front of the body. */
  holding: boolean;
};

export function drawPerson(context: SKRSContext2D, pose: PersonPose, look: PersonLook): DrawnObject {
  const { x, y, pixelsPerMetre } = project(pose.at);
  const unit = (pose.heightMetres * pixelsPerMetre) / 7.5;
  drawShadow(context, x, y, 2.2 * unit, 0.45);

  const pen = new Pen(context);
  const side = Math.abs(pose.sideways);
  const swing = Math.sin(pose.steps * Math.PI);
  const hipY = y - (3.7 - 1.8 * pose.crouch + 0.08 * Math.abs(swing)) * unit;
  const shoulderY = hipY - (2.45 - 0.5 * pose.crouch) * unit;
  const lean = 0.25 * side * Math.sign(pose.sideways) * unit;
  const hipHalf = (0.42 - 0.25 * side) * unit;
  const shoulderHalf = (0.85 - 0.4 * side) * unit;

  for (const leg of [-1, 1]) {
    const forward = leg * swing;
    const footX = x + leg * hipHalf * (1 + 0.4 * pose.crouch) + forward * 1.15 * side * unit;
    const footY = y - 0.18 * unit - Math.max(0, forward) * (0.45 - 0.3 * side) * unit;
    const kneeBend = (0.28 * side * Math.sign(pose.sideways) + leg * 0.75 * pose.crouch) * unit;
    const kneeX = (footX + x + leg * hipHalf) / 2 + kneeBend;
    const toe = (0.35 * Math.sign(pose.sideways) * side + leg * 0.08) * unit;
    pen.limb(
      look.trousers,
      0.72 * unit,
      [x + leg * hipHalf, hipY],
      [kneeX, (hipY + footY) / 2],
      [footX, footY - 0.15 * unit],
    );
    pen.limb(look.shoes, 0.42 * unit, [footX, footY], [footX + toe, footY + 0.03 * unit]);
  }

  const arms = () => {
    for (const arm of [-1, 1]) {
      const armX = x + lean + arm * shoulderHalf;
      const elbow: [number, number] = [armX + arm * 0.22 * unit, shoulderY + 1.25 * unit];
      const hand: [number, number] = pose.holding
        ? [x + arm * 0.62 * unit, shoulderY + (1.65 + 0.9 * pose.crouch) * unit]
        : [
            armX + arm * 0.18 * unit - arm * swing * 0.9 * side * unit,
            shoulderY + (2.35 + arm * swing * 0.15) * unit,
          ];
      pen.limb(look.sleeve, 0.48 * unit, [armX, shoulderY + 0.2 * unit], elbow, hand);
      pen.ellipse(look.skin, hand[0], hand[1], 0.25 * unit);
    }
  };
  if (pose.away) arms();
  pen.polygon(
    look.jacket,
    [x + lean - shoulderHalf, shoulderY + 0.1 * unit],
    [x + lean - 0.3 * unit, shoulderY - 0.18 * unit],
    [x + lean + 0.3 * unit, shoulderY - 0.18 * unit],
    [x + lean + shoulderHalf, shoulderY + 0.1 * unit],
    [x + hipHalf + 0.4 * unit, hipY + 0.35 * unit],
    [x - hipHalf - 0.4 * unit, hipY + 0.35 * unit],
  );
  pen.limb(
    look.jacket,
    0.5 * unit,
    [x + lean - shoulderHalf + 0.2 * unit, shoulderY + 0.15 * unit],
    [x + lean + shoulderHalf - 0.2 * unit, shoulderY + 0.15 * unit],
  );
  if (!pose.away) arms();
  drawHead(pen, pose, look, x + lean * 1.4, shoulderY - (0.75 - 0.1 * pose.crouch) * unit, unit);
  return { name: "PERSON", bounds: pen.bounds };
}

function drawHead(pen: Pen, pose: PersonPose, look: PersonLook, x: number, y: number, unit: number): void {
  pen.limb(look.skin, 0.36 * unit, [x, y + 0.75 * unit], [x, y + 0.3 * unit]);
  pen.ellipse(look.skin, x, y, 0.5 * unit, 0.6 * unit);
  const turn = pose.sideways;
  if (pose.away) {
    pen.ellipse(look.hair, x, y - 0.08 * unit, 0.53 * unit, 0.6 * unit);
    return;
  }
  pen.ellipse(look.hair, x - turn * 0.22 * unit, y - 0.36 * unit, 0.52 * unit, 0.34 * unit);
  if (turn === 0) {
    pen.ellipse("#2a211c", x - 0.18 * unit, y + 0.05 * unit, 0.05 * unit);
    pen.ellipse("#2a211c", x + 0.18 * unit, y + 0.05 * unit, 0.05 * unit);
  } else pen.ellipse("#2a211c", x + turn * 0.3 * unit, y + 0.02 * unit, 0.05 * unit);
  // The cap's peak points where the person looks.
  pen.limb(
    look.hair,
    0.14 * unit,
    [x - 0.4 * unit + turn * 0.3 * unit, y - 0.22 * unit],
    [x + 0.4 * unit + turn * 0.35 * unit, y - 0.22 * unit],
  );
}

/** A cardboard box whose bottom is `liftMetres` above the ground. */
export function drawPackage(context: SKRSContext2D, at: GroundPoint, liftMetres: number): DrawnObject {
  const { x, y, pixelsPerMetre } = project(at);
  const width = 0.48 * pixelsPerMetre;
  const height = 0.32 * pixelsPerMetre;
  const depth = 0.12 * pixelsPerMetre;
  const bottom = y - liftMetres * pixelsPerMetre;
  if (liftMetres < 0.05) drawShadow(context, x, y, width, 0.5);
  const pen = new Pen(context);
  pen.polygon(
    "#c8945a",
    [x - width / 2, bottom],
    [x + width / 2, bottom],
    [x + width / 2, bottom - height],
    [x - width / 2, bottom - height],
  );
  pen.polygon(
    "#dfb380",
    [x - width / 2, bottom - height],
    [x + width / 2, bottom - height],
    [x + width * 0.42, bottom - height - depth],
    [x - width * 0.42, bottom - height - depth],
  );
  pen.polygon(
    "#ead9b8",
    [x - width * 0.07, bottom - height],
    [x + width * 0.07, bottom - height],
    [x + width * 0.06, bottom - height - depth],
    [x - width * 0.06, bottom - height - depth],
  );
  pen.polygon(
    "#ead9b8",
    [x - width * 0.07, bottom - height],
    [x + width * 0.07, bottom - height],
    [x + width * 0.07, bottom - height * 0.7],
    [x - width * 0.07, bottom - height * 0.7],
  );
  pen.polygon(
    "#f6f1e6",
    [x + width * 0.16, bottom - height * 0.55],
    [x + width * 0.4, bottom - height * 0.55],
    [x + width * 0.4, bottom - height * 0.22],
    [x + width * 0.16, bottom - height * 0.22],
  );
  return { name: "PACKAGE", bounds: pen.bounds };
}

/** A cat that walks to the left (-1) or right (1). */
export function drawCat(
  context: SKRSContext2D,
  { at, direction, steps, atMs }: { at: GroundPoint; direction: -1 | 1; steps: number; atMs: number },
): DrawnObject {
  const { x, y, pixelsPerMetre } = project(at);
  const unit = 0.1 * pixelsPerMetre;
  drawShadow(context, x, y, 4.2 * unit, 0.55);
  const pen = new Pen(context);
  const place = (forward: number, up: number): [number, number] => [
    x + direction * forward * unit,
    y - up * unit,
  ];
  const [fur, darkFur, belly] = ["#a9794a", "#7d5631", "#d8bd98"];
  const gait = Math.sin(steps * Math.PI);
  const tailSway = Math.sin(atMs / 330) * 0.5;

  pen.limb(
    darkFur,
    0.5 * unit,
    place(-2.2, 2.5),
    place(-3.1, 3.1 + tailSway * 0.3),
    place(-3.5, 4.3),
    place(-3.1 + tailSway * 0.5, 5.1),
  );
  for (const [hip, phase, colour] of [
    [-1.7, 1, darkFur],
    [1.4, -1, darkFur],
    [-1.5, -1, fur],
    [1.6, 1, fur],
  ] as const) {
    const reach = phase * gait * 0.8;
    pen.limb(
      colour,
      0.6 * unit,
      place(hip, 2),
      place(hip + reach * 0.4 - 0.15, 1.1),
      place(hip + reach, 0.32 + Math.max(0, reach) * 0.25),
    );
  }
  pen.ellipse(fur, ...place(-1.2, 2.45), 1.3 * unit, 1.05 * unit);
  pen.limb(fur, 1.75 * unit, place(-1.2, 2.45), place(1.4, 2.4));
  pen.limb(belly, 0.45 * unit, place(-0.6, 1.75), place(1.2, 1.72));
  for (const stripe of [-1.3, -0.5, 0.3, 1.1])
    pen.limb(darkFur, 0.22 * unit, place(stripe, 3.2), place(stripe - 0.15, 2.5));
  pen.limb(fur, 1 * unit, place(1.7, 2.7), place(2.5, 3.5));
  pen.polygon(darkFur, place(2.1, 4.1), place(2.25, 5.05), place(2.8, 4.4));
  pen.polygon(fur, place(2.7, 4.3), place(3.15, 5.05), place(3.4, 4.1));
  pen.ellipse(fur, ...place(2.75, 3.7), 0.88 * unit, 0.78 * unit);
  pen.ellipse(belly, ...place(3.3, 3.4), 0.4 * unit, 0.32 * unit);
  pen.ellipse("#e9f59a", ...place(3.05, 3.85), 0.17 * unit);
  return { name: "PET", bounds: pen.bounds };
}
