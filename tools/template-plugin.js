// The Serverless plugin that makes the compiled template whole (resources/rules) and refuses, before anything is packaged
// or made, a stage, a Region or parameters that cannot work. Serverless loads plugins as JavaScript.
import { parameterValues } from "../local/template/parameters.ts";
import { completeTemplate } from "../resources/rules/complete.ts";
import { nameProblems } from "../resources/rules/names.ts";
import { regionProblem } from "../resources/rules/region.ts";
import { stageProblem } from "../resources/rules/stage.ts";

const KEEP_DATA = { true: true, false: false };

export default class TemplatePlugin {
  hooks;

  constructor(serverless) {
    const refuse = (problems) => {
      if (problems.length > 0) throw new serverless.classes.Error(problems.join("\n"));
    };
    const { service } = serverless;
    this.hooks = {
      "before:package:cleanup": () => {
        const { keepData } = service.custom;
        const provider = serverless.getProvider("aws");
        refuse([
          ...[stageProblem(provider.getStage()) ?? [], regionProblem(provider.getRegion()) ?? []].flat(),
          ...(Object.hasOwn(KEEP_DATA, keepData)
            ? []
            : [`keepData is "${keepData}"; expected true, or false for a stack whose data may go with it`]),
        ]);
        // The plugin that makes the functions' roles names them, and refuses names that are too long, before the rules
        // take the names away.
        for (const one of Object.values(service.functions)) one.iamRoleStatementsName = "unnamed";
      },
      "after:aws:package:finalize:mergeCustomProviderResources": () => {
        const template = service.provider.compiledCloudFormationTemplate;
        const { keepData, parameterRules: Rules } = service.custom;
        const complete = { ...completeTemplate(template, { keepData: KEEP_DATA[keepData] }), Rules };
        refuse([...nameProblems(complete), ...parameterProblems(complete)]);
        // Serverless holds on to the object itself.
        Object.assign(template, complete);
      },
    };
  }
}

/** What CloudFormation would refuse of the parameters, of which Serverless writes the values as defaults. */
function parameterProblems(template) {
  try {
    parameterValues(template);
    return [];
  } catch (error) {
    return [error.message];
  }
}
