import { queryApi } from "../api/query.ts";
import type { Service } from "../service.ts";
import { getRole } from "./actions/get-role.ts";
import { resourceTypes } from "./resources.ts";

/** AWS IAM: the template's roles, which decide every call made with their credentials. */
export const iam: Service = {
  name: "iam",
  start: (cloud) => ({
    apis: [
      queryApi(
        {
          signingName: "iam",
          namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
          actions: { GetRole: getRole },
        },
        cloud,
        undefined,
      ),
    ],
    resources: resourceTypes(cloud),
  }),
};
