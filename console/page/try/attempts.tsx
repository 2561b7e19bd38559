import type { JSX } from "preact";
import type { TryLog } from "../../../schemas/console/tries.ts";
import { Badge } from "../parts/controls.tsx";
import { Code, Facts, Time } from "../parts/data.tsx";
import { Empty } from "../parts/states.tsx";

type Attempt = TryLog["attempts"][number];

const TONES = { accepted: "good", refused: "bad", ignored: "plain" } as const;

const NAMES: Readonly<Record<string, string>> = {
  check: "What failed",
  problem: "Problem",
  clock: "The camera’s clock",
  credential: "Credential",
  state: "Session state",
  session: "Session",
};

/** The motion requests of the last hour, the latest first, each with its verdict. */
export function Attempts({
  attempts,
  camera,
}: {
  readonly attempts: readonly Attempt[];
  readonly camera: string | undefined;
}): JSX.Element {
  if (attempts.length === 0)
    return (
      <Empty title="No request in the last hour">
        <p>
          Send one from the camera, or in its place above. A request with an unknown camera in its address is
          not shown here; the address ends with <code>/cameras/{camera}/motion/start</code>.
        </p>
      </Empty>
    );
  return (
    <ol class="attempts">
      {attempts.map((attempt) => (
        <li key={attempt.id}>
          <AttemptItem attempt={attempt} />
        </li>
      ))}
    </ol>
  );
}

function AttemptItem({ attempt }: { readonly attempt: Attempt }): JSX.Element {
  const { atMs, verdict, status, words, path, expected = {} } = attempt;
  const { signedText, ...rest } = expected;
  return (
    <details class={`attempt ${verdict}`} open={verdict === "refused"}>
      <summary>
        <Badge tone={TONES[verdict]}>
          {verdict}
          {status !== undefined && ` ${status}`}
        </Badge>
        <Time ms={atMs} />
        <span class="attempt-words">{words}</span>
      </summary>
      <div class="attempt-more">
        <Facts
          rows={[
            ...(path === undefined ? [] : [["Path", <code key="path">{path}</code>] as const]),
            ...Object.entries(rest).map(
              ([name, value]) => [NAMES[name] ?? name, <code key={name}>{value}</code>] as const,
            ),
          ]}
        />
        {signedText !== undefined && (
          <>
            <p class="attempt-sign">The signature must cover exactly this text:</p>
            <Code text={signedText} name="The text to sign" />
          </>
        )}
      </div>
    </details>
  );
}
