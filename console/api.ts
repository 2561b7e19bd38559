import { cameraHandlers } from "./cameras.ts";
import { chainHandlers } from "./chains.ts";
import { clipHandlers } from "./clips.ts";
import type { ConsoleCloud } from "./cloud.ts";
import { dayHandlers } from "./day.ts";
import { flowHandlers } from "./flow.ts";
import type { Handlers } from "./handlers.ts";
import { overviewHandlers } from "./overview.ts";
import { pictureHandlers } from "./pictures.ts";
import { queryHandlers } from "./queries.ts";
import { tryHandlers } from "./tries.ts";

/** What the read API does, by route. */
export const handlersOf = (cloud: ConsoleCloud): Handlers => ({
  ...overviewHandlers(cloud),
  ...chainHandlers(cloud),
  ...pictureHandlers(cloud),
  ...clipHandlers(cloud),
  ...cameraHandlers(cloud),
  ...dayHandlers(cloud),
  ...queryHandlers(cloud),
  ...flowHandlers(cloud),
  ...tryHandlers(cloud),
});
