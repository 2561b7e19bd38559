// The lake's views for CloudFormation: every view listed in schemas/views, as resources of their own. A view's text is
// JSON in base64 that names the database, so it is made here, at packaging time, from the same variable that names the
// database in resources/lake.yml: what is deployed is plain text, and no intrinsic function reaches into base64.
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
