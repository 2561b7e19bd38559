import { expect, test } from "@jest/globals";
import { cameraIdFor, cameraIdOf, streamNameOf } from "../../core/camera.ts";

test("a stream's name stands between the slashes of its ARN", () => {
  expect(streamNameOf("arn:aws:kinesisvideo:us-east-1:000000000000:stream/porch/1763700000000")).toBe(
    "porch",
  );
});

test("a camera is its stream's name without the fleet's prefix", () => {
  expect(cameraIdOf("doorstep-dev-camera-front-door", "doorstep-dev-camera-")).toBe("front-door");
});

test("a camera is the whole name of a stream outside the fleet", () => {
  expect(cameraIdOf("porch", "doorstep-dev-camera-")).toBe("porch");
  expect(cameraIdOf("doorstep-dev-camera-", "doorstep-dev-camera-")).toBe("doorstep-dev-camera-");
  expect(cameraIdOf("porch", "")).toBe("porch");
});

test("a video's name becomes a camera's id, with a number where others have it", () => {
  const taken = new Set<string>();
  expect(cameraIdFor("Front Door (2)", taken)).toBe("front-door-2");
  expect(cameraIdFor("front_door_2", taken)).toBe("front-door-2-2");
  expect(cameraIdFor("FRONT.DOOR.2", taken)).toBe("front-door-2-3");
  expect(cameraIdFor("門", taken)).toBe("camera");
  expect(cameraIdFor("x".repeat(100), taken)).toBe("x".repeat(59));
  expect(cameraIdFor("x".repeat(100), taken)).toBe(`${"x".repeat(59)}-2`);
});
