import { OperatorError } from "../errors.ts";
import { text } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import type { HttpApiState } from "./state.ts";

/** Documented (AGW limits): an integration times out after at most 30 s. */
const MAX_INTEGRATION_MS = 30_000;

export const resourceTypes = (
  address: string,
  { integrations, routes, throttling }: HttpApiState,
): Record<string, ResourceType> => ({
  "AWS::ApiGatewayV2::Api": {
    properties: ["Name", "ProtocolType", "Description", "Tags"],
    create: ({ properties }) => {
      if (properties["ProtocolType"] !== "HTTP")
        throw new OperatorError("only the ProtocolType HTTP is emulated");
      return { ref: "local", attributes: { ApiId: "local", ApiEndpoint: address } };
    },
  },
  "AWS::ApiGatewayV2::Stage": {
    properties: [
      "ApiId",
      "StageName",
      "AutoDeploy",
      "AccessLogSettings",
      "DefaultRouteSettings",
      "RouteSettings",
      "Tags",
      "Description",
    ],
    create: ({ properties }) => {
      if (properties["StageName"] !== "$default")
        throw new OperatorError("only the stage $default is emulated");
      throttling.configure(properties);
      return { ref: "$default" };
    },
  },
  "AWS::ApiGatewayV2::Integration": {
    properties: [
      "ApiId",
      "IntegrationType",
      "IntegrationUri",
      "IntegrationMethod",
      "PayloadFormatVersion",
      "TimeoutInMillis",
      "Description",
    ],
    create: ({ logicalId, properties }) => {
      if (properties["IntegrationType"] !== "AWS_PROXY" || properties["PayloadFormatVersion"] !== "2.0")
        throw new OperatorError("only AWS_PROXY integrations with payload format 2.0 are emulated");
      const timeoutMs = Number(properties["TimeoutInMillis"] ?? MAX_INTEGRATION_MS);
      if (!(timeoutMs >= 50 && timeoutMs <= MAX_INTEGRATION_MS))
        throw new OperatorError(`TimeoutInMillis is ${timeoutMs}; expected 50..${MAX_INTEGRATION_MS}`);
      integrations.set(logicalId, { functionArn: text(properties, "IntegrationUri"), timeoutMs });
      return { ref: logicalId, attributes: { IntegrationId: logicalId } };
    },
  },
  "AWS::ApiGatewayV2::Route": {
    properties: ["ApiId", "RouteKey", "Target", "AuthorizationType"],
    create: ({ logicalId, properties }) => {
      if ((properties["AuthorizationType"] ?? "NONE") !== "NONE")
        throw new OperatorError("authorizers are not emulated");
      routes.set(text(properties, "RouteKey"), text(properties, "Target").replace(/^integrations\//, ""));
      return { ref: logicalId, attributes: { RouteId: logicalId } };
    },
  },
});
