/** An acknowledgement from PutMedia (documented: API reference, PutMedia response syntax). */
export type Ack = {
  eventType: "BUFFERING" | "RECEIVED" | "PERSISTED" | "ERROR" | "IDLE";
  /** In the stream's timecode scale, which the uploader keeps at milliseconds. */
  fragmentTimecode?: number;
  fragmentNumber?: string;
  errorId?: number;
  errorCode?: string;
};

const eventTypes = new Set(["BUFFERING", "RECEIVED", "PERSISTED", "ERROR", "IDLE"]);
const maxAckChars = 16_384;

/** A response that is not a valid acknowledgement. */
export class InvalidAckError extends Error {
  override readonly name = "InvalidAckError";
}

/**
 * Reads acknowledgements from a response as it arrives: JSON objects one after another, with or without white space
 * between them. An object is flat (observed: the producer SDK's parser accepts no other) or wrapped in
 * `Acknowledgement` (documented).
 * @throws InvalidAckError for anything else
 */
export async function* readAcks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Ack> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of chunks) {
    held += decoder.decode(chunk, { stream: true });
    for (let end = objectEnd(held); end > 0; end = objectEnd(held)) {
      yield parseAck(held.slice(0, end));
      held = held.slice(end);
    }
    if (held.length > maxAckChars)
      throw new InvalidAckError(`an acknowledgement of more than ${maxAckChars} characters`);
  }
  if (held.trim() !== "")
    throw new InvalidAckError(`the response ends inside an acknowledgement: ${excerpt(held)}`);
}

/** The end of the first JSON object in the text; 0 while it is incomplete. */
function objectEnd(text: string): number {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth <= 0) return i + 1;
  }
  return 0;
}

function parseAck(text: string): Ack {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidAckError(`expected a JSON acknowledgement, got ${excerpt(text)}`);
  }
  const wrapped = (value as { Acknowledgement?: unknown }).Acknowledgement ?? value;
  const fields = wrapped as Record<string, unknown>;
  const { EventType: eventType, FragmentTimecode, FragmentNumber, ErrorId, ErrorCode } = fields;
  if (typeof eventType !== "string" || !eventTypes.has(eventType))
    throw new InvalidAckError(
      `EventType is ${JSON.stringify(eventType)}; expected ${[...eventTypes].join(", ")}`,
    );
  return {
    eventType: eventType as Ack["eventType"],
    ...(FragmentTimecode !== undefined && { fragmentTimecode: Number(FragmentTimecode) }),
    ...((typeof FragmentNumber === "string" || typeof FragmentNumber === "number") && {
      fragmentNumber: String(FragmentNumber),
    }),
    ...(ErrorId !== undefined && { errorId: Number(ErrorId) }),
    ...(typeof ErrorCode === "string" && { errorCode: ErrorCode }),
  };
}

function excerpt(text: string): string {
  return JSON.stringify(text.trim().slice(0, 200));
}
