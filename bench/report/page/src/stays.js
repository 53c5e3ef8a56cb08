// Who waited and who held, when: of the events of a swimlane.

/// Turns events into stays: { task, from, to, is: "waits" | "holds", end } and overtakings { task, t, passed }.
export function stays_of(lane) {
  const open = new Map();
  const stays = [];
  const overtakings = [];
  const end = Math.max(...lane.events.map((e) => e.t));
  const close = (task, t, how) => {
    const stay = open.get(task);
    if (!stay) return;
    open.delete(task);
    stays.push({ ...stay, to: t, end: how });
  };
  for (const { t, task, what } of [...lane.events].sort((a, b) => a.t - b.t)) {
    if (what === "gets") {
      const mine = open.get(task);
      const passed = [...open.values()].filter((s) => s.is === "waits" && s.task !== task && mine && s.from < mine.from);
      if (passed.length) overtakings.push({ task, t, passed: passed.map((s) => s.task) });
    }
    close(task, t, what);
    if (what === "asks") open.set(task, { task, from: t, is: "waits" });
    if (what === "gets") open.set(task, { task, from: t, is: "holds" });
  }
  for (const task of [...open.keys()]) close(task, end, "the record ends");
  return { stays, overtakings, end };
}
