import type { JSX } from "preact";
import { Empty, Screen } from "../parts/states.tsx";

export const Cameras = (): JSX.Element => (
  <Screen title="Cameras">
    <Empty title="This screen is not there yet" />
  </Screen>
);
