import type { Cloud } from "../cloud.ts";
import { text } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import { greetingArn, type HelloState } from "./state.ts";

export const resourceTypes = (cloud: Cloud, state: HelloState): Record<string, ResourceType> => ({
  "Local::Hello::Greeting": {
    properties: ["Name", "Text"],
    create: ({ properties }) => {
      const name = text(properties, "Name");
      const createdAtMs = state.greetings.get(name)?.createdAtMs ?? cloud.clock.now();
      state.greetings.put(name, { name, text: text(properties, "Text"), createdAtMs });
      return { ref: name, attributes: { Arn: greetingArn(cloud, name) } };
    },
  },
});
