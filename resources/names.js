// Names and defaults that Serverless cannot compose by itself, as ${file(./resources/names.js):<name>}.
import { FRAMES_REGIONS, searchesPerSecond } from "../schemas/regions.ts";

/** The lake's database: SQL names have no hyphens, and stages have no underscores, so names stay unique. */
export const database = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const service = await resolveConfigurationProperty(["service"]);
  return `${service}_${(await resolveVariable("sls:stage")).replaceAll("-", "_")}`;
};

/** The Region's quota of calls of DetectLabels a second. */
export const detectLabelsPerSecond = async ({ resolveVariable }) => {
  const region = await resolveVariable("aws:region");
  return FRAMES_REGIONS[region]?.callsPerSecond ?? 5;
};

/** The Region's quota of calls of SearchUsersByImage a second. */
export const searchFacesPerSecond = async ({ resolveVariable }) =>
  searchesPerSecond(await resolveVariable("aws:region"));
