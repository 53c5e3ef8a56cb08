// surewake/bench/report/page.hpp: the parts of the report that are the same for all results.
#pragma once

#include <string_view>

namespace surewake::bench {

inline constexpr std::string_view page_style = R"(
:root { color-scheme: light dark; --ink: #1c1f24; --soft: #5b626d; --paper: #ffffff; --line: #d9dce1;
  --good: #1d7f4f; --bad: #b3362b; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7eb; --soft: #9aa3af; --paper: #16191e; --line: #343a43; --good: #5cc992; --bad: #f08a7e; }
}
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .4rem; }
p { margin: .5rem 0; }
.soft, figcaption { color: var(--soft); }
a { color: inherit; }
code { font-size: .92em; }
nav { margin: 1rem 0; line-height: 1.9; }
nav a { margin-right: 1rem; white-space: nowrap; }
figure { margin: 1rem 0; overflow-x: auto; }
svg { display: block; width: 100%; min-width: 40rem; height: auto; color: var(--ink); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; margin: .6rem 0; min-width: 60%; }
th, td { text-align: right; padding: .22rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap;
  font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th { font-weight: 600; color: var(--soft); }
td.text { text-align: left; white-space: normal; }
tr.group td { font-weight: 600; padding-top: .8rem; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
summary { cursor: pointer; color: var(--soft); }
pre { font-size: .82rem; overflow-x: auto; }
)";

inline constexpr std::string_view page_reading = R"(
<h2 id="reading">How to read it</h2>
<p><b>The unit</b> is a bare pair of locked read-modify-writes on a cache line that the core owns: what an
uncontended acquire + release cannot go below. It is measured right before and right after each sample, and each
sample's time is divided by the mean of the two: clocks drift by half within a minute on a shared machine, ratios do
not. Nanoseconds stand beside it.</p>
<p><b>In the figures</b> a point is the median of all repeats, the thick line the middle half of them, the thin line
all of them (cut off at the axis; an arrow marks a point beyond it). Lines over n have the middle half only. Filled
points: hand_off, peers and floors; hollow: barging. One colour per strategy; grey is what nothing of its kind can
go below on this machine, green are the semaphores of others.</p>
<p><b>vs</b> in the tables is the ratio of the medians: below 1 × the contestant is faster than that peer in the
same run.</p>
)";

inline constexpr std::string_view page_limits = R"(
<h2 id="method">Method, and its limits</h2>
<ul>
<li>Contestants of a scenario alternate, in an order drawn anew for each repeat from the recorded seed. One sample
is a batch of at least about half a millisecond of timed work; batches are sized, and warmed up, in runs that are
not recorded.</li>
<li>Nothing is averaged, and no sample is dropped: results.jsonl has a row per repeat. Medians and quartiles are
computed when the page is made; of one-thread scenarios without the samples that are marked (preempted, migrated,
steal, pressure), as long as three others are left. A loaded machine still widens the ranges and, through its
caches, moves what touches much memory; long samples are hardly ever undisturbed there. The load averages are
below.</li>
<li>Every sample checks its result: permits conserved, every waiter woken once, nobody left behind. A wrong result
fails the run.</li>
<li>Allocations are counted by replacing the global operator new, in separate runs that are not timed.</li>
<li>One process, one binary, one compiler, one machine: code alignment alone moves a loop of ten nanoseconds by a
few percent, and the order of strategies may differ on other processors. Measure on yours.</li>
<li>Micro-benchmarks run with warm caches and predicted branches. They show what an operation costs at least, not
what it costs in a program.</li>
<li>Threads of two-thread workloads are bound to cores of their own where the machine has them; with more threads
than cores the operating system's scheduler is part of what is measured.</li>
</ul>
)";

}  // namespace surewake::bench
