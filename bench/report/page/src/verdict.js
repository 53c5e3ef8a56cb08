// Which strategy and discipline for a load, and whether that is faster than what the reader uses today: decided from the
// rows of the file alone. No element is made here.
//
// A load picks the rows that speak of it. A combination's cost is the geometric mean, by weight, of its time over the
// least time of ours in each row. A row that is missing counts as twice the least.
import { default_semaphore, discipline, family, interval, number, ratio, spelt } from "./names.js";

const time = "time_ns_per_operation";
const missing = 2;
const level = 1.03; // two costs nearer than that are no reason to leave the default
const even = 0.9;   // Jain's index from which on no thread is taken to starve

export const fairness_needs = {
  order: "first come, first served",
  even: "nobody starves",
  none: "does not matter"
};

const distance = (a, b) => Math.abs(Math.log((a || 0.5) / (b || 0.5)));

/// The scenario of a workload whose numbers are nearest to the load's; null where there is none.
function nearest(run, workload, pattern, wanted) {
  const all = run.scenarios(workload).map((scenario) => {
    const found = pattern.exec(scenario);
    return found && { scenario, far: wanted.reduce((sum, w, i) => sum + distance(Number(found[i + 1]), w), 0) };
  }).filter(Boolean);
  return all.sort((a, b) => a.far - b.far)[0]?.scenario ?? null;
}

/// [{ workload, scenario, quantity, says, weight }]: the rows that speak of a load.
export function rows_for(run, { threads, permits, waiters, gives_up }) {
  const rows = [];
  const add = (workload, scenario, says, weight = 1, quantity = time) => {
    if (!scenario || !run.in(workload, scenario).some((s) => s.estimate_of(quantity))) return;
    rows.push({ workload, scenario, says, weight, quantity });
  };
  const exact = (workload, scenario) => (run.scenarios(workload).includes(scenario) ? scenario : null);
  const scaled = threads > 1 && permits >= threads ? nearest(run, "scale", /^(\d+) threads?, permits to spare$/, [threads]) : null;
  if (scaled) add("scale", scaled, "a permit is free, and other threads take some too");
  else add("uncontended", exact("uncontended", permits === 1 ? "last permit" : "await") ?? exact("uncontended", "await"), permits === 1 ? "the one permit is free" : "a permit is free: taken and given back");
  if (waiters > 0) {
    if (threads === 1) {
      add("ping_pong_inline", exact("ping_pong_inline", "one thread"), "a coroutine hands its permit to the one that waits");
    } else {
      add("contended", nearest(run, "contended", /^(\d+) threads?, (\d+) permits?$/, [threads, permits]), "threads that come back at once fight for permits");
      add("oversubscription", nearest(run, "oversubscription", /^plain, M = (\d+), (\d+) threads?$/, [waiters + threads, threads]), "tasks of a pool wait and release");
    }
    add("enqueue", nearest(run, "enqueue", /n = (\d+)$/, [waiters]), "a task begins to wait");
    add("storm", nearest(run, "storm", /^one by one, n = (\d+)$/, [waiters]), "a release wakes one of those that wait");
    if (gives_up > 0) {
      add("withdraw", nearest(run, "withdraw", /^random, n = (\d+)$/, [waiters]), "a waiter gives up", 3 * gives_up);
      if (threads > 1) add("withdraw_race", nearest(run, "withdraw_race", /^stops, n = (\d+)$/, [waiters]), "half give up while releases arrive", 2 * gives_up);
    }
    if (waiters >= 10_000) add("memory", nearest(run, "memory", /n = (\d+)$/, [waiters]), "memory of a waiter, in bytes", 0.5, "bytes_per_waiter");
  }
  return rows;
}

export const of_row = (run, row, contestant) => {
  const s = run.series(row.workload, row.scenario, contestant);
  return s?.estimate_of(row.quantity) ? s : null;
};

function jain(run, load, contestant) {
  const scenario = nearest(run, "contended", /^(\d+) threads?, (\d+) permits?$/, [Math.max(2, load.threads), load.permits]);
  return scenario && run.series("contended", scenario, contestant)?.estimate_of("fairness_jain_index");
}

/// Ours, the least costly first: [{ contestant, cost, rows, jain }].
export function ranking(run, load, rows) {
  const allowed = run.contestants().filter((c) => run.kind_of(c) === "strategy" && ["hand_off", "barging"].includes(discipline(c)))
    .filter((c) => !family(c).startsWith("uring")) // for coroutines of event loops: no rival of the others
    .filter((c) => load.fairness !== "order" || discipline(c) === "hand_off")
    .filter((c) => load.fairness !== "even" || discipline(c) === "hand_off" || (jain(run, load, c)?.low ?? 0) >= even);
  const least = rows.map((row) => Math.min(...allowed.map((c) => of_row(run, row, c)?.estimate_of(row.quantity).median ?? Infinity)));
  const weight = rows.reduce((sum, r) => sum + r.weight, 0);
  const all = allowed.map((contestant) => {
    let sum = 0;
    let known = 0;
    rows.forEach((row, i) => {
      const s = of_row(run, row, contestant);
      if (s) ++known;
      sum += row.weight * Math.log(s ? s.estimate_of(row.quantity).median / least[i] : missing);
    });
    return { contestant, cost: Math.exp(sum / weight), known, jain: jain(run, load, contestant) };
  }).filter((c) => c.known > 0);
  return all.sort((a, b) => a.cost - b.cost);
}

