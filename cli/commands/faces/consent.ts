import { CONSENT_WORDINGS, OWN_WORDING } from "../../../schemas/consent-wordings.ts";
import { defineCommand, UsageError } from "../../command.ts";

export const facesConsent = defineCommand({
  name: "faces consent",
  about: "Print the wording of a consent, to be read and signed",
  operands: ["[<wording>]"],
  flags: {},
  notes: `Without a version, the newest. It is a start, not legal advice: what consent has to say differs by place. To use a
text of your own, give it a version such as ${OWN_WORDING}2026-02 and keep the text; Doorstep stores the version only.

  npx doorstep faces consent > consent.txt

Calls no AWS API.`,
  async run({ operands: [version = Object.keys(CONSENT_WORDINGS).at(-1)!], console }) {
    const text = Object.hasOwn(CONSENT_WORDINGS, version) ? CONSENT_WORDINGS[version] : undefined;
    if (text === undefined)
      throw new UsageError(
        `there is no wording ${version}; expected ${Object.keys(CONSENT_WORDINGS).join(" or ")}`,
      );
    console.say(text);
    console.say();
    console.say(`Wording ${version}`);
    console.result({ version, text });
    await Promise.resolve();
  },
});
