// The report in headless Chromium: page.mjs FOLDER, which holds report.html and results.jsonl.
//
// At two sizes and in both colour schemes nothing may be asked of a network, said on the console, wider than the window,
// or empty. Then a reader's steps: form, legend, unit, pointer, keyboard, second file, downloads. Status 0, 1 with what
// failed, 77 where Chromium is missing.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { inflateSync } from "node:zlib";
import { Browser, chromium } from "./browser.mjs";
import { estimate, power_law, ratio_of_medians } from "../src/statistics.js";
import { Run, run_of_file } from "../src/run.js";
import { decide } from "../src/verdict.js";
import { stays_of } from "../src/stays.js";

const program = chromium();
if (!program) {
  console.log("skipped: Chromium is missing (Debian: chromium), also at $CHROMIUM");
  process.exit(77);
}
const folder = resolve(process.argv[2]);
const html = readFileSync(join(folder, "report.html"), "utf8");
const lines = readFileSync(join(folder, "results.jsonl"), "utf8");
const begin = html.indexOf('<script id="surewake-results"');
const from = html.indexOf(">", begin) + 1;
const until = html.indexOf("</script>", from);
const written = JSON.parse(html.slice(from, until));
const block = written.zlib === undefined ? written : JSON.parse(inflateSync(Buffer.from(written.zlib, "base64")));
const scratch = mkdtempSync(join(tmpdir(), "surewake-page-test-"));

let failed = 0;
async function test(name, body) {
  try {
    await body();
    console.log(`ok      ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED  ${name}: ${error.message}`);
  }
}

const near = (a, b, share) => assert.ok(Math.abs(a / b - 1) <= share, `${a} is not ${b}`);

// ------------------------------------------------------------------------------------------- what needs no browser

await test("the computed bootstrap interval is that of many draws", () => {
  for (const n of [5, 20, 21]) {
    let state = 1;
    const random = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 0.5) / 4294967296;
    const values = Array.from({ length: n }, () => 100 * (1 + random() ** 3));
    const drawn = Array.from({ length: 20_000 }, () => estimate_median(Array.from(values, () => values[Math.floor(random() * n)]))).sort((a, b) => a - b);
    const e = estimate(values);
    near(e.low, drawn[500], 0.03);
    near(e.high, drawn[19_500], 0.03);
  }
  assert.equal(estimate([]), null);
  assert.deepEqual([estimate([7]).low, estimate([7]).high], [7, 7]);
});

function estimate_median(values) {
  const s = values.sort((a, b) => a - b);
  return 0.5 * (s[(s.length - 1) >> 1] + s[s.length >> 1]);
}

await test("a ratio of unpaired medians and the slope of a power law", () => {
  near(ratio_of_medians([2, 2.1, 2.2], [1, 1.05, 1.1]).median, 2, 1e-9);
  near(power_law([[1, 3], [10, 30], [100, 300]]).slope, 1, 1e-9);
  assert.equal(power_law([[5, 1], [5, 2]]), null);
});

await test("the page's ratios are those of the program's targets", () => {
  const run = new Run(block);
  let compared = 0;
  for (const g of block.goals) {
    const [workload, scenario] = g.what.split(" / ");
    const [s, other] = [run.series(workload, scenario, g.subject), run.series(workload, scenario, g.against)];
    if (!s || !other || g.unit !== "×" || workload === "memory" || g.measured === null) continue;
    near(s.ratio_to(other).median, g.measured, 2e-3);
    ++compared;
  }
  assert.ok(compared > 0, "no target was compared");
});

await test("the page has every sample of results.jsonl, and a dropped file reads as the program's block does", () => {
  const [written, read] = [new Run(block), run_of_file(lines, "results.jsonl")];
  assert.deepEqual(written.workloads(), read.workloads());
  for (const s of read.all) {
    const same = written.series(s.workload, s.scenario, s.contestant);
    assert.ok(same, `${s.workload} / ${s.scenario} / ${s.contestant} is missing`);
    assert.equal(same.values_of("time_ns_per_operation").length, s.values_of("time_ns_per_operation").length);
    const e = s.estimate_of("time_ns_per_operation");
    if (e) near(same.estimate_of("time_ns_per_operation").median, e.median, 1e-4);
  }
});

