// The Serverless plugin that completes the compiled template (resources/rules) and rejects, before anything is packaged or
// deployed, a stage, a Region or parameters that cannot work. Serverless loads plugins as JavaScript.
import { systemClock } from "../base/clock.ts";
import { SECOND_MS } from "../base/durations.ts";
import { parameterValues } from "../local/template/parameters.ts";
import { completeTemplate } from "../resources/rules/complete.ts";
import { nameProblems } from "../resources/rules/names.ts";
import { budgetProblem, regionProblem, withRegionsTypes } from "../resources/rules/region.ts";
import { stageProblem } from "../resources/rules/stage.ts";

const KEEP_DATA = { true: true, false: false };
/** For the error to be printed. */
const EXIT_AFTER_MS = SECOND_MS;

export default class TemplatePlugin {
  hooks;

  constructor(serverless) {
    const reject = (problems) => {
      if (problems.length > 0) throw new serverless.classes.Error(problems.join("\n"));
    };
    const { service } = serverless;
    this.hooks = {
      // After a bundle that cannot be built, esbuild's process keeps Serverless from ending.
      error: () => void systemClock.after(EXIT_AFTER_MS, () => process.exit(1)),
      "before:package:cleanup": () => {
        const { keepData } = service.custom;
        const provider = serverless.getProvider("aws");
        reject([
          ...[stageProblem(provider.getStage()) ?? [], regionProblem(provider.getRegion()) ?? []].flat(),
          ...(Object.hasOwn(KEEP_DATA, keepData)
            ? []
            : [
                `keepData is "${keepData}"; expected true, or false for a stack whose data may be deleted with it`,
              ]),
        ]);
        // The plugin for functions' roles rejects long role names, before the rules remove the names.
        for (const one of Object.values(service.functions)) one.iamRoleStatementsName = "unnamed";
      },
      "after:aws:package:finalize:mergeCustomProviderResources": () => {
        const template = service.provider.compiledCloudFormationTemplate;
        const { keepData, parameterRules: Rules } = service.custom;
        const region = serverless.getProvider("aws").getRegion();
        const all = completeTemplate(template, { keepData: KEEP_DATA[keepData] });
        const complete = { ...withRegionsTypes(all, region), Rules };
        reject([
          ...[budgetProblem(all, region) ?? []].flat(),
          ...nameProblems(complete),
          ...parameterProblems(complete),
        ]);
        // Serverless keeps a reference to this object.
        Object.assign(template, complete);
      },
    };
  }
}

/** Parameters that CloudFormation would reject; Serverless writes their values as defaults. */
function parameterProblems(template) {
  try {
    parameterValues(template);
    return [];
  } catch (error) {
    return [error.message];
  }
}
