import type { JSX } from "preact";
import { useOverview } from "../overview.ts";
import { setParams } from "../parts/address.ts";
import { Segments, Select, Switch } from "../parts/controls.tsx";
import { labelName } from "../parts/format.ts";

const NAMES = ["camera", "label", "person", "reviewed"] as const;

export const hasFilters = (params: URLSearchParams): boolean => NAMES.some((name) => params.get(name));

export const withoutFilters = (params: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...params].filter(([name]) => !NAMES.some((one) => one === name)));

/** What the feed shows; all of it is in the address. */
export function Filters({ params }: { readonly params: URLSearchParams }): JSX.Element {
  const { data } = useOverview();
  const isSynthetic = params.get("synthetic") === "true";
  const cameras = (data?.cameras ?? []).filter((camera) => camera.isSynthetic === isSynthetic);
  const value = (name: string): string => params.get(name) ?? "";
  const withCurrent = (name: string, options: readonly { value: string; name: string }[]) =>
    value(name) === "" || options.some((option) => option.value === value(name))
      ? options
      : [...options, { value: value(name), name: value(name) }];
  const persons = (data?.persons ?? []).map(({ personId, name }) => ({
    value: personId,
    name: name ?? personId,
  }));
  return (
    <>
      <Segments
        name="Reviewed"
        value={params.get("reviewed") === "false" ? "open" : "all"}
        options={[
          { value: "all", name: "All" },
          { value: "open", name: "To review" },
        ]}
        onChange={(chosen) => setParams({ reviewed: chosen === "open" ? "false" : undefined })}
      />
      <Select
        name="Camera"
        isNameHidden
        value={value("camera")}
        options={withCurrent("camera", [
          { value: "", name: "All cameras" },
          ...cameras.map(({ cameraId }) => ({ value: cameraId, name: cameraId })),
        ])}
        onChange={(camera) => setParams({ camera })}
      />
      <Select
        name="Label"
        isNameHidden
        value={value("label")}
        options={withCurrent("label", [
          { value: "", name: "All labels" },
          ...(data?.labels ?? []).map((label) => ({ value: label, name: labelName(label) })),
        ])}
        onChange={(label) => setParams({ label })}
      />
      {(persons.length > 0 || value("person") !== "") && (
        <Select
          name="Person"
          isNameHidden
          value={value("person")}
          options={withCurrent("person", [
            { value: "", name: "All faces" },
            ...persons,
            { value: "unknown", name: "Unknown faces" },
          ])}
          onChange={(person) => setParams({ person })}
        />
      )}
      {(isSynthetic || data?.cameras.some((camera) => camera.isSynthetic)) && (
        <Switch
          name="Synthetic"
          isOn={isSynthetic}
          onChange={(isOn) => setParams({ synthetic: isOn ? "true" : undefined, camera: undefined })}
        />
      )}
    </>
  );
}