const one = (scenario, contestant, kind, values) => ({ workload: "uncontended", scenario, contestant, kind, threads: 1,
  parts: [{ measures: "time", rows: values.length, columns: { time_ns_per_operation: values } }] });
const load = { today: "best", threads: 1, permits: 4, waiters: 0, gives_up: 0, fairness: "order" };

await test("a lost row is said to be lost, and a row that cannot be told apart is level", () => {
  const noisy = (x) => [0.9 * x, 1.1 * x, x, 1.05 * x, 0.95 * x];
  const said = (peer) => decide(new Run({ series: [one("await", "intrusive_list/hand_off", "strategy", noisy(10)), one("await", "tokio", "peer", peer)] }), load);
  assert.match(said(noisy(5)).sentences[1], /LOSES in 1: 2 times slower/);
  assert.equal(said(noisy(5)).duels[0].verdict, "lost");
  assert.match(said(noisy(30)).sentences[1], /ahead in 1 of 1 rows, 3 times as fast/);
  assert.equal(said([8, 13, 10, 9, 11]).duels[0].verdict, "level");
});

await test("order leaves out barging, and an uneven barging is no advice where nobody may starve", () => {
  const contended = (contestant, ns, jain) => ({ workload: "contended", scenario: "2 threads, 1 permit", contestant, kind: "strategy", threads: 2,
    parts: [{ measures: "time", rows: 3, columns: { time_ns_per_operation: [ns, ns, ns], fairness_jain_index: jain } }] });
  const run = new Run({ series: [contended("intrusive_list/hand_off", 900, 1), contended("intrusive_list/barging", 9, 0.6)] });
  const best = (fairness) => decide(run, { ...load, threads: 2, permits: 1, waiters: 1, fairness }).best.contestant;
  assert.equal(best("order"), "intrusive_list/hand_off");
  assert.equal(best("even"), "intrusive_list/hand_off");
  assert.equal(best("none"), "intrusive_list/barging");
});

const swimlanes = [{ contestant: "intrusive_list/hand_off", threads: 2, permits: 1, unit: "ns", events: [
  { t: 0, task: 0, what: "asks" }, { t: 10, task: 0, what: "gets" }, { t: 20, task: 1, what: "asks" }, { t: 500, task: 0, what: "gives_back" },
  { t: 600, task: 1, what: "gets" }, { t: 900, task: 1, what: "gives_back" }] },
{ contestant: "intrusive_list/barging", threads: 3, permits: 1, unit: "ns", events: [
  { t: 0, task: 0, what: "asks" }, { t: 10, task: 0, what: "gets" }, { t: 20, task: 1, what: "asks" }, { t: 500, task: 0, what: "gives_back" },
  { t: 510, task: 0, what: "asks" }, { t: 520, task: 0, what: "gets" }, { t: 700, task: 1, what: "gives_up" }, { t: 900, task: 0, what: "gives_back" }] }];

await test("a swimlane tells who overtook whom", () => {
  assert.deepEqual(stays_of(swimlanes[0]).overtakings, []);
  assert.deepEqual(stays_of(swimlanes[1]).overtakings, [{ task: 0, t: 520, passed: [1] }]);
  assert.deepEqual(stays_of(swimlanes[0]).stays.filter((s) => s.is === "holds").map((s) => [s.task, s.from, s.to]), [[0, 10, 500], [1, 600, 900]]);
});

// --------------------------------------------------------------------------------------------------- in the browser

