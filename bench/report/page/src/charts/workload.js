// Any workload as it is: a lane a scenario, all that are shown.
import { nanoseconds } from "./common.js";
import { draw_lanes } from "./ladder.js";
import { number } from "../names.js";

/// Known in more than one number: times, or another quantity that its series have.
export function workload_chart(store, run, workload, description, metrics) {
  return {
    id: `workload-${workload}`,
    title: description?.title ?? workload,
    question: description?.question,
    reading: description?.reading,
    draw: (width) => {
      const scenarios = run.scenarios(workload);
      const timed = scenarios.filter((s) => run.in(workload, s).some((x) => x.estimate_of(nanoseconds)));
      const all = scenarios.flatMap((s) => run.in(workload, s));
      const beyond = metrics.filter((m) => all.some((s) => s.estimate_of(m.name)));
      if (timed.length) {
        const drawn = draw_lanes(store, run, timed.map((scenario) => ({ workload, scenario, words: scenario })), width);
        if (drawn.head) {
          drawn.head.push(...beyond.map((m) => m.name));
          for (const r of drawn.rows) {
            const s = all.find((x) => x.contestant === r[1] && `${x.workload} / ${x.scenario}` === r[0]);
            r.push(...beyond.map((m) => (s?.estimate_of(m.name) ? number(s.estimate_of(m.name).median) : "")));
          }
        }
        return drawn;
      }
      return { why: "It has no times; its numbers are in the table.", head: ["scenario", "contestant", ...beyond.map((m) => m.name)],
        rows: all.map((s) => [s.scenario, s.contestant, ...beyond.map((m) => (s.estimate_of(m.name) ? number(s.estimate_of(m.name).median) : ""))]) };
    }
  };
}
