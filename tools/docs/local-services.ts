import { allServices } from "../../local/services.ts";
import type { RunningService, Service } from "../../local/service.ts";
import { startLocalCloud } from "../../local/index.ts";
import { withoutLocalMeaning } from "../../local/template/without-local-meaning.ts";

/** What each service of the local cloud serves, by its folder's name. @param more services beside the default ones */
export async function servicesOf(more: readonly Service[] = []): Promise<Map<string, RunningService>> {
  const started = new Map<string, RunningService>();
  const recorded = (service: Service): Service => ({
    ...service,
    start: async (cloud) => {
      const running = await service.start(cloud);
      started.set(service.name, running);
      return running;
    },
  });
  const cloud = await startLocalCloud({
    template: { Resources: {} },
    artifactFolder: "",
    services: async (host) => [...(await allServices(0)(host)), ...more].map(recorded),
  });
  await cloud.stop();
  return started;
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");

/** The table of services in `local/README.md`, from the services themselves. */
function servicesMarkdown(services: ReadonlyMap<string, RunningService>): string {
  const rows = [...services]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { apis = [], resources = {} }]) => {
      const actions = apis.map((api) =>
        typeof api.actions === "string" ? `those of ${api.actions}` : api.actions.toSorted().join(", "),
      );
      return [
        `[${name}](${name}/index.ts)`,
        listed(apis.map(({ signingName }) => signingName)),
        [...new Set(actions)].join("; "),
        listed(Object.keys(resources).toSorted()),
      ];
    });
  const ignored = ["(accepted, without effect)", "", "", listed(Object.keys(withoutLocalMeaning))];
  const head = ["folder", "signing names", "actions", "CloudFormation resource types"];
  return [head, head.map(() => "---"), ...rows, ignored]
    .map((cells) => `| ${cells.map((cell) => cell || " ").join(" | ")} |`)
    .join("\n");
}

const MARKS = /(<!-- services -->)[^]*(<!-- \/services -->)/;

/** The page with its table of services replaced. @throws RangeError when it has no place for the table */
export function withServices(page: string, services: ReadonlyMap<string, RunningService>): string {
  if (!MARKS.test(page))
    throw new RangeError("local/README.md has no <!-- services --> … <!-- /services -->");
  return page.replace(
    MARKS,
    (_, start: string, end: string) => `${start}\n\n${servicesMarkdown(services)}\n\n${end}`,
  );
}
