import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { fetchBlob, withQuery, type ApiError } from "./api.ts";
import { Failed } from "./states.tsx";

/**
 * A stored clip of a camera's video; words if the video is gone. It is fetched whole, so that the player can seek in it, and
 * so that a failure has a reason.
 */
export function Clip({
  cameraId,
  fromMs,
  toMs,
}: {
  readonly cameraId: string;
  /** Producer times. */
  readonly fromMs: number;
  readonly toMs: number;
}): JSX.Element {
  const [url, setUrl] = useState<string>();
  const [error, setError] = useState<Pick<ApiError, "message" | "remedy">>();
  const path = withQuery("/api/clips", { camera: cameraId, from: Math.floor(fromMs), to: Math.ceil(toMs) });
  useEffect(() => {
    const controller = new AbortController();
    let created: string | undefined;
    fetchBlob(path, controller.signal).then(
      (blob) => setUrl((created = URL.createObjectURL(blob))),
      (problem: ApiError) => !controller.signal.aborted && setError(problem),
    );
    return () => {
      controller.abort();
      if (created !== undefined) URL.revokeObjectURL(created);
    };
  }, [path]);
  if (error) return <Failed error={error} />;
  if (url === undefined)
    return (
      <div class="clip waiting" role="status">
        Fetching the video
      </div>
    );
  return (
    <video
      class="clip"
      src={url}
      controls
      autoplay
      muted
      playsInline
      onError={() =>
        setError({
          message: "This browser cannot play the video",
          remedy: "npx doorstep clip writes it to a file",
        })
      }
      aria-label={`Video of ${cameraId}`}
    />
  );
}
