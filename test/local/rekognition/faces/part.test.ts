import { expect, test } from "@jest/globals";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { decodeImage } from "../../../../local/rekognition/labels/image.ts";
import { placeOf } from "../../../../local/rekognition/faces/part.ts";
import { ASTRONAUT } from "./pictures.ts";

/** A part of the astronaut's picture, encoded again. */
async function cut(left: number, top: number, width: number, height: number, scale = 1) {
  const canvas = createCanvas(width * scale, height * scale);
  const picture = await loadImage(ASTRONAUT);
  canvas.getContext("2d").drawImage(picture, left, top, width, height, 0, 0, canvas.width, canvas.height);
  return await decodeImage(await canvas.encode("jpeg", 80));
}

test("a part of a picture is found where it was cut, also encoded again, unless it was scaled", async () => {
  const whole = await decodeImage(ASTRONAUT);
  const box = { left: 131 / 512, top: 17 / 512, width: 200 / 512, height: 240 / 512 };
  const part = await cut(131, 17, 200, 240);
  const { difference, ...place } = placeOf(part, whole)!;
  expect(place).toEqual({ box });
  expect(placeOf(part, whole, difference)).toBeUndefined();
  const all = placeOf(await cut(0, 0, 512, 512), whole);
  expect(all!.box).toEqual({ left: 0, top: 0, width: 1, height: 1 });
  expect(placeOf(await cut(131, 17, 200, 240, 1.5), whole)).toBeUndefined();
  expect(placeOf(whole, await cut(131, 17, 200, 240))).toBeUndefined();
});
