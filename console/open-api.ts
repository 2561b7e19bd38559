import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { ROUTES, type Route, type RouteName } from "../schemas/console/routes.ts";
import { problem } from "../schemas/console/values.ts";

type Json = Readonly<Record<string, unknown>>;

/** A schema as JSON Schema. Rules that JSON Schema cannot express, such as times that exclude each other, are left out. */
function jsonSchema(schema: v.GenericSchema, typeMode: "input" | "output"): Json {
  const { $schema: _, ...rest } = toJsonSchema(schema, { typeMode, errorMode: "ignore" });
  return rest;
}

const PROBLEM = { $ref: "#/components/responses/Problem" };
const json = (schema: Json): Json => ({ "application/json": { schema } });

/** The parameters of a schema of texts. */
function queryParameters(schema: v.GenericSchema | undefined): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input") as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema: one,
  }));
}

function answerOf({ answer }: Route): Json {
  switch (answer.kind) {
    case "json":
      return { description: "The result", content: json(jsonSchema(answer.schema, "output")) };
    case "bytes":
      return { description: "The bytes", content: { [answer.type]: {} } };
    case "events":
      return {
        description: "Events, until the client closes the connection",
        content: { "text/event-stream": {} },
      };
  }
}

function bodyOf({ body }: Route): Json {
  if (!body) return {};
  const content =
    body.kind === "json"
      ? json(jsonSchema(body.schema, "input"))
      : Object.fromEntries(body.types.map((type) => [type, {}]));
  return { requestBody: { required: true, content } };
}

function operation(name: RouteName): Json {
  const route: Route = ROUTES[name];
  const parameters = [
    ...Object.entries(route.parameters ?? {}).map(([parameter, schema]) => ({
      name: parameter,
      in: "path",
      required: true,
      schema: jsonSchema(schema, "input"),
    })),
    ...queryParameters(route.query),
  ];
  return {
    operationId: name,
    summary: route.summary,
    ...(parameters.length > 0 && { parameters }),
    ...bodyOf(route),
    responses: { 200: answerOf(route), default: PROBLEM },
  };
}

/** The console's read API in OpenAPI 3.1, from the list of its routes. */
export function openApi(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const { method, path } = ROUTES[name];
    // OpenAPI's parameters have no form for the rest of a path.
    const template = path.replaceAll("+}", "}");
    (paths[template] ??= {})[method.toLowerCase()] = operation(name);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Doorstep console",
      version: "1",
      description:
        "What the console's page reads and writes, on loopback. Each request needs the cookie that the printed address sets; a write also needs the header Origin with the console's own address. docs/console.md explains it.",
    },
    security: [{ cookie: [] }],
    paths,
    components: {
      securitySchemes: {
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: "doorstep-console-{port}",
          description: "The token of the console's start; the name ends with the port",
        },
      },
      responses: {
        Problem: {
          description: "What went wrong, and what to do",
          content: json(jsonSchema(problem, "output")),
        },
      },
    },
  };
}
