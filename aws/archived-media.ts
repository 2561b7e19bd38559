import { GetDataEndpointCommand, KinesisVideoClient, type APIName } from "@aws-sdk/client-kinesis-video";
import { KinesisVideoArchivedMediaClient } from "@aws-sdk/client-kinesis-video-archived-media";

/** Streams whose endpoint is kept; more than a function's instance serves. */
const MAX_ENDPOINTS = 1000;

/**
 * The clients for an API of streams' archived media. GetDataEndpoint allows 5 calls a second for a stream (documented:
 * quotas), so an endpoint is looked up once, and streams with the same endpoint share a client, which has the Region and
 * credentials of `control`.
 * @returns the client for a stream's media; it throws GetDataEndpoint's error
 */
export const archivedMediaClients = (apiName: APIName, control = new KinesisVideoClient({})) => {
  const endpoints = new Map<string, Promise<string>>();
  const clients = new Map<string, KinesisVideoArchivedMediaClient>();

  const endpointOf = (streamName: string): Promise<string> => {
    const known = endpoints.get(streamName);
    if (known) return known;
    if (endpoints.size >= MAX_ENDPOINTS) endpoints.clear();
    const endpoint = control
      .send(new GetDataEndpointCommand({ StreamName: streamName, APIName: apiName }))
      .then(({ DataEndpoint }) => DataEndpoint!);
    endpoints.set(streamName, endpoint);
    endpoint.catch(() => endpoints.delete(streamName));
    return endpoint;
  };

  return async (streamName: string): Promise<KinesisVideoArchivedMediaClient> => {
    const endpoint = await endpointOf(streamName);
    const { region, credentials } = control.config;
    const client =
      clients.get(endpoint) ?? new KinesisVideoArchivedMediaClient({ endpoint, region, credentials });
    clients.set(endpoint, client);
    return client;
  };
};
