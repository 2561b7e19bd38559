import { ASSUMPTIONS, type Assumption } from "../../schemas/assumptions/assumptions.ts";

const HEAD = `# What is assumed of AWS

Written by \`npm run docs\` from the list in \`schemas/assumptions/assumptions.ts\`. Where the documentation leaves a gap,
Doorstep takes one of these for true. Nothing here has been run against AWS by its makers; whoever deploys it can settle
most of it in a quarter of an hour:

\`\`\`sh
npm run doorstep -- doctor --prove
\`\`\`

It makes a camera \`prove-…\`, streams a second of video, has it analysed, sends marked notifications through topic, Firehose
and Athena, says of each assumption whether it holds, and removes its marks, even when it is interrupted: the camera with
its stream and processor, its evidence, and its objects in the lake. Those are its own: all of it happens in an hour of the
lake's first day by the video's clock, where nobody's camera was. What stays is the raw backup of its notifications under
\`raw/\`. It costs a few cents. \`--clip\` takes a video whose first second shows a person, without which nothing may be seen
in it. The same command runs against the local cloud, which shares the assumptions and so proves none of them: there it
shows that the command works.`;

const STANDING = {
  documented: "documented, not clearly",
  observed: "observed by third parties",
  unconfirmed: "unconfirmed",
} as const satisfies Record<Assumption["standing"], string>;

/** docs/assumptions.md, before Prettier aligns its lines. */
export const assumptionsMarkdown = (): string =>
  `${[
    HEAD,
    ...[true, false].flatMap((isProved) => [
      isProved ? "## Settled by doctor --prove" : "## Not settled by it",
      ...Object.entries<Assumption>(ASSUMPTIONS)
        .filter(([, one]) => one.isProved === isProved)
        .map(([id, { claim, standing, source, ifFalse }]) =>
          [
            `### ${id}`,
            claim,
            `- **Source** (${STANDING[standing]}): ${source}.\n- **If it is false**: ${ifFalse}`,
          ].join("\n\n"),
        ),
    ]),
  ].join("\n\n")}\n`;
