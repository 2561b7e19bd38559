import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../base/durations.ts";
import { chainStartMsOf } from "../../../core/sessions/ledger.ts";
import type { AlertDecision } from "../../../schemas/alert-decision.ts";
import type { AlertDetail } from "../../../schemas/alert-message.ts";
import type { AlertRecord } from "../../../schemas/alert-record.ts";
import type { AlertRule } from "../../../schemas/alert-rule.ts";
import { SEVERITIES, type Severity } from "../../../schemas/severity.ts";
import { BEGIN_MS, LEAD_MS, type AlertWorld, type Invocation, type WorldDetection } from "./world.ts";

/** An item of a table (documented: DynamoDB). */
const MAX_ITEM_BYTES = 400_000;

interface ModelAlert {
  readonly chainStartMs: number;
  readonly raisedAtMs: number;
  readonly rules: Set<string>;
  /** The producer time at which each label was last detected. */
  readonly labels: Map<string, number>;
  /** The producer time at which the face of each person was last decided. */
  readonly persons: Map<string, number>;
  /** The revisions that a label's or a person's return made, and that showed the first unknown person among known ones. */
  readonly loudRevisions: number[];
  severity: Severity;
  hasStoredPicture: boolean;
  pictureOf: { readonly label: string; readonly confidence: number; readonly storedAtMs: number };
}

const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** What should become of each detection, by the rules as docs/alerts.md states them; it shares no code with the decisions. */
export class AlertModel {
  readonly broken: string[] = [];
  readonly alerts = new Map<string, ModelAlert>();
  readonly #world: AlertWorld;
  readonly #decided = new Map<string, AlertDecision>();
  /** When each rule last began to show a label on a camera. */
  readonly #shown = new Map<string, number>();
  /** The faces that were decided, by camera, and the latest detection of a person. */
  readonly #faces = new Map<string, { person: string; detection: WorldDetection; decidedAtMs: number }[]>();
  readonly #latestPerson = new Map<string, WorldDetection>();
  /** When each alert was first put into an outbox. */
  readonly #publishedAtMs = new Map<string, number>();

  constructor(world: AlertWorld) {
    this.#world = world;
    world.onPut = (before, after, invocation) => {
      const known = new Set(before?.outbox.map(({ id }) => id));
      for (const entry of after.outbox)
        if (!known.has(entry.id)) {
          if (entry.to === "lake") this.#decide(entry.decision, after, invocation);
          else if (entry.type === "AlertRaised")
            this.#publishedAtMs.set(entry.detail.alertId, world.clock.now());
        }
      for (const { alertId, picture } of after.alerts) {
        const alert = this.alerts.get(alertId);
        if (alert && picture?.isStored) alert.hasStoredPicture = true;
      }
      const open = after.alerts.filter(({ endedAtMs }) => endedAtMs === undefined);
      this.#check(open.length <= 1, "at most one alert of a camera is open");
      this.#check(JSON.stringify(after).length < MAX_ITEM_BYTES, "a record fits into an item");
    };
  }

