import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { idle } from "../../core/sessions/reduce.ts";
import { sessionView } from "../../core/sessions/session-view.ts";
import type { Session } from "../../schemas/session.ts";
import { sessionResponse } from "../../schemas/session-response.ts";
import { motionApi } from "../../tools/docs/motion-api.ts";
import { template } from "../template/compiled.ts";

const file = new URL("../../docs/motion-api.openapi.json", import.meta.url);

describe("the OpenAPI description of the motion API", () => {
  test("is up to date (run `npm run docs` and review the diff)", () => {
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(motionApi());
  });

  test("has exactly the cameras' routes of the template; the others are links in alerts", () => {
    const routes = Object.values(template.Resources)
      .filter(({ Type }) => Type === "AWS::ApiGatewayV2::Route")
      .map(({ Properties = {} }) => String(Properties["RouteKey"]))
      .toSorted();
    const links = ["GET /media/{token}", "GET /snooze/{token}", "POST /snooze/{token}"];
    expect(routes).toEqual(expect.arrayContaining(links));
    const described = Object.entries(motionApi()["paths"] as Record<string, object>).flatMap(
      ([path, operations]) =>
        Object.keys(operations)
          .filter((key) => key !== "parameters")
          .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(routes.filter((route) => !links.includes(route)));
  });

  test("describes a session with every field set, and one with none", () => {
    const run = {
      attempt: 1,
      engine: "stream-processor" as const,
      processorName: "p",
      videoStartMs: 1000,
      maxDurationSeconds: 30,
      day: "2026-11-21",
      calledAtMs: 0,
      sessionId: "s",
      checkAtMs: 0,
      dueAtMs: 0,
      overdueChecks: 0,
    };
    const record: Session = {
      ...idle("front-door"),
      state: "failed",
      run,
      wanted: [{ fromMs: 0, untilMs: 2000 }],
      stopsMs: [3000],
      blocked: "schedule",
      failure: "refused",
      retry: { reason: "throttled", tries: 1, emptySessions: 0, sinceMs: 0, atMs: 4000 },
    };
    const full = { ...sessionView(record), noMotion: "heartbeat" };
    expect(Object.values(full).every((value) => value !== undefined)).toBe(true);
    expect(Object.keys(full).toSorted()).toEqual(Object.keys(sessionResponse.entries).toSorted());
    expect(v.is(sessionResponse, full)).toBe(true);
    expect(v.is(sessionResponse, JSON.parse(JSON.stringify(sessionView(idle("front-door")))))).toBe(true);
  });
});
