import type { JSX } from "preact";
import type { SavedQueries } from "../../../schemas/console/queries.ts";
import { useOverview } from "../overview.ts";

type Query = SavedQueries["queries"][number];

/** A field for each parameter of a saved query; an empty one takes the default. */
export function Parameters({
  query,
  values,
  onChange,
}: {
  readonly query: Query;
  readonly values: Readonly<Record<string, string>>;
  readonly onChange: (values: Readonly<Record<string, string>>) => void;
}): JSX.Element {
  const { data } = useOverview();
  return (
    <div class="ask-parameters">
      {query.parameters.map(({ name, type, default: standard, meaning }) => (
        <label key={name} class="field">
          <span>
            {name}
            {standard === undefined && <b> needed</b>}
          </span>
          <input
            value={values[name] ?? ""}
            placeholder={placeholderOf(type, standard)}
            list={name === "camera" ? "ask-cameras" : undefined}
            inputMode={type === "integer" || type === "number" ? "decimal" : "text"}
            onInput={(event) => onChange({ ...values, [name]: event.currentTarget.value })}
          />
          <small>{meaning}</small>
        </label>
      ))}
      <datalist id="ask-cameras">
        {data?.cameras.map(({ cameraId }) => (
          <option key={cameraId} value={cameraId} />
        ))}
      </datalist>
    </div>
  );
}

/** The default as a reader would enter it. */
function placeholderOf(type: string, standard: string | undefined): string {
  if (standard === undefined) return type === "date" ? "yyyy-mm-dd" : "";
  const [, days] = /^current_date - INTERVAL '(\d+)' DAY$/.exec(standard) ?? [];
  if (days !== undefined) return `${days}d, which is ${days} days ago`;
  if (standard === "current_date") return "today";
  return standard.replace(/^'(.*)'$/, "$1");
}
