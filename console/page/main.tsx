import { render } from "preact";
import { followLinks } from "./parts/address.ts";
import { listenToKeys } from "./parts/keys.ts";
import { connectLive } from "./parts/live.ts";
import { Shell } from "./shell.tsx";
import { applyStoredTheme } from "./theme.ts";

applyStoredTheme();
followLinks();
listenToKeys();
connectLive();
render(<Shell />, document.getElementById("page")!);
