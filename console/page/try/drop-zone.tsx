import type { JSX } from "preact";
import { useState } from "preact/hooks";

/** Takes a clip: dropped, or chosen with the browser's own dialog. */
export function DropZone({
  isBusy,
  onFile,
}: {
  readonly isBusy: boolean;
  readonly onFile: (file: File) => void;
}): JSX.Element {
  const [isOver, setIsOver] = useState(false);
  const take = (files: FileList | null | undefined): void => {
    const file = files?.[0];
    if (file && !isBusy) onFile(file);
  };
  return (
    <label
      class={`drop-zone${isOver ? " over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <b>Drop a clip here, or choose one</b>
      <span>MP4, MOV, MKV or MPEG-TS. It is uploaded as if it had just been recorded, with its motion.</span>
      <input
        type="file"
        accept="video/*,.mkv,.ts"
        disabled={isBusy}
        onChange={(event) => {
          take(event.currentTarget.files);
          // The same file may be chosen again.
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}
