import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Flow as FlowData, RedriveSummary } from "../../../schemas/console/flow.ts";
import { useOverview } from "../overview.ts";
import { callApi, useResource } from "../parts/api.ts";
import { after } from "../parts/clock.ts";
import { Badge, Button, Confirm } from "../parts/controls.tsx";
import { Time } from "../parts/data.tsx";
import { durationOf } from "../parts/format.ts";
import { announce, announceError, Loaded, Screen } from "../parts/states.tsx";

type Node = FlowData["nodes"][number];
type Path = FlowData["paths"][number];
type RedrivePath = Path["redrive"][number];

const READ_AGAIN_MS = { local: 5000, aws: 60_000 } as const;

const STAGES: readonly (readonly [stage: Node["stage"], name: string])[] = [
  ["motion", "Motion"],
  ["sessions", "Sessions"],
  ["notifications", "Notifications"],
  ["alerts", "Alerts"],
  ["delivery", "Delivery"],
  ["lake", "Lake"],
];

const KINDS: Readonly<Record<Node["kind"], string>> = {
  api: "HTTP API",
  function: "function",
  queue: "queue",
  topic: "topic",
  deliveryStream: "delivery stream",
  engine: "engine",
  lake: "lake",
};

/** The way of the data with its counts, and the failure paths with what waits in them. */
export function Flow(): JSX.Element {
  const resource = useResource<FlowData>("/api/flow");
  const { data: overview } = useOverview();
  useEffect(() => {
    if (resource.isLoading) return undefined;
    return after(READ_AGAIN_MS[overview?.cloud ?? "local"], resource.reload);
  }, [resource.isLoading, resource.data, resource.error, overview?.cloud]);
  return (
    <Screen title="Flow">
      <Loaded resource={resource} what="the flow" lines={8}>
        {(flow) => (
          <>
            <p class="quiet-text">
              From camera motion to rows: what passed in the last {durationOf(flow.untilMs - flow.fromMs)},
              and what waits now.
            </p>
            <Picture flow={flow} />
            <Paths paths={flow.paths} onRedriven={resource.reload} />
          </>
        )}
      </Loaded>
    </Screen>
  );
}

/** A column for each stage, in the order in which the data travels. */
const Picture = ({ flow: { nodes, edges } }: { readonly flow: FlowData }): JSX.Element => {
  const nameOf = (id: string): string => nodes.find((node) => node.id === id)?.name ?? id;
  return (
    <ol class="flow-stages">
      {STAGES.map(([stage, name]) => (
        <li key={stage} class="flow-stage">
          <h2>{name}</h2>
          <ul>
            {nodes
              .filter((node) => node.stage === stage)
              .map((node) => (
                <NodeCard
                  key={node.id}
                  node={node}
                  to={edges.filter(({ from }) => from === node.id).map((edge) => nameOf(edge.to))}
                />
              ))}
          </ul>
        </li>
      ))}
    </ol>
  );
};

const NodeCard = ({
  node: { name, kind, count, failed = 0, lagMs, depth },
  to,
}: {
  readonly node: Node;
  readonly to: readonly string[];
}): JSX.Element => {
  const isQuiet = !count && !failed && !depth;
  return (
    <li class={`flow-node ${kind}${failed > 0 ? " failing" : ""}${isQuiet ? " still" : ""}`}>
      <p class="flow-name">
        <b>{name}</b>
        <small>{KINDS[kind]}</small>
      </p>
      <p class="flow-count">
        {kind === "queue" ? (
          <>
            <b>{(depth ?? 0).toLocaleString("en")}</b> waiting
          </>
        ) : count === undefined ? (
          <span class="quiet-text">nothing yet</span>
        ) : (
          <b>{count.toLocaleString("en")}</b>
        )}
        {failed > 0 && (
          <Badge tone="bad">
            {failed.toLocaleString("en")} {kind === "api" ? "refused" : "failed"}
          </Badge>
        )}
      </p>
      {lagMs !== undefined && (
        <p class="flow-lag">
          {kind === "lake" ? "time to detection " : kind === "function" ? "slowest " : "oldest "}
          {durationOf(lagMs)}
        </p>
      )}
      {to.length > 0 && (
        <p class="flow-to">
          <span aria-hidden="true">→ </span>
          <span class="sr-only">to </span>
          {to.join(", ")}
        </p>
      )}
    </li>
  );
};

