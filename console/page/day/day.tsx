import type { JSX } from "preact";
import { Empty, Screen } from "../parts/states.tsx";

export const Day = (): JSX.Element => (
  <Screen title="Day">
    <Empty title="This screen is not there yet" />
  </Screen>
);
