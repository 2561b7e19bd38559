import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../../base/clock.ts";

/** How long a producer that was told of an error may go on sending before it is cut off: else it might miss the error. */
const LINGER_MS = 2_000;

/**
 * Ends the answer, and soon the connection unless the producer ends its request: closing it over unread data would take
 * the last acknowledgement along.
 */
export function endAnswer(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  response.end();
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const cut = clock.after(LINGER_MS, () => socket.destroy());
  // The socket may outlive the request, and carry more of them.
  const onClose = () => {
    cut.cancel();
    socket.off("close", onClose);
  };
  for (const end of [request, socket]) end.once("close", onClose);
  request.on("error", () => {});
  // The iterator that read so far holds the stream back for as long as it listens.
  request.removeAllListeners("readable");
  request.on("data", () => {});
}
