import type { Scene } from "../roles/scene.ts";

/** How often the views show each fact. */
export async function shown({ stack }: Scene): Promise<Record<string, number>> {
  await stack.flushFirehose();
  const { rows } = await stack.journey.query(
    `SELECT event_id, count(*) FROM detections GROUP BY event_id
     UNION ALL SELECT session_id, count(*) FROM sessions GROUP BY session_id`,
  );
  return Object.fromEntries(rows.map(([id, count]) => [id, Number(count)]));
}

/** Resolves once the delivery stream has been given so many records more by somebody than before `run`. */
export async function accepted(
  scene: Scene,
  deliveryStreamName: string,
  run: () => Promise<unknown>,
  records = 1,
): Promise<void> {
  const { events } = scene.stack.local.cloud;
  const count = () =>
    events.matching(
      ({ name, detail }) => name === "record-accepted" && detail["deliveryStreamName"] === deliveryStreamName,
    ).length;
  const before = count();
  await run();
  await scene.until(async () => count() >= before + records);
}
