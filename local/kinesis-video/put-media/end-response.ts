import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../../base/clock.ts";

/** How long a producer may continue to send after an error before the connection is cut: it may not have read the error yet. */
const LINGER_MS = 2_000;

/**
 * Ends the response, and soon after it the connection unless the producer ends its request: closing it with unread data
 * would discard the last acknowledgement.
 */
export function endResponse(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  response.end();
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const cut = clock.after(LINGER_MS, () => socket.destroy());
  // The socket may outlive the request and serve further ones.
  const onClose = () => {
    cut.cancel();
    socket.off("close", onClose);
  };
  for (const end of [request, socket]) end.once("close", onClose);
  request.on("error", () => {});
  // The iterator that has read the body keeps the stream paused while it listens.
  request.removeAllListeners("readable");
  request.on("data", () => {});
}
