import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError, withQuery } from "./api.ts";
import { Failed } from "./states.tsx";

/** A stored clip of a camera's video; words if the video is gone. */
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
  const [problem, setProblem] = useState<{ readonly message: string; readonly remedy?: string }>();
  const src = withQuery("/api/clips", { camera: cameraId, from: fromMs, to: toMs });
  if (problem) return <Failed error={new ApiError(0, problem.message, problem.remedy)} />;
  return (
    <video
      class="clip"
      src={src}
      controls
      autoplay
      playsInline
      onError={() => void explain(src).then(setProblem)}
      aria-label={`Video of ${cameraId}`}
    />
  );
}

/** Why a clip does not play: a video element does not say. */
async function explain(src: string): Promise<{ message: string; remedy?: string }> {
  try {
    const response = await fetch(src);
    if (response.ok) {
      await response.body?.cancel();
      return {
        message: "This browser cannot play the video",
        remedy: "Fetch it as a file: npx doorstep clip --help",
      };
    }
    const { error, remedy } = (await response.json()) as { error: string; remedy?: string };
    return { message: error, ...(remedy && { remedy }) };
  } catch {
    return { message: "The console's server does not respond" };
  }
}
