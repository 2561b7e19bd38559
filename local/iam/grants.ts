import { applies, listOf, statementsOf, type AccessRequest, type Policy, type Statement } from "./policy.ts";

/** One action on one resource that a statement allows: the smallest permission that can be removed. */
export interface Grant {
  /** Its statement's Sid, or its place, e.g. `policies[0].Statement[3]`. */
  readonly statement: string;
  /** As in the statement; `not …` for NotAction. */
  readonly action: string;
  /** As in the statement; `not …` for NotResource. */
  readonly resource: string;
  /** The statement reduced to this grant, with a Sid that identifies it. */
  readonly alone: Statement;
}

/** Every grant of the policies, in their order. */
export const grantsOf = (policies: readonly Policy[]): readonly Grant[] =>
  policies.flatMap((policy, at) =>
    statementsOf(policy).flatMap((statement, place) =>
      statement.Effect === "Allow" ? piecesOf(statement, `policies[${at}].Statement[${place}]`) : [],
    ),
  );

/** The grants by which a call is allowed. */
export const grantsFor = (grants: readonly Grant[], request: AccessRequest): readonly Grant[] =>
  grants.filter(({ alone }) => applies(alone, request));

/** The same policies without one of their grants; what is denied stays denied. */
export const withoutGrant = (policies: readonly Policy[], removed: Grant): readonly Policy[] => [
  { Statement: policies.flatMap(statementsOf).filter(({ Effect }) => Effect === "Deny") },
  {
    Statement: grantsOf(policies)
      .filter((grant) => !isSame(grant, removed))
      .map(({ alone }) => alone),
  },
];

export const isSame = (one: Grant, other: Grant): boolean =>
  one.statement === other.statement && one.action === other.action && one.resource === other.resource;

function piecesOf(statement: Statement, place: string): Grant[] {
  const { Action, NotAction, Resource, NotResource, Sid = place } = statement;
  const actions = NotAction === undefined ? listOf(Action ?? []) : [undefined];
  const resources = NotResource === undefined ? listOf(Resource ?? "*") : [undefined];
  return actions.flatMap((action) =>
    resources.map((resource) => ({
      statement: Sid,
      action: action ?? `not ${listOf(NotAction!).join(", ")}`,
      resource: resource ?? `not ${listOf(NotResource!).join(", ")}`,
      alone: {
        ...statement,
        Sid,
        ...(action !== undefined && { Action: action }),
        ...(resource !== undefined && { Resource: resource }),
      },
    })),
  );
}