/** What fails and where it waits: the paths with something to do first, the others folded. */
function Paths({
  paths,
  onRedriven,
}: {
  readonly paths: readonly Path[];
  readonly onRedriven: () => void;
}): JSX.Element {
  const [asked, setAsked] = useState<{ readonly path: RedrivePath; readonly waiting: number }>();
  const [summary, setSummary] = useState<RedriveSummary>();
  const isDue = ({ waiting = 0, lastError }: Path): boolean => waiting > 0 || lastError !== undefined;
  const due = paths.filter(isDue);
  const quiet = paths.filter((path) => !isDue(path));
  const redrive = (path: RedrivePath): void => {
    setSummary(undefined);
    callApi<RedriveSummary>("POST", `/api/flow/${path}/redrive`, {}).then((result) => {
      setSummary(result);
      announce(`${result.redriven} of ${result.waiting} put back on ${path}`);
      onRedriven();
    }, announceError);
  };
  return (
    <section class="flow-paths" aria-labelledby="flow-paths">
      <h2 id="flow-paths">Failure paths</h2>
      {due.length === 0 && (
        <p class="flow-fine">
          <Badge tone="good">nothing waits</Badge> No record waits to be put back, and no function failed.
        </p>
      )}
      {summary && <Summary summary={summary} />}
      <ul>
        {due.map((path) => (
          <PathItem
            key={path.name}
            path={path}
            onRedrive={(one) => setAsked({ path: one, waiting: path.waiting ?? 0 })}
          />
        ))}
      </ul>
      <details>
        <summary>{quiet.length} paths on which nothing waits</summary>
        <ul>
          {quiet.map((path) => (
            <PathItem key={path.name} path={path} onRedrive={undefined} />
          ))}
        </ul>
      </details>
      {asked && (
        <Confirm
          title={`Redrive ${asked.path}?`}
          action={`Put back ${asked.waiting === 1 ? "1 record" : `${asked.waiting} records`}`}
          onConfirm={() => redrive(asked.path)}
          onClose={() => setAsked(undefined)}
        >
          <p>
            They go back through the normal path and keep their ids, so nothing is counted twice. What fails
            again stays, with its reason. Fix the cause first.
          </p>
        </Confirm>
      )}
    </section>
  );
}

const PathItem = ({
  path: { from, to, failure, recovery, keptIn, waiting, lastError, redrive },
  onRedrive,
}: {
  readonly path: Path;
  readonly onRedrive: ((path: RedrivePath) => void) | undefined;
}): JSX.Element => (
  <li class={`flow-path${waiting || lastError ? " due" : ""}`}>
    <p class="flow-path-head">
      <b>
        {from} → {to}
      </b>
      {waiting !== undefined && waiting > 0 && (
        <Badge tone="bad">{waiting.toLocaleString("en")} waiting</Badge>
      )}
    </p>
    {lastError && (
      <p class="flow-error">
        {lastError.atMs !== undefined && <Time ms={lastError.atMs} relative />} {lastError.error}
      </p>
    )}
    <details>
      <summary>What fails here, and the recovery</summary>
      <p>{failure}.</p>
      <p>Kept in: {keptIn}.</p>
      <p>Recovery: {recovery}.</p>
    </details>
    {onRedrive && waiting !== undefined && waiting > 0 && (
      <p class="flow-redrive">
        {redrive
          .filter((one) => one !== "raw")
          .map((one) => (
            <Button key={one} onClick={() => onRedrive(one)}>
              Redrive {one}
            </Button>
          ))}
      </p>
    )}
  </li>
);

const Summary = ({
  summary: { path, waiting, redriven, left, failure },
}: {
  readonly summary: RedriveSummary;
}): JSX.Element => (
  <div class="flow-summary" role="status">
    <p>
      <b>{path}</b>: {redriven} of {waiting} put back{left.length > 0 && `, ${left.length} left`}
      {failure !== undefined && `; ${failure}`}
    </p>
    {left.length > 0 && (
      <ul>
        {left.slice(0, 10).map(({ what, reason }) => (
          <li key={what}>
            <code>{what}</code>: {reason}
          </li>
        ))}
      </ul>
    )}
  </div>
);