  #check(isKept: boolean, rule: string): void {
    if (!isKept) this.broken.push(rule);
  }

  #decide(row: AlertDecision, record: AlertRecord, invocation: Invocation): void {
    const id = `${row.eventId}/${row.labelId}`;
    const known = this.#world.detections.get(id)!;
    const { detection, storedAtMs, chainStartMs } = known;
    const { person } = detection;
    const about = `${id} ${row.decision} ${row.reason}`;
    if (person === undefined && detection.label === "PERSON") this.#latestPerson.set(record.cameraId, known);
    if (this.#decided.has(id)) {
      this.#check(row.reason === "late", `${about}: what is forgotten is late`);
      return;
    }
    this.#decided.set(id, row);
    const nowMs = row.decidedAtMs;
    const faces = this.#faces.get(record.cameraId) ?? [];
    this.#faces.set(record.cameraId, faces);
    if (person !== undefined) {
      const isNews = faces.every(
        (one) =>
          one.person !== person ||
          one.detection.chainStartMs !== chainStartMs ||
          nowMs - one.decidedAtMs >= 10 * MINUTE_MS ||
          Math.abs(one.detection.detection.detectedAtMs - detection.detectedAtMs) >= MINUTE_MS,
      );
      if (!this.#isPast(known, invocation)) this.#check(isNews, `${about}: one face a minute is decided`);
      faces.push({ person, detection: known, decidedAtMs: nowMs });
    }
    const { armedSinceMs } = this.#world.options;
    const isLate =
      nowMs - detection.detectedAtMs > 5 * MINUTE_MS || detection.detectedAtMs < BEGIN_MS + armedSinceMs;
    if (isLate) return this.#expect(about, row, "suppressed", "late");
    const matching = this.#world.rules.filter((rule) => takes(rule, record.cameraId, detection));
    if (matching.length === 0) {
      const reasons = ["camera", "label", "person", "confidence", "disabled", "no-rule"];
      this.#check(
        row.decision === "suppressed" && reasons.includes(row.reason),
        `${about}: no rule takes it`,
      );
      return;
    }
    const isSnoozed = (kind: string, of: string): boolean =>
      invocation.snoozes.some(
        (one) => one.of.kind === kind && one.of.id === of && nowMs < BEGIN_MS + one.fromMs + one.forMs,
      );
    const awake = matching.filter(({ ruleId }) => !isSnoozed("rule", ruleId));
    if (isSnoozed("camera", record.cameraId) || awake.length === 0)
      return this.#expect(about, row, "suppressed", "snoozed");

    const [alertId, alert] = this.#alertOf(id, row, record.cameraId, invocation);
    const holding = awake.filter(({ ruleId }) => alert?.rules.has(ruleId));
    const others = awake.filter(
      (rule) => !holding.includes(rule) && (person === undefined || rule.persons !== undefined),
    );
    const shownAs = person ?? detection.label;
    const cooling = others.filter((rule) => this.#isCooling(rule, record.cameraId, shownAs, nowMs));
    const free = others.filter((rule) => !cooling.includes(rule));
    const { alertId: takenFor } = row;
    const joining = free.filter((rule) =>
      takenFor === undefined ? !this.#isSpent(rule, nowMs) : this.#hasTaken(rule, takenFor, nowMs),
    );
    const refused = free.filter((rule) => !joining.includes(rule));
    for (const rule of refused) this.#check(this.#isSpent(rule, nowMs), `${about}: ${rule.ruleId} may raise`);

    if (holding.length + joining.length === 0) {
      const reasons = [
        cooling.length > 0 && "cooldown",
        refused.length > 0 && "max-per-hour",
        others.length === 0 && "no-alert",
      ];
      this.#check(row.decision === "suppressed" && reasons.includes(row.reason), `${about}: no rule is free`);
      return;
    }
    const involved = [...holding, ...joining];
    const severity = involved.map((rule) => rule.severity).toSorted((a, b) => rankOf(b) - rankOf(a))[0]!;
    const { label } = detection;
    const own = { label, confidence: detection.confidence ?? 0, storedAtMs };
    const isPast = this.#isPast(known, invocation);
    const latest = this.#latestPerson.get(record.cameraId);
    const isLatestOfChain = latest && !isPast && latest.detection.detectedAtMs >= chainStartMs;
    const picture =
      person !== undefined && isLatestOfChain
        ? { label, confidence: latest.detection.confidence ?? 0, storedAtMs: latest.storedAtMs }
        : own;
    /** A face's own; with the first label of a person, those of its chain so far. */
    const seen = new Map<string, number>();
    for (const one of faces.filter((face) =>
      person !== undefined
        ? face.detection === known
        : label === "PERSON" &&
          !isPast &&
          nowMs - face.decidedAtMs < 10 * MINUTE_MS &&
          face.detection.chainStartMs === chainStartMs,
    ))
      seen.set(one.person, Math.max(seen.get(one.person) ?? 0, one.detection.detection.detectedAtMs));
    const showing = involved.filter((rule) => person === undefined || rule.persons !== undefined);
    const isStored = storedAtMs <= invocation.startedMs;
    if (!alert) {
      this.#expect(about, row, "raised", "first-detection");
      if (row.alertId === undefined) return;
      this.alerts.set(row.alertId, {
        chainStartMs,
        raisedAtMs: nowMs,
        rules: new Set(involved.map(({ ruleId }) => ruleId)),
        labels: new Map([[label, detection.detectedAtMs]]),
        persons: seen,
        loudRevisions: [],
        severity,
        hasStoredPicture: isStored,
        pictureOf: picture,
      });
      this.#show(showing, record.cameraId, shownAs, nowMs);
      return;
    }

    const lastMs = person === undefined ? alert.labels.get(label) : alert.persons.get(person);
    const hasReturned =
      lastMs !== undefined &&
      holding.some(
        ({ cooldownSeconds, persons }) =>
          (person === undefined || persons !== undefined) &&
          detection.detectedAtMs - lastMs >= Math.max(5 * MINUTE_MS, cooldownSeconds * SECOND_MS),
      );
    const isMoreUrgent = rankOf(severity) > rankOf(alert.severity);
    const isBetter =
      isStored &&
      (!alert.hasStoredPicture ||
        isMoreUrgent ||
        (label === alert.pictureOf.label && picture.confidence >= alert.pictureOf.confidence + 10));
    const isFirstUnknown = person === "unknown" && lastMs === undefined && alert.persons.size > 0;
    const reason =
      lastMs === undefined
        ? person === undefined
          ? "new-label"
          : isFirstUnknown
            ? "unknown-person"
            : "new-person"
        : joining.length > 0
          ? "new-rule"
          : hasReturned
            ? "returned"
            : isBetter
              ? "better-picture"
              : "known";
    this.#expect(about, row, "merged", reason);
    this.#check(row.alertId === alertId, `${about}: it is merged into the alert of its chain`);
    for (const { ruleId } of joining) alert.rules.add(ruleId);
    if (person === undefined) {
      alert.labels.set(label, Math.max(lastMs ?? 0, detection.detectedAtMs));
      if (lastMs === undefined) for (const [one, atMs] of seen) alert.persons.set(one, atMs);
    } else {
      if (!alert.labels.has(label)) alert.labels.set(label, detection.detectedAtMs);
      alert.persons.set(person, Math.max(lastMs ?? 0, detection.detectedAtMs));
    }
    // What is decided before an alert is first published is shown by AlertRaised, which is never silent.
    if ((hasReturned || isFirstUnknown) && this.#publishedAtMs.has(alertId))
      alert.loudRevisions.push(row.revision ?? 0);
    if (isMoreUrgent) alert.severity = severity;
    if (isBetter) {
      alert.hasStoredPicture = true;
      alert.pictureOf = picture;
    }
    const begun = lastMs === undefined || hasReturned ? showing : joining;
    this.#show(begun, record.cameraId, shownAs, nowMs);
  }

  #expect(about: string, row: AlertDecision, decision: string, reason: string): void {
    this.#check(row.decision === decision && row.reason === reason, `${about}: ${decision} ${reason}`);
  }

  /** Whether a later chain has begun. */
  #isPast({ detection, chainStartMs }: WorldDetection, { session }: Invocation): boolean {
    const run = session?.run;
    return (
      run !== undefined &&
      run.sessionId !== detection.sessionId &&
      chainStartMs + LEAD_MS < chainStartMsOf(run)
    );
  }

  /** The alert of the detection's chain. Of a chain that is past, the records name the alert: they do not know its begin. */
  #alertOf(
    id: string,
    row: AlertDecision,
    cameraId: string,
    invocation: Invocation,
  ): [string, ModelAlert | undefined] {
    const known = this.#world.detections.get(id)!;
    const { chainStartMs } = known;
    const isOfChain = ([id, alert]: [string, ModelAlert]): boolean =>
      id.startsWith(cameraId) && alert.chainStartMs === chainStartMs;
    const ofChain = [...this.alerts].find(isOfChain);
    const isPast = this.#isPast(known, invocation);
    const named = row.alertId === undefined ? undefined : this.alerts.get(row.alertId);
    if (isPast && named) return [row.alertId!, named];
    // Nor do they know that an alert is of the chain, if its detection was of a later session.
    if (isPast && row.decision !== "merged") return [row.alertId ?? `${cameraId}-${chainStartMs}`, undefined];
    return ofChain ?? [`${cameraId}-${chainStartMs}`, undefined];
  }

  #isCooling(
    { ruleId, cooldownSeconds }: AlertRule,
    cameraId: string,
    label: string,
    nowMs: number,
  ): boolean {
    const shownMs = this.#shown.get(`${ruleId} ${cameraId} ${label}`);
    return shownMs !== undefined && nowMs < shownMs + cooldownSeconds * SECOND_MS;
  }

  #show(rules: readonly AlertRule[], cameraId: string, label: string, nowMs: number): void {
    for (const { ruleId } of rules) this.#shown.set(`${ruleId} ${cameraId} ${label}`, nowMs);
  }

  #alertsIn({ ruleId }: AlertRule, nowMs: number): ReadonlySet<string> {
    return this.#world.taken.get(`${ruleId}/${Math.floor(nowMs / HOUR_MS)}`) ?? new Set();
  }

  #hasTaken = (rule: AlertRule, alertId: string, nowMs: number): boolean =>
    this.#alertsIn(rule, nowMs).has(alertId);

  #isSpent = (rule: AlertRule, nowMs: number): boolean => this.#alertsIn(rule, nowMs).size >= rule.maxPerHour;

  /** The rules that the world has broken once nothing is left to happen. */
  brokenAtEnd(): string[] {
    const { rows, events, records, options, trouble, wakeUps } = this.#world;
    const delivered = new Set(rows.map(({ eventId, labelId }) => `${eventId}/${labelId}`));
    for (const [id, { detection }] of this.#world.detections) {
      const { person, detectedAtMs } = detection;
      const isCovered =
        person !== undefined &&
        [...this.#faces.values()]
          .flat()
          .some(
            (one) =>
              one.person === person &&
              Math.abs(one.detection.detection.detectedAtMs - detectedAtMs) < MINUTE_MS,
          );
      this.#check(delivered.has(id) || isCovered, `${id}: a detection has a row, or a face near it has`);
    }
    this.#check(
      rows.every((row) => {
        const first = this.#decided.get(`${row.eventId}/${row.labelId}`)!;
        return row.reason === "late" || JSON.stringify(row) === JSON.stringify(first);
      }),
      "every row of a detection says the same, or that a copy is late",
    );
    for (const { outbox } of records.values()) this.#check(outbox.length === 0, "every outbox is empty");
    for (const record of records.values())
      this.#check(!/person-|"unknown"/.test(JSON.stringify(record)), "no id of a person is left");
    for (const { ruleId, maxPerHour } of this.#world.rules)
      for (const [key, alerts] of this.#world.taken)
        if (key.startsWith(`${ruleId}/`)) this.#check(alerts.size <= maxPerHour, "no rule floods an hour");

    const published = events.flatMap(({ type, detail }) => ("alertId" in detail ? [{ type, detail }] : []));
    for (const [alertId, alert] of this.alerts) {
      const all = published.filter(({ detail }) => detail.alertId === alertId);
      const byRevision = new Map(all.map((one) => [one.detail.revision, JSON.stringify(one)]));
      const first = [...new Set(all.map(({ detail }) => detail.revision))];
      const about = (rule: string): string => `${alertId}: ${rule}`;
      this.#check(
        all.every((one) => byRevision.get(one.detail.revision) === JSON.stringify(one)),
        about("each revision has one content"),
      );
      this.#check(
        first.every((revision, index) => index === 0 || first[index - 1]! < revision),
        about("revisions are published in order"),
      );
      const types = first.map((revision) => all.find(({ detail }) => detail.revision === revision)!.type);
      this.#check(
        types[0] === "AlertRaised" && types.lastIndexOf("AlertRaised") === 0,
        about("AlertRaised comes first, and once"),
      );
      this.#check(
        types.filter((type) => type === "AlertEnded").length === 1,
        about("AlertEnded is published once"),
      );
      const last = all.toSorted((a, b) => b.detail.revision - a.detail.revision)[0];
      this.#check(
        last !== undefined &&
          last.detail.endedAt !== undefined &&
          last.detail.severity === alert.severity &&
          sameSet(
            last.detail.labels.map(({ name }) => name),
            alert.labels.keys(),
          ) &&
          sameSet(last.detail.rules, alert.rules),
        about("the last revision shows everything that was merged"),
      );
      // What becomes of a package may be published when nobody's id is kept any more.
      const lastSeen = all
        .toSorted((a, b) => b.detail.revision - a.detail.revision)
        .find(({ detail }) => detail.persons);
      this.#check(
        sameSet(lastSeen?.detail.persons ?? [], alert.persons.keys()),
        about("the last revision with persons shows everyone who was seen"),
      );
      const { storedAtMs } = alert.pictureOf;
      const isCalm = trouble.crash === 0 && trouble.refuse === 0 && trouble.fail === 0;
      const isShown = last?.detail.picture !== undefined;
      this.#check(!isShown || alert.hasStoredPicture, about("a picture that is shown is stored"));
      if (alert.hasStoredPicture || (isCalm && storedAtMs <= alert.raisedAtMs + 60_000))
        this.#check(isShown, about("a picture that is stored is shown"));
      const publishedMs = this.#publishedAtMs.get(alertId) ?? Infinity;
      if (isCalm)
        this.#check(
          publishedMs <= alert.raisedAtMs + 6000 + 20 * trouble.slowestMs,
          about("an alert waits at most 5 s for its picture"),
        );
      this.#checkSounds(
        alertId,
        alert,
        all.map(({ detail }) => detail),
      );
    }
    this.#check(
      new Set(published.map(({ detail }) => detail.alertId)).size === this.alerts.size,
      "what is published was raised",
    );
    const hours = 8 * Object.keys(options.cameras).length;
    const faces = [...this.#faces.values()].flat().length;
    const most = 30 * (1 + this.alerts.size) + 4 * hours * 3 + 2 * faces;
    this.#check(wakeUps <= most, `few wake-ups, but ${wakeUps}`);
    return [...new Set(this.broken)];
  }

  /** A message is silent if and only if its target knows the alert and nothing got more urgent since the revision before. */
  #checkSounds(alertId: string, alert: ModelAlert, published: readonly AlertDetail[]): void {
    const knowing = new Set<string>();
    const byRevision = new Map(published.map((detail) => [detail.revision, detail]));
    const revisions = [...byRevision.keys()].toSorted((a, b) => a - b);
    for (const [index, revision] of revisions.entries()) {
      const detail = byRevision.get(revision)!;
      const before = byRevision.get(revisions[index - 1] ?? 0);
      const isUrgent =
        !before ||
        rankOf(detail.severity) > rankOf(before.severity) ||
        detail.package?.state !== before.package?.state ||
        alert.loudRevisions.some((one) => before.revision < one && one <= revision);
      const messages = this.#world.deliveries.filter(
        (one) => one.detail.alertId === alertId && one.detail.revision === revision,
      );
      for (const { targetId, detail: sent } of messages)
        this.#check(
          sent.silent === (!isUrgent && knowing.has(targetId)),
          `${alertId}/${revision} to ${targetId}: ${sent.silent ? "silent" : "not silent"}`,
        );
      for (const { targetId } of messages) knowing.add(targetId);
    }
  }
}

const takes = (
  { enabled, cameras, labels, persons }: AlertRule,
  cameraId: string,
  { label, confidence, person }: WorldDetection["detection"],
): boolean =>
  enabled &&
  (!persons ||
    (person !== undefined &&
      (persons.includes(person) || (person !== "unknown" && persons.includes("known"))))) &&
  (!cameras || cameras.includes(cameraId)) &&
  (!labels || (labels[label] !== undefined && (confidence === null || confidence >= labels[label])));

const sameSet = (a: Iterable<string>, b: Iterable<string>): boolean =>
  JSON.stringify([...a].toSorted()) === JSON.stringify([...b].toSorted());
