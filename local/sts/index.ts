import { queryApi } from "../api/query.ts";
import type { Service } from "../service.ts";
import { assumeRole } from "./actions/assume-role.ts";
import { getCallerIdentity } from "./actions/get-caller-identity.ts";

/** AWS Security Token Service: who calls, and assuming a role. */
export const sts: Service = {
  name: "sts",
  start: (cloud) => ({
    apis: [
      queryApi(
        {
          signingName: "sts",
          namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
          actions: { GetCallerIdentity: getCallerIdentity, AssumeRole: assumeRole },
        },
        cloud,
        undefined,
      ),
    ],
  }),
};
