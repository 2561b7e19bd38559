import { NodeHttpHandler } from "@smithy/node-http-handler";

/**
 * Connections that all SDK clients of a configuration share, over HTTP/1.1. A client that is destroyed leaves them to the
 * others; they end with {@link SharedConnections.close}.
 */
export class SharedConnections extends NodeHttpHandler {
  override destroy(): void {}

  close(): void {
    super.destroy();
  }
}
