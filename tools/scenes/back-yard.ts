import { randomSequence } from "../../base/random.ts";
import type { Canvas, SKRSContext2D } from "@napi-rs/canvas";
import { emptyFrame, frameHeight, frameWidth, mix, progress, project } from "./drawing.ts";
import type { DrawnObject } from "./drawing.ts";
import { drawCat, drawPerson } from "./figures.ts";
import type { PersonLook } from "./figures.ts";

/** A yard camera at dusk: a cat crosses the lawn, and later a person walks along the fence. */
export const backYard = {
  name: "back-yard",
  durationMs: 15_000,
  note: "Drawn by tools/make-sample-clips.ts: a cat, and later a person, at dusk. Boxes come from the drawing.",
  background: drawBackground,
  drawFigures,
};

const neighbour: PersonLook = {
  skin: "#8f7467",
  hair: "#2c2733",
  jacket: "#7a3f46",
  sleeve: "#86494f",
  trousers: "#2e3448",
  shoes: "#191a22",
};

/** Times in the clip, in milliseconds, and the walks' ends, in metres to the right of the camera. */
const cat = { startMs: 1200, endMs: 7400, from: 4.4, to: -4.4, away: 4.6 };
const person = { startMs: 8200, endMs: 14_400, from: -5.6, to: 5.6, away: 5.9 };

function drawFigures(context: SKRSContext2D, atMs: number): DrawnObject[] {
  const objects: DrawnObject[] = [];
  if (atMs >= person.startMs && atMs < person.endMs) {
    const right = mix(person.from, person.to, progress(atMs, person.startMs, person.endMs));
    objects.push(
      drawPerson(
        context,
        {
          at: { right, away: person.away },
          heightMetres: 1.72,
          sideways: 1,
          away: false,
          steps: (right - person.from) / 0.75,
          crouch: 0,
          holding: false,
        },
        neighbour,
      ),
    );
  }
  if (atMs >= cat.startMs && atMs < cat.endMs) {
    const right = mix(cat.from, cat.to, progress(atMs, cat.startMs, cat.endMs));
    const at = { right, away: cat.away };
    objects.push(drawCat(context, { at, direction: -1, steps: (cat.from - right) / 0.28, atMs }));
  }
  return objects;
}

function drawBackground(): Canvas {
  const { canvas, context, fill } = emptyFrame();
  const random = randomSequence(11);
  const disc = (colour: string, x: number, y: number, radius: number) => {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  };

  const sky = context.createLinearGradient(0, 0, 0, 130);
  sky.addColorStop(0, "#27345c");
  sky.addColorStop(0.65, "#6b6088");
  sky.addColorStop(1, "#c98a74");
  context.fillStyle = sky;
  context.fillRect(0, 0, frameWidth, 140);
  for (let i = 0; i < 26; i++)
    disc("rgba(240, 240, 255, 0.7)", random() * frameWidth, random() * 60, 0.5 + random() * 0.7);
  disc("#f3ecd0", 512, 40, 15);
  disc("#3a4268", 519, 36, 13);
  for (const [x, y, radius] of [
    [60, 70, 46],
    [108, 92, 34],
    [20, 100, 40],
    [585, 92, 38],
    [630, 78, 44],
  ] as const)
    disc("#26343f", x, y, radius);
  fill("#2f4440", [0, 130], [frameWidth, 130], [frameWidth, frameHeight], [0, frameHeight]);

  const fence = project({ right: 0, away: 8 });
  for (let x = -4; x < frameWidth; x += 22) {
    fill(
      random() < 0.5 ? "#4e4550" : "#564c56",
      [x, fence.y],
      [x, 112],
      [x + 10, 106],
      [x + 20, 112],
      [x + 20, fence.y],
    );
  }
  fill("#3e3742", [0, 128], [frameWidth, 128], [frameWidth, 134], [0, 134]);
  fill("#3e3742", [0, 176], [frameWidth, 176], [frameWidth, 182], [0, 182]);

  const lawn = context.createLinearGradient(0, fence.y, 0, frameHeight);
  lawn.addColorStop(0, "#38524a");
  lawn.addColorStop(1, "#2a3f3b");
  context.fillStyle = lawn;
  context.fillRect(0, fence.y, frameWidth, frameHeight - fence.y);
  for (let i = 0; i < 1600; i++) {
    const y = mix(fence.y, frameHeight, random() ** 0.8);
    context.fillStyle = random() < 0.5 ? "rgba(20, 34, 32, 0.4)" : "rgba(110, 140, 110, 0.22)";
    context.fillRect(random() * frameWidth, y, 1.5, 3);
  }

  // A shed whose lamp lights the lawn.
  fill("#5b4a47", [392, 206], [392, 92], [560, 92], [560, 206]);
  for (let x = 392; x < 560; x += 14)
    fill("rgba(30, 22, 26, 0.35)", [x, 206], [x, 92], [x + 1.5, 92], [x + 1.5, 206]);
  fill("#37303a", [376, 94], [476, 46], [576, 94]);
  fill("#3a2e31", [412, 206], [412, 122], [456, 122], [456, 206]);
  fill("#f2c46d", [486, 160], [486, 122], [534, 122], [534, 160]);
  fill("#3a2e31", [508, 160], [508, 122], [512, 122], [512, 160]);
  fill("#3a2e31", [486, 143], [486, 139], [534, 139], [534, 143]);
  disc("#ffe2a0", 434, 112, 4);
  const lamp = context.createRadialGradient(434, 116, 4, 434, 150, 150);
  lamp.addColorStop(0, "rgba(255, 206, 120, 0.42)");
  lamp.addColorStop(1, "rgba(255, 206, 120, 0)");
  context.fillStyle = lamp;
  context.fillRect(0, 0, frameWidth, frameHeight);

  // Stepping stones, and a bench by the fence.
  for (const [right, away] of [
    [0.9, 5.2],
    [0.5, 4.2],
    [0.1, 3.4],
    [-0.2, 2.8],
  ] as const) {
    const { x, y, pixelsPerMetre } = project({ right, away });
    context.fillStyle = "#59616a";
    context.beginPath();
    context.ellipse(x, y, 0.3 * pixelsPerMetre, 0.09 * pixelsPerMetre, 0, 0, 2 * Math.PI);
    context.fill();
  }
  fill("#463a3c", [150, 186], [266, 186], [266, 193], [150, 193]);
  fill("#463a3c", [150, 162], [266, 162], [266, 169], [150, 169]);
  for (const x of [156, 254]) fill("#3a3033", [x, 210], [x, 160], [x + 7, 160], [x + 7, 210]);

  const vignette = context.createRadialGradient(320, 190, 180, 320, 190, 430);
  vignette.addColorStop(0, "rgba(8, 10, 24, 0)");
  vignette.addColorStop(1, "rgba(8, 10, 24, 0.5)");
  context.fillStyle = vignette;
  context.fillRect(0, 0, frameWidth, frameHeight);
  return canvas;
}
