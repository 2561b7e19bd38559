import type { Api } from "../api/api.ts";
import { passOn } from "../api/proxy.ts";
import type { Cloud } from "../cloud.ts";
import type { Fauxqs } from "../fauxqs.ts";
import type { Service } from "../service.ts";
import { accessesOf } from "./accesses.ts";
import { resourceTypes } from "./resources.ts";

/** Amazon S3: fauxqs behind the endpoint, with every call authorised as S3's own IAM actions. */
export const s3 = (fauxqs: Fauxqs): Service => ({
  name: "s3",
  start: (cloud) => ({ apis: [api(cloud, fauxqs)], resources: resourceTypes(cloud) }),
});

const api = (cloud: Cloud, fauxqs: Fauxqs): Api => ({
  signingName: "s3",
  actions: "fauxqs",
  protocol: "s3",
  handle: async (call) => {
    for (const { action, resource } of accessesOf(call.request, call.url.searchParams, cloud.partition))
      cloud.access.authorise(call.caller, action, resource);
    await passOn(call, fauxqs.address);
  },
});
