import type { JSX } from "preact";
import { Button } from "../parts/controls.tsx";
import { dayName, WEEKDAYS, type Hours } from "./schedule.ts";

const DEFAULT: Hours = { days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", until: "18:00" };

/** Hours of some weekdays; a night is one entry that ends on the next day. */
export function HoursEditor({
  hours,
  onChange,
}: {
  readonly hours: readonly Hours[];
  readonly onChange: (hours: readonly Hours[]) => void;
}): JSX.Element {
  const change = (index: number, entry: Partial<Hours>): void =>
    onChange(hours.with(index, { ...hours[index]!, ...entry }));
  return (
    <div class="hours-list">
      {hours.length === 0 && <p class="quiet-text">No hours: motion is never analysed.</p>}
      {hours.map(({ days, from, until }, index) => (
        <fieldset key={index} class="hours-entry">
          <legend class="sr-only">Hours {index + 1}</legend>
          <div class="weekdays">
            {WEEKDAYS.map((day) => (
              <label key={day}>
                <input
                  type="checkbox"
                  checked={days.includes(day)}
                  onChange={({ currentTarget: { checked } }) =>
                    change(index, {
                      days: WEEKDAYS.filter((one) => (one === day ? checked : days.includes(one))),
                    })
                  }
                />
                <span>{dayName(day)}</span>
              </label>
            ))}
          </div>
          <div class="hours-times">
            <input
              type="time"
              aria-label="From"
              value={from}
              onChange={({ currentTarget: { value } }) => value && change(index, { from: value })}
            />
            to
            <input
              type="time"
              aria-label="Until"
              value={until === "24:00" ? "00:00" : until}
              onChange={({ currentTarget: { value } }) => value && change(index, { until: value })}
            />
            {from >= until && until !== "00:00" && <span class="quiet-text">the next day</span>}
            <Button
              kind="quiet"
              icon="close"
              name={`Remove hours ${index + 1}`}
              onClick={() => onChange(hours.toSpliced(index, 1))}
            />
          </div>
        </fieldset>
      ))}
      <Button icon="plus" onClick={() => onChange([...hours, DEFAULT])}>
        Add hours
      </Button>
    </div>
  );
}
