import type { CompiledTemplate } from "./template.ts";
import { enginesIn, FRAMES_REGIONS, LABEL_REGIONS_AS_OF } from "../../schemas/regions.ts";

/** Why a stack in this Region could analyse nothing: no engine works there. Undefined if one does. */
export function regionProblem(region: string): string | undefined {
  if (enginesIn(region).length > 0) return undefined;
  return (
    `no engine works in ${region}: the engine frames needs Kinesis Video Streams and Rekognition's DetectLabels, the engine ` +
    `stream-processor Rekognition's label detection in streaming video (documented, as of ${LABEL_REGIONS_AS_OF}); ` +
    `choose one of ${Object.keys(FRAMES_REGIONS).join(", ")} with --region`
  );
}

/** The Regions of an engine without the resource type `AWS::Budgets::Budget` (documented: AWS's resource schemas, by Region). */
const WITHOUT_BUDGETS = ["ap-southeast-5", "eu-south-2", "il-central-1", "us-gov-west-1"];

/**
 * The template without the budget in Regions that lack its type: CloudFormation refuses a template with a type that it does
 * not know, also where the resource's condition is false (observed by third parties).
 */
export function withRegionsTypes(template: CompiledTemplate, region: string): CompiledTemplate {
  if (!WITHOUT_BUDGETS.includes(region)) return template;
  const { Budget: _, ...Resources } = template.Resources;
  const { HasBudget: __, ...Conditions } = template.Conditions ?? {};
  const { MonthlyBudgetUsd: ___, ...Parameters } = template.Parameters ?? {};
  return { ...template, Resources, Conditions, Parameters };
}

/** Why a stack in this Region cannot have the budget that was requested; undefined if it can, or if none was. */
export function budgetProblem({ Parameters = {} }: CompiledTemplate, region: string): string | undefined {
  if (!WITHOUT_BUDGETS.includes(region) || Number(Parameters["MonthlyBudgetUsd"]?.Default) === 0)
    return undefined;
  return `monthlyBudgetUsd cannot be set in ${region}, where CloudFormation has no budgets; create one in the console, or by AWS Budgets' API`;
}
