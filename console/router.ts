import * as v from "valibot";
import { ROUTES, type Route, type RouteName } from "../schemas/console/routes.ts";
import { explainIssue } from "../schemas/reason.ts";
import { ConsoleProblem } from "./problem.ts";

interface Matcher {
  readonly name: RouteName;
  readonly route: Route;
  readonly pattern: RegExp;
  readonly parameters: readonly string[];
}

/** A route's path as a pattern: `{name}` is one part of the path, `{name+}` the rest. */
function matcherOf(name: RouteName): Matcher {
  const route: Route = ROUTES[name];
  const parameters: string[] = [];
  const pattern = route.path.replaceAll(/\{(\w+)(\+?)\}/g, (_, parameter: string, rest: string) => {
    parameters.push(parameter);
    return rest ? "(.+)" : "([^/]+)";
  });
  return { name, route, pattern: new RegExp(`^${pattern}$`), parameters };
}

const MATCHERS = (Object.keys(ROUTES) as RouteName[]).map(matcherOf);

/** A request's route with its parameters as the address has them. */
export interface Matched {
  readonly name: RouteName;
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The route of a request.
 * @param path as it was sent, without the question mark and what follows
 * @throws ConsoleProblem for a path or a method that no route has
 */
export function routeOf(method: string, path: string): Matched {
  const ofPath = MATCHERS.flatMap((matcher) => {
    const match = matcher.pattern.exec(path);
    return match ? [{ matcher, values: match.slice(1) }] : [];
  });
  const found = ofPath.find(({ matcher }) => matcher.route.method === method);
  if (!found)
    throw ofPath.length === 0
      ? new ConsoleProblem(404, `the console has no ${path}`, "GET /api/openapi.json lists what it has")
      : new ConsoleProblem(
          405,
          `${path} does not take ${method}`,
          `use ${ofPath.map(({ matcher }) => matcher.route.method).join(" or ")}`,
        );
  const { matcher, values } = found;
  const parameters = Object.fromEntries(
    matcher.parameters.map((parameter, at) => [parameter, decoded(values[at]!)]),
  );
  return { name: matcher.name, route: matcher.route, parameters };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConsoleProblem(400, `${text} is not encoded as a part of an address`, "encode it as UTF-8");
  }
}

/** The parsed parameters of a request. @throws ConsoleProblem that names one that is invalid */
export function inputOf(
  { route, parameters }: Matched,
  search: URLSearchParams,
): { readonly parameters: Record<string, unknown>; readonly query: unknown } {
  return {
    parameters: Object.fromEntries(
      Object.entries(route.parameters ?? {}).map(([name, schema]) => [
        name,
        parsed(schema, parameters[name], name),
      ]),
    ),
    query: parsed(route.query ?? v.strictObject({}), queryOf(search), "the address"),
  };
}

function queryOf(search: URLSearchParams): Record<string, string> {
  const repeated = [...new Set(search.keys())].find((name) => search.getAll(name).length > 1);
  if (repeated !== undefined)
    throw new ConsoleProblem(400, `${repeated} is in the address more than once`, "name it once");
  return Object.fromEntries(search);
}

/** @throws ConsoleProblem with status 400 */
export function parsed(schema: v.GenericSchema, value: unknown, subject: string): unknown {
  const result = v.safeParse(schema, value);
  const problem = result.success
    ? listAsObject(value, result.output, subject)
    : explainIssue(result.issues[0], { subject });
  if (problem === undefined) return result.output;
  throw new ConsoleProblem(400, problem, "GET /api/openapi.json describes what the console takes");
}

/** Names a list where an object is expected: a schema takes an empty one for an object without fields (observed of valibot). */
function listAsObject(given: unknown, output: unknown, subject: string): string | undefined {
  if (Array.isArray(given) && !Array.isArray(output)) return `${subject} is a list; expected an object`;
  if (typeof given !== "object" || given === null) return undefined;
  const outputs = output as Readonly<Record<string, unknown>>;
  return Object.entries(given)
    .map(([key, value]) => listAsObject(value, outputs[key], key))
    .find((problem) => problem !== undefined);
}
