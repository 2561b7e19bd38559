// Names that Serverless cannot put together by itself, as ${file(./resources/names.js):<name>}.

/** The lake's database: SQL takes no hyphen in a name, and a stage has no underscore that this could meet. */
export const database = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const service = await resolveConfigurationProperty(["service"]);
  return `${service}_${(await resolveVariable("sls:stage")).replaceAll("-", "_")}`;
};
