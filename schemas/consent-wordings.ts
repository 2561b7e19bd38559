/**
 * The wordings of consent that Doorstep comes with, by version. A version's text never changes: a record of consent names the
 * version, and says with it what the person has read. Nobody's lawyer has read them.
 */
export const CONSENT_WORDINGS: Readonly<Record<string, string>> = {
  "2026-11": `Consent to face recognition by cameras

I agree that faces which are computed from pictures of me are stored and compared with faces that the cameras named below
record.

What is stored: a mathematical description of my face in Amazon Rekognition, my name, this consent, and for each moment in
which a camera recognised me: camera, time, place in the image and similarity. The pictures that I give are not stored.
What for: so that the people who run these cameras know which known person was there, and when.
Who can see it: the people who run these cameras. It is not sold and not passed on to others.
For how long: until this consent expires, until I revoke it, or until no camera has recognised me for as long as the
published retention schedule says, whichever comes first. All of it is then deleted.
My choice: consent is voluntary. I can revoke it at any time, without a reason and without a disadvantage, and ask at any
time what is stored about me.

Cameras:
Run by, and whom to ask:
My name:
Expires on:
Date and signature (of a parent or guardian for a child):`,
};

/** A wording of one's own is named with this before its version: `own:2026-02`. */
export const OWN_WORDING = "own:";

/** Whether a consent may name this wording. */
export const isKnownWording = (wording: string): boolean =>
  Object.hasOwn(CONSENT_WORDINGS, wording) ||
  (wording.startsWith(OWN_WORDING) && wording.length > OWN_WORDING.length);
