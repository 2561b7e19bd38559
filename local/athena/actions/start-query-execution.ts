import * as v from "valibot";
import { randomId } from "../../../base/random.ts";
import type { Action } from "../../api/action.ts";
import { AwsError } from "../../errors.ts";
import { outputLocation, engineVersionOf, PRIMARY } from "../work-groups.ts";
import type { AthenaState } from "../index.ts";
import type { ExecutionRecord } from "../store.ts";

const MAX_QUERY_LENGTH = 262_144;
const DEFAULT_DATABASE = "default";
const CATALOG = "AwsDataCatalog";

const input = v.strictObject({
  QueryString: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_QUERY_LENGTH)),
  ClientRequestToken: v.optional(v.pipe(v.string(), v.minLength(32), v.maxLength(128))),
  QueryExecutionContext: v.optional(
    v.strictObject({
      Database: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(255), v.toLowerCase())),
      Catalog: v.optional(
        v.pipe(
          v.string(),
          v.check(
            (catalog) => catalog.toLowerCase() === CATALOG.toLowerCase(),
            `expected ${CATALOG}, the only catalog`,
          ),
        ),
      ),
    }),
  ),
  ResultConfiguration: v.optional(
    v.strictObject({
      OutputLocation: v.optional(outputLocation),
      EncryptionConfiguration: v.optional(v.unknown()),
      ExpectedBucketOwner: v.optional(v.string()),
    }),
  ),
  WorkGroup: v.optional(v.string(), PRIMARY),
  ExecutionParameters: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(1024))), v.minLength(1)),
  ),
});

/** Takes a query in and answers at once; whatever is wrong with its SQL shows in its state. */
export const startQueryExecution: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ WorkGroup }, { state }) => state.store.arnOfWorkGroup(WorkGroup),
  run: (request, { state: { store, executions }, cloud, caller }) => {
    const { QueryString, ClientRequestToken, QueryExecutionContext, ResultConfiguration, WorkGroup } =
      request;
    const { configuration, state } = store.workGroup(WorkGroup);
    if (state === "DISABLED")
      throw new AwsError("InvalidRequestException", `WorkGroup ${WorkGroup} is disabled.`);
    const repeated = ClientRequestToken && ofToken(store.executions.list(), ClientRequestToken);
    if (repeated) {
      if (repeated.query !== QueryString)
        throw new AwsError("InvalidRequestException", "Idempotent parameters do not match");
      return { QueryExecutionId: repeated.id };
    }
    const ofWorkGroup = configuration.ResultConfiguration?.OutputLocation;
    const ofClient = ResultConfiguration?.OutputLocation;
    const folder = configuration.EnforceWorkGroupConfiguration ? ofWorkGroup : (ofClient ?? ofWorkGroup);
    if (folder === undefined)
      throw new AwsError(
        "InvalidRequestException",
        "No output location provided. An output location is required either through the Workgroup result " +
          "configuration setting or as an API input.",
      );
    const id = randomId();
    const outputFolder = folder.endsWith("/") ? folder : `${folder}/`;
    const execution: ExecutionRecord = {
      id,
      query: QueryString,
      statementType: statementType(QueryString),
      database: QueryExecutionContext?.Database ?? DEFAULT_DATABASE,
      catalog: (QueryExecutionContext?.Catalog ?? CATALOG).toLowerCase(),
      workGroup: WorkGroup,
      engineVersion: engineVersionOf(configuration).EffectiveEngineVersion,
      clientRequestToken: ClientRequestToken,
      parameters: request.ExecutionParameters,
      outputFolder,
      outputLocation: `${outputFolder}${id}.csv`,
      state: "QUEUED",
      submittedAtMs: cloud.clock.now(),
      scannedBytes: 0,
      columns: [],
    };
    executions.submit(execution, caller, configuration.BytesScannedCutoffPerQuery);
    return { QueryExecutionId: id };
  },
};

/** DDL for what Athena calls so, which is also PREPARE and DEALLOCATE (unconfirmed). */
const statementType = (sql: string): ExecutionRecord["statementType"] =>
  /^\s*(SHOW|DESC|DESCRIBE|EXPLAIN)\b/i.test(sql)
    ? "UTILITY"
    : /^\s*(PREPARE|DEALLOCATE)\b/i.test(sql)
      ? "DDL"
      : "DML";

const ofToken = (executions: readonly ExecutionRecord[], token: string): ExecutionRecord | undefined =>
  executions.find(({ clientRequestToken }) => clientRequestToken === token);
