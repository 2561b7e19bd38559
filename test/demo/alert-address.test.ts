import { describe, expect, test } from "@jest/globals";
import { readAlertAddress } from "../../demo/alert-address.ts";

describe("an address of --alert", () => {
  test.each([
    ["https://ntfy.sh/my-door", "ntfy", false],
    ["https://ntfy.example.com/my-door", "ntfy", false],
    ["https://hooks.slack.com/services/example", "slack", false],
    ["https://home.example.com/api/webhook/4f1c", "home-assistant", false],
    ["http://homeassistant.local:8123/api/webhook/4f1c", "home-assistant", true],
    ["https://example.com/hook?from=doorstep", "standard", false],
    ["http://127.0.0.1:8787/", "standard", true],
    ["http://localhost:8787/", "standard", true],
    ["http://[::1]:8787/", "standard", true],
    ["http://192.168.1.20/hook", "standard", true],
    ["https://172.32.0.1/", "standard", false],
  ])("%s is read by %s", (url, format, isPrivate) => {
    expect(readAlertAddress(url)).toEqual({ format, url, email: undefined, isPrivate });
  });

  test("may be an e-mail", () => {
    expect(readAlertAddress("mailto:me@example.com")).toEqual({
      format: "sns",
      url: undefined,
      email: "me@example.com",
      isPrivate: false,
    });
  });

  test.each([
    ["", '--alert "": expected a URL'],
    ["ntfy.sh/my-door", "--alert ntfy.sh/my-door: expected a URL"],
    ["ftp://example.com/", "expected https://, mailto:, or http:// for this machine or network"],
    ["http://example.com/hook", "encrypted only; expected https://example.com"],
    ["http://8.8.8.8/", "encrypted only; expected https://8.8.8.8"],
    ["https://me:secret@example.com/", "it has a user name and a password"],
    ["https://ntfy.sh/", "ntfy expects the topic as its path"],
    ["mailto:me", "expected one address"],
    ["mailto:me@a.example,you@b.example", "expected one address"],
  ])("%j is refused in words", (text, message) => {
    expect(() => readAlertAddress(text)).toThrow(message);
  });
});
