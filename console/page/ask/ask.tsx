import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Estimate, SavedQueries } from "../../../schemas/console/queries.ts";
import { setParams, useAddress } from "../parts/address.ts";
import { callApi, useResource, type ApiError } from "../parts/api.ts";
import { after } from "../parts/clock.ts";
import { Button, Select } from "../parts/controls.tsx";
import { bytesOf } from "../parts/format.ts";
import { useKeys } from "../parts/keys.ts";
import { announceError, Loaded, Screen } from "../parts/states.tsx";
import { Columns } from "./columns.tsx";
import { dollars } from "./numbers.ts";
import { Parameters } from "./parameters.tsx";
import { Result } from "./result.tsx";

const OWN = "";
const FIRST_SQL = `SELECT camera_id, label, count(*) AS detections
FROM detections
WHERE dt >= CAST(current_date - INTERVAL '7' DAY AS varchar)
GROUP BY 1, 2
ORDER BY 3 DESC`;
const ESTIMATE_AFTER_MS = 700;

type Query = SavedQueries["queries"][number];

/** Questions to the lake: a saved query with values, or SQL, with its price before it runs. */
export function Ask(): JSX.Element {
  const resource = useResource<SavedQueries>("/api/queries");
  return (
    <Screen title="Ask">
      <Loaded resource={resource} what="saved queries" lines={6}>
        {(saved) => <Editor saved={saved} />}
      </Loaded>
    </Screen>
  );
}

function Editor({ saved }: { readonly saved: SavedQueries }): JSX.Element {
  const { params } = useAddress();
  const chosen = saved.queries.find(({ name }) => name === params.get("query"));
  const [sql, setSql] = useState<string | undefined>(params.get("sql") ?? undefined);
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() => valuesOf(params, chosen));
  const text = sql ?? chosen?.sql ?? FIRST_SQL;
  // SQL that was changed is no longer the saved query.
  const isSaved = chosen !== undefined && (sql === undefined || sql === chosen.sql);
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  const body = isSaved ? { name: chosen.name, parameters: given } : { sql: text };
  const estimate = useEstimate(body);
  /** The query that this page started last. */
  const started = useRef<string>(undefined);
  const starting = useRef<AbortController>(undefined);
  useEffect(() => () => starting.current?.abort(), []);
  const run = (): void => {
    starting.current?.abort();
    const { signal } = (starting.current = new AbortController());
    const begun = callApi<{ queryId: string }>("POST", "/api/queries", body, { signal });
    begun.then(
      ({ queryId }) => {
        started.current = queryId;
        setParams(
          {
            ...Object.fromEntries([...params.keys()].map((name) => [name, undefined])),
            ...(isSaved
              ? {
                  query: chosen.name,
                  ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`p.${name}`, value])),
                }
              : { sql: text }),
            id: queryId,
          },
          { replace: false },
        );
      },
      (error: unknown) => signal.aborted || announceError(error),
    );
  };
  const choose = (name: string): void => {
    setSql(undefined);
    setValues({});
    setParams({ ...Object.fromEntries([...params.keys()].map((one) => [one, undefined])), query: name });
  };
  useKeys([{ key: "Enter", does: "Run the query", run }]);
  const queryId = params.get("id");
  return (
    <>
      <div class="ask">
        <div class="ask-main">
          <Select
            name="Question"
            value={chosen?.name ?? OWN}
            options={[
              { value: OWN, name: "Your own SQL" },
              ...saved.queries.map(({ name }) => ({ value: name, name: nameOf(name) })),
            ]}
            onChange={choose}
          />
          {chosen && <p class="ask-purpose">{chosen.purpose}</p>}
          {chosen && isSaved && chosen.parameters.length > 0 && (
            <Parameters query={chosen} values={values} onChange={setValues} />
          )}
          <SqlEditor text={text} onChange={setSql} onRun={run} isOpen={!chosen} />
          <div class="ask-run">
            <Button kind="main" icon="play" onClick={run} disabled={estimate.error?.status === 422}>
              Run
            </Button>
            <EstimateLine {...estimate} />
          </div>
        </div>
        <Columns tables={saved.tables} />
      </div>
      {queryId && <Result key={queryId} queryId={queryId} isOwn={queryId === started.current} />}
    </>
  );
}

/** `busiest-hours` as people read it. */
const nameOf = (name: string): string => {
  const words = name.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const valuesOf = (params: URLSearchParams, query: Query | undefined): Record<string, string> =>
  Object.fromEntries(
    (query?.parameters ?? []).flatMap(({ name }) => {
      const value = params.get(`p.${name}`);
      return value === null ? [] : [[name, value]];
    }),
  );

/** SQL in a text area; under a saved query, folded until someone opens it. */
function SqlEditor({
  text,
  onChange,
  onRun,
  isOpen,
}: {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
  readonly isOpen: boolean;
}): JSX.Element {
  return (
    <details class="ask-sql" open={isOpen}>
      <summary>SQL</summary>
      <textarea
        class="code-input"
        aria-label="SQL"
        spellcheck={false}
        rows={Math.min(24, Math.max(6, text.split("\n").length + 1))}
        value={text}
        onInput={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          onRun();
        }}
      />
      <p class="quiet-text">Ctrl+Enter runs it. A condition on dt reads fewer days.</p>
    </details>
  );
}

interface EstimateState {
  readonly estimate: Estimate | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
}

/** What the query would scan, a moment after it was changed last. */
function useEstimate(body: object): EstimateState {
  const [state, setState] = useState<EstimateState>({
    estimate: undefined,
    error: undefined,
    isLoading: true,
  });
  const text = JSON.stringify(body);
  const isFirst = useRef(true);
  useEffect(() => {
    const controller = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    const cancel = after(isFirst.current ? 0 : ESTIMATE_AFTER_MS, () => {
      isFirst.current = false;
      callApi<Estimate>("POST", "/api/queries/estimate", JSON.parse(text), {
        signal: controller.signal,
      }).then(
        (estimate) => setState({ estimate, error: undefined, isLoading: false }),
        (error: ApiError) =>
          controller.signal.aborted || setState({ estimate: undefined, error, isLoading: false }),
      );
    });
    return () => {
      cancel();
      controller.abort();
    };
  }, [text]);
  return state;
}

function EstimateLine({ estimate, error, isLoading }: EstimateState): JSX.Element {
  if (isLoading)
    return (
      <p class="quiet-text" role="status">
        Estimating what it reads …
      </p>
    );
  if (error)
    return (
      <p class="ask-problem" role="status">
        {error.message}
        {error.remedy && <span>{error.remedy}</span>}
      </p>
    );
  if (!estimate || estimate.tables.length === 0)
    return (
      <p class="quiet-text" role="status">
        Reads no files
      </p>
    );
  const listed = estimate.tables.reduce((sum, { listed: one = 0 }) => sum + one, 0);
  return (
    <p class="ask-estimate" role="status">
      <b>At most {bytesOf(estimate.bytes)}</b> in {estimate.files.toLocaleString("en")}{" "}
      {estimate.files === 1 ? "file" : "files"}
      {listed > 0 && ` of ${listed.toLocaleString("en")} partitions`}, {dollars(estimate.costUsd)} at list
      price
      {listed > 5000 && <span>A condition on dt leaves fewer partitions and is faster.</span>}
    </p>
  );
}
