import * as v from "valibot";
import { randomId } from "../../../base/random.ts";
import type { Action } from "../../api/action.ts";
import { invalidRequest } from "../errors.ts";
import { MAX_QUERY_LENGTH, workGroupName } from "../inputs.ts";
import type { ExecutionRecord } from "../records.ts";
import type { AthenaState } from "../state.ts";
import { engineVersionOf, outputLocation } from "../work-groups.ts";

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
  WorkGroup: workGroupName,
  ExecutionParameters: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(1024))), v.minLength(1)),
  ),
});

/** Submits a query and returns at once; an error in its SQL appears in its state. */
export const startQueryExecution: Action<AthenaState, v.InferOutput<typeof input>, unknown> = {
  input,
  resources: ({ WorkGroup }, { state }) => state.arnOfWorkGroup(WorkGroup),
  run: (request, { state: athena, cloud, caller }) => {
    const { QueryString, ClientRequestToken, QueryExecutionContext: context, WorkGroup } = request;
    const { configuration, state } = athena.workGroup(WorkGroup);
    if (state === "DISABLED") throw invalidRequest(`WorkGroup ${WorkGroup} is disabled.`);
    const repeated =
      ClientRequestToken &&
      athena.executions.list().find(({ clientRequestToken }) => clientRequestToken === ClientRequestToken);
    if (repeated) {
      if (repeated.query !== QueryString) throw invalidRequest("Idempotent parameters do not match");
      return { QueryExecutionId: repeated.id };
    }
    const ofWorkGroup = configuration.ResultConfiguration?.OutputLocation;
    const ofClient = request.ResultConfiguration?.OutputLocation;
    const folder = configuration.EnforceWorkGroupConfiguration ? ofWorkGroup : (ofClient ?? ofWorkGroup);
    if (folder === undefined)
      throw invalidRequest(
        "No output location provided. An output location is required either through the Workgroup result " +
          "configuration setting or as an API input.",
      );
    const id = randomId();
    const outputFolder = folder.endsWith("/") ? folder : `${folder}/`;
    const execution: ExecutionRecord = {
      id,
      query: QueryString,
      statementType: statementType(QueryString),
      database: context?.Database ?? DEFAULT_DATABASE,
      catalog: (context?.Catalog ?? CATALOG).toLowerCase(),
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
    athena.executions.submit(execution, caller, configuration.BytesScannedCutoffPerQuery);
    return { QueryExecutionId: id };
  },
};

/** DDL for Athena's DDL statements, and for PREPARE and DEALLOCATE (unconfirmed). */
const statementType = (sql: string): ExecutionRecord["statementType"] =>
  /^\s*(SHOW|DESC|DESCRIBE|EXPLAIN)\b/i.test(sql)
    ? "UTILITY"
    : /^\s*(PREPARE|DEALLOCATE)\b/i.test(sql)
      ? "DDL"
      : "DML";