// All of it in one page: what the run at hand may lack is added, and texts that try to end the script element.
const full = { ...block, swimlanes: block.swimlanes.length ? block.swimlanes : swimlanes,
  failures: [...block.failures, { workload: "storm", scenario: "none", contestant: "tokio", kind: "peer", why: "</script><script>document.title='broken'</script><!--" }],
  conformance: block.conformance ?? { surewake_conformance: 1, probes: [{ name: "wakes", asks: "does one release of n wake n waiters?" }],
    semaphores: [{ semaphore: "tokio", kind: "peer", withdrawal: "drop", probes: { wakes: { verdict: "fails", cell: "1 of 8", saw: "one of 8 woke" } } }] } };
const report = join(scratch, "report.html");
writeFileSync(report, html.slice(0, from) + JSON.stringify(full).replaceAll("<", "\\u003c") + html.slice(until));

const browser = new Browser(program);
const charts = ["swimlane", "ladder", "contention", "percentiles", "fairness", "growth", "memory"];

const look = `(() => {
  const wide = innerWidth + 1;
  const ill = [];
  for (const s of document.querySelectorAll("section.chart")) {
    const drawn = [...s.querySelectorAll(".drawing svg [aria-label=dot] > *, .drawing svg [aria-label=bar] > *")].filter((e) => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0; });
    if (drawn.length < 2) ill.push(s.id + " has " + drawn.length + " marks: " + (s.querySelector(".why")?.textContent ?? ""));
    if (s.querySelector(".drawing").getBoundingClientRect().height < 80) ill.push(s.id + " is too low");
    if (!s.querySelector(".behind summary")) ill.push(s.id + " has no table");
  }
  for (const t of document.querySelectorAll(".drawing svg text, .forest svg text")) {
    const b = t.getBoundingClientRect();
    if (b.width && (b.right > wide || b.left < -1)) ill.push("a label leaves the window: " + t.textContent + " " + Math.round(b.left) + ".." + Math.round(b.right));
  }
  if (document.documentElement.scrollWidth > innerWidth) ill.push("the page is " + document.documentElement.scrollWidth + " wide, the window " + innerWidth);
  return ill;
})()`;
const sentences = `[...document.querySelectorAll("#verdict .sentences p")].map((p) => p.textContent)`;

for (const [size, width, height] of [["desktop", 1280, 900], ["phone", 390, 844]]) {
  for (const scheme of ["light", "dark"]) {
    await test(`${size}, ${scheme}: whole, quiet, inside the window, and alone`, async () => {
      const page = await browser.open(report, { width, height, scheme, touch: size === "phone" });
      await page.drawn();
      assert.deepEqual(await page.value(look), []);
      assert.deepEqual(await page.value(`${JSON.stringify(charts)}.filter((id) => !document.querySelector("#" + id + ".chart"))`), []);
      const said = await page.value(sentences);
      assert.equal(said.length, 3);
      for (const s of said) assert.ok(s.length > 40, `a sentence is too short: ${s}`);
      assert.ok(await page.value(`document.querySelectorAll(".forest svg [aria-label=dot] > *").length`) > 0, "no row backs the verdict");
      assert.ok(await page.value(`document.querySelector("#verdict .sentences p:nth-child(2)").getBoundingClientRect().bottom < innerHeight`), "the verdict is not on the first screen");
      const paper = await page.value(`getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]`);
      assert.equal(paper > 128, scheme === "light", `the paper is ${paper}`);
      assert.match(await page.value("document.title"), /surewake-bench/);
      await page.value(`for (const d of document.querySelectorAll("#workloads details.workload")) d.open = true`);
      await page.until(`[...document.querySelectorAll("#workloads details.workload")].every((d) => d.querySelector(".behind details"))`, "every workload is drawn");
      await page.value(`for (const d of document.querySelectorAll(".behind details, #verdict details")) d.open = true`);
      await page.until(`[...document.querySelectorAll(".behind details")].every((d) => d.querySelectorAll("tbody tr").length > 0)`, "every table has rows");
      assert.ok(await page.value("document.documentElement.scrollWidth <= innerWidth"), "with all tables open the page is wider than the window");
      await page.send("Emulation.setEmulatedMedia", { media: "print", features: [{ name: "prefers-color-scheme", value: scheme }] });
      assert.equal(await page.value(`getComputedStyle(document.body).backgroundColor`), "rgb(255, 255, 255)", "paper is white in print");
      assert.deepEqual(page.errors, []);
      assert.deepEqual(page.requests, []);
      await page.close();
    });
  }
}

