import { describe, expect, test } from "@jest/globals";
import { targetsInPolicy } from "../../operator/alert-subscriptions.ts";
import { formatProblem, guessFormat, shownUrl } from "../../operator/alert-url.ts";

describe("the URL of a target", () => {
  test.each([
    ["https://hooks.slack.com/services/example", "slack"],
    ["https://discord.com/api/webhooks/1/secret/slack", "slack"],
    ["https://ntfy.sh/my-cameras", "ntfy"],
    ["https://ntfy.example.com/my-cameras", "ntfy"],
    ["https://home.example.com/api/webhook/secret", "home-assistant"],
    ["https://hooks.nabu.casa/secret", "home-assistant"],
    ["https://ntfy.sh/", "standard"],
    ["https://example.com/hook", "standard"],
    ["https://slack.example.com/services/T0", "standard"],
  ])("%s has the format %s", (url, format) => expect(guessFormat(new URL(url)).format).toBe(format));

  test.each([
    ["ntfy", "https://ntfy.sh/", "ntfy expects the topic as its path, e.g. https://ntfy.sh/my-cameras"],
    [
      "standard",
      "https://me:secret@example.com/",
      "it has a user name and a password; expected a URL without, and a bearer token in --token",
    ],
    ["ntfy", "https://example.com/under/my-cameras", undefined],
    ["standard", "https://example.com/", undefined],
  ] as const)("of %s cannot be %s: %s", (format, url, problem) =>
    expect(formatProblem(format, new URL(url))).toBe(problem),
  );

  test.each([
    ["https://hooks.slack.com/services/example", "https://hooks.slack.com/…"],
    ["https://example.com/?token=secret", "https://example.com/…"],
    ["https://me:secret@example.com:8443/", "https://example.com:8443"],
    ["no URL with a secret", "…"],
  ])("%s is shown as %s", (url, shown) => expect(shownUrl(url)).toBe(shown));
});

test.each([
  ['{"target": ["phone", "pager"]}', ["phone", "pager"]],
  ['{"target": [{"prefix": "p"}]}', undefined],
  ['{"camera": ["hall"]}', undefined],
  ["{", undefined],
  [undefined, undefined],
])("the filter policy %s is one of the targets %j", (policy, targets) =>
  expect(targetsInPolicy(policy)).toEqual(targets),
);
