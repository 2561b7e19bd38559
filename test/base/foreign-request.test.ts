import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { foreignPart } from "../../base/foreign-request.ts";

const PORT = 4566;
const own = "127.0.0.1:4566";

describe("a listener serves", () => {
  test.each([
    ["a program", { host: own }],
    ["a program, by name", { host: "localhost:4566" }],
    ["a program, by name in another case", { host: "LOCALHOST:4566" }],
    ["a program, by its bucket's name", { host: "photos.localhost:4566" }],
    ["an address that is typed into a browser", { host: own, "sec-fetch-site": "none" }],
    ["a page of its own origin", { host: own, origin: `http://${own}`, "sec-fetch-site": "same-origin" }],
  ])("%s", (_who, headers) => {
    expect(foreignPart(headers, PORT)).toBeUndefined();
    expect(foreignPart(headers, PORT, "of this machine")).toBeUndefined();
  });
});

describe("a listener refuses", () => {
  test.each([
    ["a request without Host", {}, "Host missing"],
    ["a rebound name", { host: "evil.example:4566" }, "Host evil.example:4566"],
    ["a rebound name that begins as a loopback one", { host: "localhost.evil.example:4566" }, "Host localhost.evil.example:4566"],
    ["an address within a rebound name", { host: "127.0.0.1.evil.example:4566" }, "Host 127.0.0.1.evil.example:4566"],
    ["a rebound name of the page's own origin", { host: "evil.example:4566", origin: "http://evil.example:4566", "sec-fetch-site": "same-origin" }, "Host evil.example:4566"],
    ["the address of every interface", { host: "0.0.0.0:4566" }, "Host 0.0.0.0:4566"],
    ["another port", { host: "127.0.0.1:4567" }, "Host 127.0.0.1:4567"],
    ["no port", { host: "127.0.0.1" }, "Host 127.0.0.1"],
    ["a page of another site", { host: own, origin: "https://evil.example", "sec-fetch-site": "cross-site" }, "Origin https://evil.example"],
    ["a sandboxed page or one from a file", { host: own, origin: "null" }, "Origin null"],
    ["a picture in a page of another site", { host: own, "sec-fetch-site": "cross-site" }, "Sec-Fetch-Site cross-site"],
    ["what browsers may send one day", { host: own, "sec-fetch-site": "other" }, "Sec-Fetch-Site other"],
  ])("%s", (_what, headers, part) => {
    expect(foreignPart(headers, PORT)).toBe(part);
    expect(foreignPart(headers, PORT, "of this machine")).toBe(part);
  }); // prettier-ignore

  test("pages of other ports of this machine, unless they have an address with a token", () => {
    const page = { host: own, origin: "http://localhost:5173", "sec-fetch-site": "cross-site" };
    const video = { host: own, "sec-fetch-site": "same-site" };
    expect(foreignPart(page, PORT)).toBe("Origin http://localhost:5173");
    expect(foreignPart(video, PORT)).toBe("Sec-Fetch-Site same-site");
    expect(foreignPart(page, PORT, "of this machine")).toBeUndefined();
    expect(foreignPart(video, PORT, "of this machine")).toBeUndefined();
  });

  test("every origin of another host", () => {
    fc.assert(
      fc.property(fc.webAuthority({ withPort: true }), fc.constantFrom("http", "https"), (host, scheme) => {
        fc.pre(!/^(127\.0\.0\.1|(.*\.)?localhost)(:|$)/i.test(host));
        expect(
          foreignPart({ host: own, origin: `${scheme}://${host}` }, PORT, "of this machine"),
        ).toBeDefined();
        expect(foreignPart({ host }, PORT)).toBeDefined();
      }),
    );
  });
});