const page = await browser.open(report, { width: 1280, height: 900, scheme: "light" });
const choose = async (name, value) => {
  await page.value(`(() => { const s = document.querySelector("form.load [name=${name}]"); s.value = ${JSON.stringify(value)}; s.dispatchEvent(new Event("change")); })()`);
  await page.drawn();
};
const marks = (id) => page.value(`document.querySelectorAll("#${id} .drawing svg [aria-label=dot] > *").length`);

await test("the form changes the verdict", async () => {
  const first = await page.value(sentences);
  const peer = await page.value(`[...document.querySelector("form.load [name=today]").options].map((o) => o.value).find((v) => v === "tokio" || v === "std::counting_semaphore")`);
  await choose("today", peer);
  const second = await page.value(sentences);
  assert.ok(second[1].includes(peer), second[1]);
  assert.notEqual(second[1], first[1]);
  await choose("waiters", "0");
  assert.equal(await page.value(`document.querySelectorAll(".forest svg [aria-label=text] > text").length > 0`), true);
  assert.match((await page.value(sentences))[1], /of 1 rows|in 1:|not measured|1 cannot/);
  await choose("waiters", "1000");
  await choose("gives_up", "0.5");
  assert.ok(await page.value(`document.querySelector(".forest").textContent.includes("gives up")`), "withdrawal is not among the rows");
  await choose("today", "best");
});

await test("the legend takes a contestant off every chart and brings it back", async () => {
  const before = await marks("ladder");
  const press = `(() => { const b = document.querySelector('button.series[data-contestant="intrusive_list/hand_off"]'); b.click(); })()`;
  await page.value(press);
  await page.drawn();
  assert.equal(await page.value(`document.querySelector('button.series[data-contestant="intrusive_list/hand_off"]').getAttribute("aria-pressed")`), "false");
  assert.ok(await marks("ladder") < before);
  await page.value(press);
  await page.drawn();
  assert.equal(await marks("ladder"), before);
});

await test("nanoseconds become ratios to the floor", async () => {
  const axis = `document.querySelector("#ladder .drawing").textContent`;
  assert.match(await page.value(axis), /time an operation/);
  await page.value(`document.querySelector("input[name=unit][value=ratio]").click()`);
  await page.drawn();
  assert.match(await page.value(axis), /times the floor of its shape/);
  await page.value(`document.querySelector("input[name=unit][value=ns]").click()`);
  await page.drawn();
});

await test("a pointer at a mark shows its n and interval", async () => {
  await page.value(`document.querySelector("#ladder").scrollIntoView()`);
  await page.drawn();
  const at = await page.value(`(() => { const m = document.querySelector("#ladder .drawing svg [aria-label=dot] > *").getBoundingClientRect(); return [m.x + m.width / 2, m.y + m.height / 2]; })()`);
  await page.move(at[0], at[1]);
  await page.until(`/n = \\d+/.test(document.querySelector("#ladder .drawing svg [aria-label=tip]")?.textContent ?? "")`, "the words at the pointer");
  await page.click(at[0], at[1]);
  await page.until(`document.querySelector("#ladder .point code.command") !== null`, "the chosen point");
});

