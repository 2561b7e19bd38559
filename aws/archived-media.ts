import { GetDataEndpointCommand, KinesisVideoClient, type APIName } from "@aws-sdk/client-kinesis-video";
import { KinesisVideoArchivedMediaClient } from "@aws-sdk/client-kinesis-video-archived-media";
import { isNamed } from "../base/errors.ts";

/** Streams whose endpoint is kept; more than a function's instance serves. */
const MAX_ENDPOINTS = 1000;

/**
 * Calls of an API of streams' archived media. GetDataEndpoint allows 5 calls a second for a stream (documented: quotas), so
 * an endpoint is looked up once, and streams with the same endpoint share a client, which has the Region and credentials of
 * `control`. A stream that is not found at its kept endpoint may have been created again since: its endpoint is then looked
 * up anew.
 * @returns makes a call on a stream with the client for it; throws what the call throws, or GetDataEndpoint's error
 */
export const archivedMedia = (apiName: APIName, control = new KinesisVideoClient({})) => {
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

  const clientOf = async (streamName: string): Promise<KinesisVideoArchivedMediaClient> => {
    const endpoint = await endpointOf(streamName);
    const { region, credentials } = control.config;
    const client =
      clients.get(endpoint) ?? new KinesisVideoArchivedMediaClient({ endpoint, region, credentials });
    clients.set(endpoint, client);
    return client;
  };

  return async <T>(
    streamName: string,
    call: (client: KinesisVideoArchivedMediaClient) => Promise<T>,
  ): Promise<T> => {
    const isKept = endpoints.has(streamName);
    try {
      return await call(await clientOf(streamName));
    } catch (error) {
      if (!isKept || !isNamed(error, "ResourceNotFoundException")) throw error;
      endpoints.delete(streamName);
      return await call(await clientOf(streamName));
    }
  };
};
