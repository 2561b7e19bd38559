// Properties of the roles that Serverless generates, as ${file(./resources/roles.js):extensions}. The plugin that
// generates them supports a permissions boundary only without a condition.
const boundary = {
  "Fn::If": ["HasPermissionsBoundary", { Ref: "PermissionsBoundary" }, { Ref: "AWS::NoValue" }],
};

const logicalIdOf = (functionName) =>
  `${functionName[0].toUpperCase()}${functionName.slice(1)}IamRoleLambdaExecution`;

export const extensions = async ({ resolveConfigurationProperty }) => {
  const functions = await resolveConfigurationProperty(["functions"]);
  return {
    IamRoleLambdaExecution: { Condition: "SharedRole" },
    ...Object.fromEntries(
      Object.keys(functions).map((name) => [
        logicalIdOf(name),
        { Properties: { PermissionsBoundary: boundary } },
      ]),
    ),
  };
};
