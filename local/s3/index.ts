import type { IncomingMessage } from "node:http";
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
    usePathStyle(call.request);
    for (const { action, resource } of accessesOf(call.request, call.url.searchParams, cloud.partition))
      cloud.access.authorise(call.caller, action, resource);
    await passOn(call, fauxqs.socketPath);
  },
});

/**
 * Moves the bucket of a virtual-hosted-style request, `<bucket>.localhost`, to its path, where it is authorised: fauxqs
 * reads it from the host.
 */
function usePathStyle(request: IncomingMessage): void {
  const [, bucket, host] = /^([^:]+)\.(localhost(?::\d+)?)$/i.exec(request.headers.host ?? "") ?? [];
  if (bucket === undefined) return;
  request.url = `/${bucket}${request.url}`;
  request.headers.host = host!;
}
