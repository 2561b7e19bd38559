// Names that Serverless cannot compose by itself, as ${file(./resources/names.js):<name>}.

/** The lake's database: SQL names have no hyphens, and stages have no underscores, so names stay unique. */
export const database = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const service = await resolveConfigurationProperty(["service"]);
  return `${service}_${(await resolveVariable("sls:stage")).replaceAll("-", "_")}`;
};
