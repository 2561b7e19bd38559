// The lake's tables for CloudFormation, as ${file(./resources/tables.js):<name>}, with the columns of schemas/tables.
// Serverless reads .ts files as plain text, so this is JavaScript.
import { alertRecords } from "../schemas/tables/alert-records.ts";
import { glueColumns, gluePartitionKeys, projectionRules } from "../schemas/tables/column.ts";
import { detectionRecords } from "../schemas/tables/detection-records.ts";
import { faceRecords } from "../schemas/tables/face-records.ts";
import { sessionRecords } from "../schemas/tables/session-records.ts";

export const detectionRecordsTable = tableInput(detectionRecords);
export const sessionRecordsTable = tableInput(sessionRecords);
export const alertRecordsTable = tableInput(alertRecords);
export const faceRecordsTable = tableInput(faceRecords);

/** A Glue TableInput for Parquet under `s3://<lake bucket>/<table>/dt=…/hour=…/`, found by partition projection. */
function tableInput(table) {
  const partitions = gluePartitionKeys(table).map(({ Name }) => `${Name}=\${!${Name}}/`);
  return {
    Name: table.name,
    Description: table.description,
    TableType: "EXTERNAL_TABLE",
    Parameters: {
      EXTERNAL: "TRUE",
      classification: "parquet",
      ...projectionRules(table),
      "projection.dt.range": { "Fn::Sub": "${LakeFirstDay},NOW+1DAY" },
      "storage.location.template": { "Fn::Sub": `s3://\${LakeBucket}/${table.name}/${partitions.join("")}` },
    },
    PartitionKeys: gluePartitionKeys(table),
    StorageDescriptor: {
      Columns: glueColumns(table),
      Location: { "Fn::Sub": `s3://\${LakeBucket}/${table.name}/` },
      InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
      OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
      SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
    },
  };
}
