/** A difference between the local Athena and Trino that is meant: statements are marked with its id. */
export interface Difference {
  readonly id: string;
  /** What is different, for docs/athena-sql.md; one sentence or two. */
  readonly what: string;
  /** Why it stays. */
  readonly reason: string;
}

/** Every difference that `npm run test:trino` lets pass; docs/athena-sql.md lists them. */
export const DIFFERENCES: readonly Difference[] = [
  {
    id: "not-emulated",
    what: "A function, literal or clause that is not listed above is refused by its name.",
    reason: "Nothing is guessed. A query that is refused here still runs on Athena.",
  },
  {
    id: "zones-are-not-kept",
    what: "A time zone is applied but not kept: `AT TIME ZONE` gives the wall clock there, a `timestamp` without a zone, and a literal with a zone is shown in UTC.",
    reason: "DuckDB's `timestamp with time zone` is a moment and holds no zone.",
  },
  {
    id: "precision-of-times",
    what: "Every timestamp and time has milliseconds. Trino gives a literal as many digits as it is written with, which shows in `typeof`, in a `CAST` to `varchar`, and where milliseconds are added to it.",
    reason: "The lake's timestamps have milliseconds in both.",
  },
  {
    id: "kinds-of-intervals",
    what: "`INTERVAL '3' MONTH` has the type `interval day to second`.",
    reason: "DuckDB has one type of interval.",
  },
  {
    id: "approximations",
    what: "`approx_percentile` is exact: the value at the place `floor(fraction * count)`. Trino gives the same for some dozens of values and interpolates in its digest beyond.",
    reason: "Both are within the function's error; Trino's own result depends on how rows are split.",
  },
  {
    id: "regular-expressions",
    what: "Regular expressions are RE2's: no lookahead, lookbehind or backreference (refused), no named groups or lambdas in `regexp_replace` (refused), and a group that did not take part is an empty text instead of NULL.",
    reason: "DuckDB has RE2, Trino Joni.",
  },
  {
    id: "text-of-json",
    what: "JSON keeps the order of an object's keys, and a number loses zeros at its end.",
    reason: "Trino sorts the keys; as values both are the same.",
  },
  {
    id: "nan-is-equal",
    what: "`nan() = nan()` is true.",
    reason: "DuckDB orders NaN as the greatest number, equal to itself.",
  },
  {
    id: "type-of-null",
    what: "A column of NULL alone has the type `integer` where Athena calls it `unknown`.",
    reason: "DuckDB gives every column of a result a type.",
  },
  {
    id: "length-of-varchar",
    what: "`typeof` of a text is `varchar` without its length.",
    reason: "DuckDB's texts have no lengths; results show none in either.",
  },
  {
    id: "case-mapping",
    what: "`upper('ß')` is `ẞ`.",
    reason: "DuckDB maps single characters, Trino leaves this one.",
  },
  {
    id: "unnest-of-rows",
    what: "`UNNEST` of an array of rows into several columns is refused; unnest it into one column and read its fields.",
    reason: "DuckDB unnests rows into one column.",
  },
  {
    id: "names-of-columns",
    what: "Two columns of one name get different names in a subquery with `*`, and a column is spelled as its table spells it.",
    reason: "DuckDB keeps names of a subquery's columns apart. The lake's columns are in lower case.",
  },
  {
    id: "subquery-of-columns",
    what: "A scalar subquery of several columns is refused; Trino makes a row of them.",
    reason: "Athena's guide does not mention it.",
  },
  {
    id: "names-of-errors",
    what: "A query that both refuse may fail under another error's name, and messages name the place of a column, table, function or token only.",
    reason: "The translation finds another of its faults first.",
  },
];
