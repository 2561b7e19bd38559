import type { JSX } from "preact";
import { useOverview } from "../overview.ts";
import { setParams } from "../parts/address.ts";
import { Segments, Select, Switch } from "../parts/controls.tsx";
import { labelName } from "../parts/format.ts";

const NAMES = ["camera", "label", "person", "reviewed"] as const;

export const hasFilters = (params: URLSearchParams): boolean => NAMES.some((name) => params.get(name));

export const withoutFilters = (params: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...params].filter(([name]) => !NAMES.some((one) => one === name)));

/** A filter as a choice of one, with the address's value even if it is none of the options. */
function FilterSelect({
  filter,
  params,
  options,
}: {
  readonly filter: "camera" | "label" | "person";
  readonly params: URLSearchParams;
  readonly options: readonly { readonly value: string; readonly name: string }[];
}): JSX.Element {
  const value = params.get(filter) ?? "";
  const isOption = options.some((option) => option.value === value);
  return (
    <Select
      name={filter.charAt(0).toUpperCase() + filter.slice(1)}
      isNameHidden
      value={value}
      options={isOption ? options : [...options, { value, name: value }]}
      onChange={(chosen) => setParams({ [filter]: chosen })}
    />
  );
}

/** What the feed shows; all of it is in the address. */
export function Filters({ params }: { readonly params: URLSearchParams }): JSX.Element {
  const { data } = useOverview();
  const isSynthetic = params.get("synthetic") === "true";
  const cameras = (data?.cameras ?? []).filter((camera) => camera.isSynthetic === isSynthetic);
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
      <FilterSelect
        filter="camera"
        params={params}
        options={[
          { value: "", name: "All cameras" },
          ...cameras.map(({ cameraId }) => ({ value: cameraId, name: cameraId })),
        ]}
      />
      <FilterSelect
        filter="label"
        params={params}
        options={[
          { value: "", name: "All labels" },
          ...(data?.labels ?? []).map((label) => ({ value: label, name: labelName(label) })),
        ]}
      />
      {(persons.length > 0 || params.get("person")) && (
        <FilterSelect
          filter="person"
          params={params}
          options={[
            { value: "", name: "All faces" },
            ...persons,
            { value: "unknown", name: "Unknown faces" },
          ]}
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
