import { expect, test } from "@jest/globals";
import { TurnableClock } from "../../../base/clock.ts";
import { Throttling } from "../../../local/http-api/throttling.ts";

/** A clock that moves only when it is turned. */
class StoppedClock extends TurnableClock {
  override now(): number {
    return this.offsetMs;
  }
}

const allowedOf = (throttling: Throttling, route: string, requests: number): number =>
  Array.from({ length: requests }, () => throttling.allows(route)).filter(Boolean).length;

test("a route allows its burst at once and its rate after that", () => {
  const clock = new StoppedClock();
  const throttling = new Throttling(clock);
  throttling.configure({ DefaultRouteSettings: { ThrottlingBurstLimit: 5, ThrottlingRateLimit: "2" } });
  expect(allowedOf(throttling, "POST /a", 20)).toBe(5);
  clock.turn(1000);
  expect(allowedOf(throttling, "POST /a", 20)).toBe(2);
  clock.turn(3_600_000);
  expect(allowedOf(throttling, "POST /a", 20)).toBe(5);
});

test("each route has its own bucket, and its settings replace the default ones", () => {
  const throttling = new Throttling(new StoppedClock());
  throttling.configure({
    DefaultRouteSettings: { ThrottlingBurstLimit: 5, ThrottlingRateLimit: 5 },
    RouteSettings: { "GET /b": { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 1 } },
  });
  expect(allowedOf(throttling, "GET /b", 20)).toBe(1);
  expect(allowedOf(throttling, "POST /a", 20)).toBe(5);
  expect(allowedOf(throttling, "POST /c", 20)).toBe(5);
});

test("without settings every request is allowed", () => {
  const throttling = new Throttling(new StoppedClock());
  throttling.configure({});
  expect(allowedOf(throttling, "POST /a", 1000)).toBe(1000);
});

test("an unknown route setting is refused by name", () => {
  expect(() =>
    new Throttling(new StoppedClock()).configure({ DefaultRouteSettings: { LoggingLevel: "INFO" } }),
  ).toThrow("LoggingLevel");
});