/// How many times as fast ours is: other by ours, block by block; verdict: ahead, lost, level or not measured.
function duel(run, row, contestant, rival) {
  const ours = of_row(run, row, contestant);
  const peers = run.in(row.workload, row.scenario).filter((s) => s.kind === "peer" && s.estimate_of(row.quantity));
  const theirs = rival === "best" ? peers.sort((a, b) => a.estimate_of(row.quantity).median - b.estimate_of(row.quantity).median)[0] : peers.find((s) => s.contestant === rival);
  if (!ours || !theirs) return { ...row, ours, theirs: theirs ?? null, verdict: "not measured" };
  const speed = theirs.ratio_to(ours, row.quantity);
  if (!speed) return { ...row, ours, theirs, verdict: "not measured" };
  const verdict = speed.low > 1 ? "ahead" : speed.high < 1 ? "lost" : "level";
  return { ...row, ours, theirs, speed, verdict };
}

/// Everything that the page says of a load.
export function decide(run, load) {
  const rows = rows_for(run, load);
  const ranked = ranking(run, load, rows);
  if (!rows.length || !ranked.length) return { rows, ranked, duels: [], sentences: ["This file has no row of ours that speaks of this load.", "Nothing is compared.", "Measure it by bench/run, without a pattern."] };
  const fallback = ranked.find((r) => r.contestant === default_semaphore);
  const best = fallback && fallback.cost <= ranked[0].cost * level ? fallback : ranked[0];
  const duels = rows.map((row) => duel(run, row, best.contestant, load.today));
  return { rows, ranked, best, duels, sentences: [advice(run, load, best, ranked, rows), comparison(load, duels), trust(run, load, best, duels)] };
}

const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
const place = (d) => `${d.says} (${d.workload} / ${d.scenario})`;
const times = (x) => (x >= 1 ? `${number(x)} times as fast` : `${number(1 / x)} times slower`);

function advice(run, load, best, ranked, rows) {
  const other = ranked.find((r) => r !== best);
  const name = `\`${family(best.contestant)}\` with \`${discipline(best.contestant)}\``;
  const why = !other ? "which is the only one of ours that was measured and fits"
    : other.cost < best.cost * level ? `which is level with ${spelt(other.contestant)}, within ${Math.max(1, Math.round(Math.abs(other.cost / best.cost - 1) * 100))} % over ${rows.length} rows`
      : `which takes the least time over the ${rows.length} rows that speak of your load; the next, ${other.contestant}, takes ${number(other.cost / best.cost)} times as long`;
  const order = load.fairness === "order" ? " First come, first served leaves out barging."
    : load.fairness === "even" ? (discipline(best.contestant) === "barging" && best.jain ? ` Its shares are even enough: Jain ${best.jain.median.toFixed(2)}.` : " Barging shares too unevenly, or is no faster here.") : "";
  return `Take ${name}${best.contestant === default_semaphore ? " (the default, `surewake::semaphore`)" : ""}, ${why}.${order}`;
}

function comparison(load, duels) {
  const today = load.today === "best" ? "the best peer of each row" : `\`${load.today}\``;
  const of = (v) => duels.filter((d) => d.verdict === v).sort((a, b) => b.speed?.median - a.speed?.median);
  const [ahead, lost, same, unknown] = ["ahead", "lost", "level", "not measured"].map(of);
  const measured = duels.length - unknown.length;
  if (!measured) return `Against ${today}: not measured in any of these rows, so nothing is claimed.`;
  const parts = [];
  if (ahead.length) parts.push(`it is ahead in ${ahead.length} of ${measured} rows, ${ahead.length === 1 ? `${times(ahead[0].speed.median)}: ${place(ahead[0])}` : `from ${number(ahead.at(-1).speed.median)} to ${number(ahead[0].speed.median)} times as fast, most where ${ahead[0].says}`}`);
  if (lost.length) parts.push(`it LOSES in ${lost.length}: ${list(lost.map((d) => `${times(d.speed.median)} where ${place(d)}`))}`);
  if (same.length) parts.push(`${same.length} cannot be told apart`);
  const gap = unknown.length ? ` In ${unknown.length} more ${unknown.length === 1 ? "row" : "rows"} the peer cannot be measured.` : "";
  return `Against ${today} ${parts.join("; ")}.${gap}`;
}

function trust(run, load, best, duels) {
  const known = duels.filter((d) => d.speed);
  const n = known.reduce((sum, d) => sum + d.speed.n, 0);
  const marked = known.reduce((sum, d) => sum + d.speed.marked, 0);
  const floor = duels.map((d) => d.ours && d.quantity === time && d.ours.floor_series() && { d, e: d.ours.ratio_to(d.ours.floor_series()) }).filter((f) => f && f.e);
  const near = floor.sort((a, b) => a.d.weight - b.d.weight)[0];
  const limits = near ? ` It stands at ${interval(near.e, ratio)} of the floor where ${near.d.says}.` : "";
  const few = n && known.some((d) => d.speed.n < 5) ? " Some rows have fewer than 5 pairs, too few for an interval to mean much: measure longer." : "";
  return (n ? `This rests on ${n} pairs of samples, each pair of one block, ${marked} of them disturbed by other programs (${Math.round((100 * marked) / n)} %).` : "There are no pairs of samples to rest on.") + few + limits;
}
