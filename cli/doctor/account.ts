import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from "@aws-sdk/client-cloudformation";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { errorMessage } from "../../base/errors.ts";
import { explanationOf } from "../../operator/aws-errors.ts";
import type { ClientConfig } from "../../operator/client-config.ts";
import { stackOutputs } from "../../operator/stack.ts";
import { enginesIn, FRAMES_REGIONS, LABEL_REGIONS_AS_OF } from "../../schemas/regions.ts";
import type { Account, StackResource } from "./check.ts";
import { failed, ok, unknown, wrong, type Finding } from "./finding.ts";

/** A list of findings with a heading. */
export interface Section {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** Checks the caller's identity, the Region and the stack, which every other check needs. */
export async function openAccount(
  config: ClientConfig,
  stackName: string,
  sinceMs: number,
  nowMs: number,
): Promise<{ account: Account; sections: Section[] }> {
  const identity = await identify(config);
  const found = identity.accountId === undefined ? { findings: [] } : await findStack(config, stackName);
  return {
    account: {
      config,
      stackName,
      region: identity.region,
      accountId: identity.accountId,
      outputs: found.outputs,
      resources: found.resources ?? [],
      sinceMs,
      nowMs,
    },
    sections: [
      { name: "account", findings: [...identity.findings, regionFinding(identity.region)] },
      { name: `stack ${stackName}`, findings: found.findings },
    ],
  };
}

async function identify(config: ClientConfig) {
  const client = new STSClient(config);
  let region: string | undefined;
  try {
    region = await client.config.region();
    const { Account: accountId, Arn } = await client.send(new GetCallerIdentityCommand({}));
    return { region, accountId, findings: [ok(`credentials of ${Arn}`)] };
  } catch (error) {
    const { problem, advice } = explanationOf(error) ?? { problem: errorMessage(error), advice: undefined };
    const finding =
      region === undefined
        ? wrong(`no Region: ${problem}`, "give --region, or set AWS_REGION or a Region in the profile")
        : wrong(
            `the caller is unknown: ${problem}`,
            advice ?? "check the credentials: run aws configure or aws sso login, or set AWS_PROFILE",
          );
    return { region, accountId: undefined, findings: [finding] };
  } finally {
    client.destroy();
  }
}

function regionFinding(region: string | undefined): Finding {
  const all = Object.keys(FRAMES_REGIONS).join(", ");
  if (region === undefined)
    return unknown("no Region is set, so its features are unknown", `choose one of ${all}`);
  const engines = enginesIn(region);
  return engines.length > 0
    ? ok(
        `Region ${region} has the engine${engines.length > 1 ? "s" : ""} ${new Intl.ListFormat("en-GB").format(engines)} (as of ${LABEL_REGIONS_AS_OF})`,
      )
    : wrong(
        `no engine works in the Region ${region} (as of ${LABEL_REGIONS_AS_OF})`,
        `deploy to one of ${all}`,
      );
}

async function findStack(config: ClientConfig, stackName: string) {
  const client = new CloudFormationClient(config);
  const permissions = "cloudformation:DescribeStacks and ListStackResources";
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const status = stackFinding(stackName, Stacks?.[0]?.StackStatus, Stacks?.[0]?.StackStatusReason);
    const resources: StackResource[] = [];
    const pages = paginateListStackResources({ client }, { StackName: stackName });
    for await (const { StackResourceSummaries = [] } of pages)
      for (const {
        LogicalResourceId = "",
        PhysicalResourceId = "",
        ResourceType = "",
      } of StackResourceSummaries)
        resources.push({ logicalId: LogicalResourceId, physicalId: PhysicalResourceId, type: ResourceType });
    const outputs = await stackOutputs(stackName, config).catch(() => undefined);
    return {
      outputs,
      resources,
      findings: [
        status,
        outputs
          ? ok(`${resources.length} resources, and the outputs that the commands need`)
          : wrong(
              "it lacks outputs that the commands need",
              "name Doorstep's own stack with --stack, or deploy again",
            ),
      ],
    };
  } catch (error) {
    const isMissing = error instanceof Error && /does not exist/.test(error.message);
    const finding = isMissing
      ? unknown("it does not exist", "deploy it, then run doctor again")
      : failed("the stack", error, permissions);
    return { findings: [finding] };
  } finally {
    client.destroy();
  }
}

/** The finding of a stack's status (documented: CloudFormation user guide, "Stack status codes"). */
export function stackFinding(name: string, status = "UNKNOWN", reason?: string): Finding {
  const why = reason ? `: ${reason}` : "";
  if (["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"].includes(status))
    return ok(`it is ${status}`);
  if (status === "UPDATE_ROLLBACK_COMPLETE")
    return wrong(
      `it is ${status}: the last deployment failed and was rolled back${why}`,
      `aws cloudformation describe-stack-events --stack-name ${name}, fix the first failure, deploy again`,
    );
  if (status.endsWith("_IN_PROGRESS")) return unknown(`it is ${status}`, "wait until it is complete");
  return wrong(
    `it is ${status}${why}`,
    `aws cloudformation describe-stack-events --stack-name ${name} shows the first failure`,
  );
}
