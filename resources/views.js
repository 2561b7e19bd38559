// The lake's views for CloudFormation: every view in schemas/views is a resource. A view's text is JSON in base64 with the
// database's name, and intrinsic functions do not reach into base64. So it is generated when packaging, from the same
// variable as the database in resources/lake.yml.
import { viewInput } from "../schemas/views/view.ts";
import { views } from "../schemas/views/views.ts";

/** `DetectionsView` for `detections`. */
const logicalId = (name) =>
  `${name
    .split("_")
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join("")}View`;

export const template = async ({ resolveConfigurationProperty }) => {
  const database = await resolveConfigurationProperty(["custom", "database"]);
  const resources = views.map((view) => [
    logicalId(view.name),
    {
      Type: "AWS::Glue::Table",
      Properties: {
        CatalogId: { Ref: "AWS::AccountId" },
        DatabaseName: { Ref: "LakeDatabase" },
        TableInput: viewInput(view, database),
      },
    },
  ]);
  return { Resources: Object.fromEntries(resources) };
};
