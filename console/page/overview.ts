import type { Overview } from "../../schemas/console/overview.ts";
import { createStore, useStore } from "./parts/store.ts";
import type { Resource } from "./parts/api.ts";

/** The stack, its cameras, labels and persons: the shell reads it once for all screens. */
const overview = createStore<Resource<Overview>>({
  data: undefined,
  error: undefined,
  isLoading: true,
  reload: () => undefined,
});

export const useOverview = (): Resource<Overview> => useStore(overview);

export const shareOverview = (resource: Resource<Overview>): void => overview.set(resource);