await test("the keyboard goes through the points and opens the rows of one", async () => {
  await page.value(`document.querySelector("#growth .drawing").focus()`);
  await page.key("ArrowRight");
  assert.match(await page.value(`document.querySelector("#growth .said").textContent`), /n = \d+/);
  await page.key("Enter");
  assert.match(await page.value(`document.querySelector("#growth .point code.command").textContent`), /^surewake-bench run .*--seed \d+/);
  await page.value(`document.querySelector("#growth .point details").open = true`);
  await page.until(`document.querySelectorAll("#growth .point tbody tr").length > 0`, "the raw rows");
  assert.match(await page.value(`document.querySelector("#growth .point thead").textContent`), /time_ns_per_operation/);
  await page.key("Escape");
  assert.equal(await page.value(`document.querySelector("#growth .point")`), null);
});

const drop = (text, name) => page.value(`(() => { const d = new DataTransfer(); d.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)})); document.dispatchEvent(new DragEvent("drop", { dataTransfer: d, bubbles: true, cancelable: true })); })()`);

await test("a second file is compared: ratio and interval beside, in charts and tables", async () => {
  const slower = lines.split("\n").map((l) => l.replace(/("time_ns_per_operation":)([\d.e+-]+)/, (_, name, x) => name + 1.25 * Number(x))).join("\n");
  await drop(slower, "slower.jsonl");
  await page.until(`document.querySelector("#compare table") !== null`, "the comparison");
  await page.drawn();
  const ratios = await page.value(`[...[...document.querySelectorAll("#compare table")].at(-1).querySelectorAll("tbody tr")].map((r) => Number(r.children[4].textContent)).filter((x) => x)`);
  assert.ok(ratios.length > 10 && ratios.every((x) => Math.abs(x / 1.25 - 1) < 0.01), `ratios: ${ratios.slice(0, 5)}`);
  assert.ok(await page.value(`document.querySelectorAll("#ladder svg [stroke-dasharray='2 1.5'] > *, #ladder svg [stroke-dasharray='2,1.5'] > *").length > 0`), "no second medians in the ladder");
  await drop("not a result", "wrong.jsonl");
  await page.until(`document.querySelector("#compare .error").textContent.includes("wrong.jsonl")`, "the message");
  await drop(readFileSync(new URL("../../../results/version1/results.csv", import.meta.url), "utf8"), "results.csv");
  await page.until(`document.querySelector("#compare").textContent.includes("results.csv")`, "the file of version 1");
});

await test("CSV, SVG and BibTeX can be taken away", async () => {
  await browser.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: scratch });
  const arrives = async (name) => {
    for (let i = 0; i < 200 && !(existsSync(join(scratch, name)) && readFileSync(join(scratch, name)).length); ++i) await new Promise((r) => setTimeout(r, 50));
    assert.ok(existsSync(join(scratch, name)), `${name} is not among ${readdirSync(scratch)}`);
    return readFileSync(join(scratch, name), "utf8");
  };
  let other = null;
  for (const id of charts) {
    // Chromium lets a page save ten files without being asked: another page takes the rest.
    const from = charts.indexOf(id) < 4 ? page : (other ??= await browser.open(report, { width: 1280, height: 900, scheme: "dark" }));
    await from.value(`document.querySelector("#${id} .take .csv").click()`);
    const csv = await arrives(`${id}.csv`);
    assert.ok(csv.trim().split("\n").length > 1, `${id}.csv has no rows`);
    await from.value(`document.querySelector("#${id} .take .svg").click()`);
    const svg = await arrives(`${id}.svg`);
    assert.match(svg, /^<svg xmlns/);
    assert.doesNotMatch(svg, /(fill|stroke)="(var\(|currentColor)/);
  }
  await other.value(`document.querySelector(".bibtex").click()`);
  assert.match(await arrives("surewake.bib"), /@misc\{surewake,/);
});

await test("none of these steps asked the network or complained", () => {
  assert.deepEqual(page.errors, []);
  assert.deepEqual(page.requests, []);
});

await browser.close();
rmSync(scratch, { recursive: true, force: true });
console.log(failed ? `${failed} failed` : "all passed");
process.exit(failed ? 1 : 0);
