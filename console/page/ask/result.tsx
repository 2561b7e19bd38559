import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Execution } from "../../../schemas/console/queries.ts";
import { callApi, withQuery, type ApiError } from "../parts/api.ts";
import { after } from "../parts/clock.ts";
import { Button, Segments } from "../parts/controls.tsx";
import { Table } from "../parts/data.tsx";
import { bytesOf, durationOf } from "../parts/format.ts";
import { announceError, Empty, Failed, Loading } from "../parts/states.tsx";
import { Chart, chartOf } from "./chart.tsx";
import { dollars, isNumberType } from "./numbers.ts";

const POLL_MS = { first: 150, longest: 1500, growth: 1.4 } as const;

/**
 * A query that runs or has ended: its rows as a table or a chart, or why there are none. If this page started it, it is stopped
 * when the page is closed or shows something else.
 */
export function Result({
  queryId,
  isOwn,
}: {
  readonly queryId: string;
  readonly isOwn: boolean;
}): JSX.Element {
  const [execution, setExecution] = useState<Execution>();
  const [error, setError] = useState<ApiError>();
  const [tries, setTries] = useState(0);
  const [more, setMore] = useState<readonly Execution[]>([]);
  const [shows, setShows] = useState<"table" | "chart">("table");

  useEffect(() => {
    const controller = new AbortController();
    let cancel = (): void => undefined;
    let pauseMs: number = POLL_MS.first;
    const poll = (): void => {
      callApi<Execution>("GET", `/api/queries/${queryId}`, undefined, { signal: controller.signal }).then(
        (now) => {
          // A response from before the query was cancelled may arrive after it.
          setExecution((before) => (before?.state === "cancelled" ? before : now));
          setError(undefined);
          if (!isRunning(now)) return;
          cancel = after(pauseMs, poll);
          pauseMs = Math.min(POLL_MS.longest, pauseMs * POLL_MS.growth);
        },
        (problem: ApiError) => controller.signal.aborted || setError(problem),
      );
    };
    poll();
    return () => {
      cancel();
      controller.abort();
    };
  }, [queryId, tries]);

  useOnLeave(() => {
    if (!isOwn || (execution && !isRunning(execution))) return;
    // Nobody is left to read why it failed.
    callApi("DELETE", `/api/queries/${queryId}`, undefined, { inBackground: true }).catch(() => undefined);
  });

  if (error) return <Failed error={error} retry={() => setTries(tries + 1)} />;
  if (!execution) return <Loading what="the query" lines={2} />;
  if (isRunning(execution)) return <Running execution={execution} isOwn={isOwn} onCancelled={setExecution} />;
  if (execution.state === "cancelled") return <Empty title="The query was cancelled" />;
  if (execution.state === "failed") return <FailedQuery execution={execution} />;

  const { columns = [], runMs, scannedBytes = 0, costUsd = 0 } = execution;
  const rows = [execution, ...more].flatMap((page) => page.rows ?? []);
  const next = (more.at(-1) ?? execution).next;
  const chart = chartOf(columns, rows);
  const showMore = (): void => {
    callApi<Execution>("GET", withQuery(`/api/queries/${queryId}`, { page: next })).then(
      (page) => setMore([...more, page]),
      announceError,
    );
  };
  return (
    <section class="ask-result" aria-label="Result">
      <div class="ask-result-head">
        <p role="status">
          <b>
            {rows.length.toLocaleString("en")}
            {next ? " rows and more" : rows.length === 1 ? " row" : " rows"}
          </b>
          {runMs !== undefined && ` in ${durationOf(runMs)}`}, {bytesOf(scannedBytes)} scanned,{" "}
          {dollars(costUsd)} at list price
        </p>
        {chart && rows.length > 0 && (
          <Segments
            name="Show as"
            value={shows}
            options={[
              { value: "table", name: "Table" },
              { value: "chart", name: "Chart" },
            ]}
            onChange={setShows}
          />
        )}
        <a
          class="button"
          href={`/api/queries/${queryId}/csv`}
          download={`doorstep-${queryId.slice(0, 8)}.csv`}
        >
          CSV
        </a>
      </div>
      {rows.length === 0 ? (
        <Empty title="No row fits the question">
          <p>Other days or another camera may have some.</p>
        </Empty>
      ) : shows === "chart" && chart ? (
        <Chart chart={chart} />
      ) : (
        <Table
          caption="Rows"
          columns={columns.map(({ name, type }, index) => ({
            head: columns.findIndex((one) => one.name === name) === index ? name : `${name} (${index + 1})`,
            isNumber: isNumberType(type),
            cell: (row: readonly (string | null)[]) =>
              row[index] === null ? <span class="null">null</span> : row[index],
          }))}
          rows={rows}
          keyOf={(_row, index) => index}
        />
      )}
      {next && <Button onClick={showMore}>More rows</Button>}
    </section>
  );
}

/** Calls the latest function once, when the component goes or the page is closed. */
function useOnLeave(leave: () => void): void {
  const latest = useRef(leave);
  latest.current = leave;
  useEffect(() => {
    const run = (): void => latest.current();
    addEventListener("pagehide", run);
    return () => {
      removeEventListener("pagehide", run);
      run();
    };
  }, []);
}

const isRunning = ({ state }: Execution): boolean => state === "queued" || state === "running";

function Running({
  execution: { queryId, runMs = 0, state },
  isOwn,
  onCancelled,
}: {
  readonly execution: Execution;
  readonly isOwn: boolean;
  readonly onCancelled: (execution: Execution) => void;
}): JSX.Element {
  const cancel = (): void => {
    callApi<Execution>("DELETE", `/api/queries/${queryId}`).then(onCancelled, announceError);
  };
  return (
    <div class="ask-running" role="status">
      <p>
        {state === "queued" ? "Waiting for Athena" : `Running for ${durationOf(runMs)}`}.{" "}
        {isOwn ? "It is stopped when you leave this page." : "Another page started it."}
      </p>
      <Button onClick={cancel}>Cancel</Button>
    </div>
  );
}

/** Why a query failed, and the line of SQL with the place marked. */
function FailedQuery({
  execution: { reason = "The query failed", remedy, position, sql },
}: {
  readonly execution: Execution;
}): JSX.Element {
  const line = position && sql.split("\n")[position.line - 1];
  return (
    <>
      <Failed error={{ message: reason, remedy }} />
      {line !== undefined && (
        <pre class="ask-place" tabIndex={0} aria-label={`Line ${position!.line}`}>
          <code>
            {line.slice(0, position!.column - 1)}
            <mark>{line.slice(position!.column - 1).match(/^(\w+|.|$)/)?.[0] || " "}</mark>
            {line.slice(position!.column - 1).replace(/^(\w+|.|$)/, "")}
          </code>
        </pre>
      )}
    </>
  );
}
