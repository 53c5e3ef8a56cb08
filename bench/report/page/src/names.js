// How contestants look and how numbers are written: one look a contestant on every chart, by colour and by symbol, so
// that neither has to be told apart alone. Colours are those of Okabe and Ito, which colour-blind readers can tell.

const ours = ["intrusive_list", "segmented_queue", "waker_hybrid", "mutex_deque", "uring_futex", "uring_futex_per_waiter"];
const our_symbols = ["circle", "triangle", "diamond", "square", "star", "hexagon"];
const our_colours = ["--c-blue", "--c-orange", "--c-purple", "--c-vermilion", "--c-sky", "--c-sky"];
const peer_symbols = ["plus", "times", "asterisk", "square2", "triangle2", "diamond2", "wye", "cross"];
const peer_colours = ["--c-green", "--c-ink", "--c-grey"];

export const default_semaphore = "intrusive_list/hand_off";

const shown_at_first = new Set([default_semaphore, "intrusive_list/barging", "segmented_queue/hand_off",
  "mutex_deque/hand_off", "tokio", "async-lock", "std::counting_semaphore", "sem_t", "std::mutex + condvar"]);

export const family = (contestant) => contestant.split("/")[0];
export const discipline = (contestant) => contestant.split("/")[1] ?? "";

const peers_seen = [];

/// { colour, symbol, hollow }: hollow is barging, and every peer.
export function look_of(contestant, kind) {
  if (kind === "floor") return { colour: "var(--c-grey)", symbol: "tick", hollow: true };
  if (kind === "strategy" && ours.includes(family(contestant))) {
    const i = ours.indexOf(family(contestant));
    return { colour: `var(${our_colours[i]})`, symbol: our_symbols[i], hollow: discipline(contestant) === "barging" };
  }
  if (!peers_seen.includes(contestant)) peers_seen.push(contestant);
  const i = peers_seen.indexOf(contestant);
  return { colour: `var(${peer_colours[Math.floor(i / peer_symbols.length) % peer_colours.length]})`,
    symbol: peer_symbols[i % peer_symbols.length], hollow: true };
}

export function shown_first(run) {
  const all = run.contestants().filter((c) => run.kind_of(c) !== "floor");
  const some = all.filter((c) => shown_at_first.has(c));
  return new Set(some.length >= 2 ? some : all);
}

export const spelt = (contestant) => (contestant === default_semaphore ? `${contestant} (the default)` : contestant);

export function number(x) {
  if (x === null || x === undefined || Number.isNaN(x)) return "–";
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e6) return `${Number((x / 1e6).toPrecision(3))} M`;
  if (size >= 1e4) return Math.round(x).toLocaleString("en");
  if (size >= 100) return String(Math.round(x));
  return String(Number(x.toPrecision(3)));
}

export function time(ns) {
  if (ns === null || ns === undefined || Number.isNaN(ns)) return "–";
  const [unit, size] = ns >= 1e9 ? ["s", 1e9] : ns >= 1e6 ? ["ms", 1e6] : ns >= 1e3 ? ["µs", 1e3] : ["ns", 1];
  return `${Number((ns / size).toPrecision(3))} ${unit}`;
}

export const ratio = (x) => (x === null || x === undefined || Number.isNaN(x) ? "–" : `${Number(x.toPrecision(3))} ×`);
export const bytes = (x) => `${number(x)} B`;

export function interval(e, format = number) {
  return e ? `${format(e.median)} [${format(e.low)} – ${format(e.high)}]` : "–";
}
export const of_n = (e) => (e ? `n = ${e.n}${e.marked ? `, ${e.marked} of them marked` : ""}` : "");

/// The command that measures one scenario again.
export function command_of(run, workload, scenario) {
  const word = (s) => (/^[\w./=-]+$/.test(s) ? s : `'${s}'`);
  const seed = run.about.seed === undefined ? "" : ` --seed ${run.about.seed}`;
  if (workload === "scale") return `surewake-bench scale${seed} --out DIR`;
  return `surewake-bench run ${word(`${workload}/${scenario}`)}${seed} --out DIR`;
}
