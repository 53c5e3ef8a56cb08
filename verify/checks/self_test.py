#!/usr/bin/env python3
"""Seeded violations: every check must find the one it is shown, by its words, and nothing in text that is right."""

import contextlib
import csv
import hashlib
import io
import json
import shutil
import sys
import tarfile
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import citation
import counts
import dist
import figures
import headers
import layers
import lists
import lowered
import machine_code
import models
import names
import order
import orders
import papers
import readme
import stages
import text

sys.path.append(str(Path(__file__).parent.parent / "old_kernel"))
import guest

GOOD = """
// acquire [A1] in prose, without a colon, is no entry.
template <platform P> class a {
  void publish() {
    // release [A1]: publishes data_, pairs with [A2], [A3].
    flag_.store(1U, P::release);
  }
  bool see() {
    // acquire [A2]: sees data_, pairs with [A1].
    return flag_.load(P::acquire) == 1U;
  }
  void both(int& v) {
    for (;;) {
      // acq_rel [A3]: as release, publishes, pairs with [A3]; as acquire, sees data_, pairs with [A1] and
      // [A3]. On failure acquire, for the next try.
      if (flag_.compare_exchange_weak(v, 1, P::acq_rel, P::acquire)) return;
    }
  }
  // relaxed: monitoring only.
  bool snapshot() const { return flag_.load(P::relaxed); }
  char const* text() { return "P::acquire // acquire [A9]: no"; }
};
"""


def problems_of(text, more=None):
    texts = {Path("core/a.hpp"): text}
    texts.update({Path(p): t for p, t in (more or {}).items()})
    return orders.Checker().check(texts)


class LoweredOrders(unittest.TestCase):
    HEADER = GOOD.replace("\ntemplate", """
// core/a.hpp: a flag.
//
// Checked   by its models. What [A2] sees, [A1]+[A2] shows.
// Survived  [A3]: it sees
//           the flag only.
// Source    nobody's; [A2] is no survivor.
template""", 1).lstrip("\n").replace("// acquire [A1] in prose, without a colon, is no entry.\n", "", 1).lstrip("\n")
    RESULT = {"file": "core/a.hpp", "line": "0", "column": "1", "label": "", "operation": "store", "order": "release",
              "lowered_to": "relaxed", "result": "caught", "case": "some/case", "verdict": "data race", "message": "",
              "searched": 1, "exhaustive": 0, "schedules": 12, "cases": 3}

    def result(self, words, **fields):
        """The result for the call in the first line with these words, as g++ says where that is."""
        lines = self.HEADER.split("\n")
        line = next(i for i, text in enumerate(lines) if words in text)
        at = {"line": str(line + 1), "column": str(lines[line].index(words) + words.index("(") + 1)}
        return self.RESULT | at | fields

    def results(self):
        exchange = {"operation": "compare_exchange", "order": "acq_rel", "result": "survived", "case": ""}
        return [self.result("store(1U"),
                self.result("flag_.load(P::acquire", operation="load", order="acquire"),
                self.result("exchange_weak(v", **exchange, lowered_to="acquire"),
                self.result("exchange_weak(v", **exchange, lowered_to="release"),
                self.result("exchange_weak(v", operation="compare_exchange (failure)", order="acquire"),
                self.RESULT | {"line": "7+11", "column": "1+1", "label": "A1+A2", "operation": "store+load",
                               "order": "release+acquire", "lowered_to": "relaxed+relaxed"}]

    def rows(self, results=None):
        rows, problems = lowered.rows_of(self.results() if results is None else results, lambda _: self.HEADER)
        self.assertEqual(problems, [])
        return list(csv.DictReader(io.StringIO(lowered.written(rows))))

    def problems(self, rows, header=None):
        return lowered.check({Path("core/a.hpp"): self.HEADER if header is None else header}, rows)

    def check(self, rows, expected, header=None):
        found = self.problems(rows, header)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def test_results_get_the_labels_of_the_header(self):
        rows = self.rows()
        self.assertEqual([(r["label"], r["place"], r["operation"], r["lowered_to"]) for r in rows],
                         [("A1", "1", "store", "relaxed"), ("A1+A2", "", "store+load", "relaxed"),
                          ("A2", "1", "load", "relaxed"), ("A3", "1", "compare_exchange", "acquire"),
                          ("A3", "1", "compare_exchange", "release"),
                          ("A3", "2", "compare_exchange (failure)", "relaxed")])
        self.assertEqual(self.problems(rows), [])

    def test_order_without_a_row(self):
        rows = self.rows()
        self.check([r for r in rows if r["label"] != "A2"], "acquire [A2] has no row")
        self.check([r for r in rows if r["label"] != "A1+A2"], "A1+A2 has no row")
        self.check([r for r in rows if r["lowered_to"] != "release"], "[A3] in orders.csv is lowered to acquire")

    def test_row_without_an_order(self):
        rows = self.rows()
        other = dict(rows[0], label="A9")
        self.check([*rows, other], "the 1. release [A9], which does not exist")
        self.check([*rows, dict(rows[1], label="A1+A3")], "A1+A3, which the header does not name")
        self.check([*rows, dict(other, file="core/b.hpp")], "core/b.hpp: is in orders.csv")

    def test_order_that_has_changed(self):
        found = self.problems(self.rows(), self.HEADER.replace("release [A1]", "seq_cst [A1]").replace(
            "store(1U, P::release)", "store(1U, P::seq_cst)"))
        self.assertEqual(len(found), 2, found)
        self.assertIn("seq_cst [A1] has no row", found[0])
        self.assertIn("the 1. release [A1], which does not exist", found[1])

    def test_survivor_without_a_reason(self):
        rows = self.rows()
        self.check(rows, "[A3] survived", self.HEADER.replace("Survived  [A3]: it", "Survived  It"))
        lost = [dict(r, result="survived") if r["label"] == "A2" else r for r in rows]
        self.check(lost, "[A2] survived")
        both = [dict(r, result="survived") if r["label"] == "A1+A2" else r for r in rows]
        self.check(both, "A1+A2 survived in orders.csv: nothing shows")

    def test_order_that_no_case_executes(self):
        rows = self.rows([r for r in self.results() if r["operation"] != "load"])
        self.assertIn("not executed", [r["result"] for r in rows])
        self.check(rows, "[A2] survived in orders.csv, or is not executed")

    def test_header_that_is_not_searched(self):
        page = f"So far:\n\n{lowered.NOT_SEARCHED}| `core/a.hpp` | a sanitizer's |\n\n| `core/b.hpp` | no |\n"
        left_out = lowered.not_searched(page)
        self.assertEqual(left_out, {"core/a.hpp": "a sanitizer's"})
        texts = {Path("core/a.hpp"): self.HEADER}
        self.assertEqual(lowered.check(texts, [], left_out), [])
        self.assertIn("has no row in orders.csv", lowered.check(texts, [])[0])
        self.assertIn("but it has rows", lowered.check(texts, self.rows(), left_out)[0])
        self.assertIn("but it has no order", lowered.check({Path("core/a.hpp"): "int a;"}, [], left_out)[0])
        self.assertIn("but it does not exist", lowered.check({}, [], left_out)[0])

    def test_result_that_is_none(self):
        failed = self.result("store(1U", result="engine failed", message="it died")
        _, problems = lowered.rows_of([failed], lambda _: self.HEADER)
        self.assertEqual(len(problems), 1)
        self.assertIn("it died", problems[0])
        nowhere = self.result("bool see(", operation="load")
        _, problems = lowered.rows_of([nowhere], lambda _: self.HEADER)
        self.assertIn("no release is named here", problems[0])


class Figures(unittest.TestCase):
    CASE = {"bug": "", "expected": "pass", "verdict": "pass", "engine": "graph", "threads": "2", "queue": "mutex_deque",
            "discipline": "hand_off", "share": "1", "schedules": "10", "seconds": "1", "as_expected": "true"}

    def case(self, name, coverage, **fields):
        return self.CASE | {"case": name, "coverage": coverage} | fields

    def test_a_scenario_counts_once(self):
        told = figures.figures([self.case("a/q@graph", "exhaustive"), self.case("a/q", "sampled", engine="relacy"),
                                self.case("b/q", "sampled", engine="relacy"),
                                self.case("b/q@bound", "bounded", engine="relacy"),
                                self.case("b/q@graph", "sampled", share="0.25", schedules="400"),
                                self.case("c/q", "sampled", engine="relacy", threads="3"),
                                self.case("d/q@graph", "sampled", verdict="deadlock", as_expected="false")])
        self.assertEqual(told[0], "3 scenarios pass: 1 exhaustive, 1 of them on graphs; 1 bounded, 1 merely sampled")
        self.assertEqual(told[1], "6 searches pass: 1 exhaustive, 1 bounded, 4 sampled")
        self.assertEqual(told[2:], ["1 scenarios of two threads under hand_off, in no ring, have no end:",
                                    "  b/q: 400 executions, 25 % of the tree"])

    def test_bugs_are_timed_where_they_are_caught(self):
        bug = {"bug": "x", "expected": "deadlock", "verdict": "deadlock"}
        told = figures.figures([self.case("a#x@graph", "found", **bug, seconds="0.5"),
                                self.case("b#x@graph", "found", **bug, seconds="0.1"),
                                self.case("c#x@graph", "found", **bug, seconds="0.2"),
                                self.case("d#x@graph", "sampled", **bug | {"verdict": "pass"}, as_expected="false"),
                                self.case("a#x", "found", **bug, engine="relacy", seconds="9")])
        self.assertEqual(told[3:5], ["3 of 4 bugs caught on graphs, in the median in 0.2000 s; the slowest:",
                                     "  a#x@graph: 0.5000 s"])


class MemoryOrders(unittest.TestCase):
    def check(self, text, expected, more=None):
        """Exactly one problem, which says `expected`."""
        found = problems_of(text, more)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def seed(self, old, new, expected):
        self.assertIn(old, GOOD)
        found = problems_of(GOOD.replace(old, new, 1))
        self.assertTrue(any(expected in p for p in found), found)

    def test_right_text_has_no_problem(self):
        self.assertEqual(problems_of(GOOD), [])

    def test_the_table_has_a_row_for_each_strong_order(self):
        checker = orders.Checker()
        checker.check({Path("core/a.hpp"): GOOD})
        rows = [row[2:] for row in orders.table(checker.sites)]
        self.assertEqual(rows, [["A1", "release", "A2 A3"], ["A2", "acquire", "A1"], ["A3", "acq_rel", "A3 A1"]])

    def test_strong_order_without_words(self):
        self.check("void f() { x.store(1, P::release); }\n", "release is not argued")
        self.check("void f() {\n  P::fence(P::seq_cst);\n}\n", "seq_cst is not argued")

    def test_code_stronger_or_weaker_than_its_comment(self):
        self.seed("flag_.load(P::acquire)", "flag_.load(P::seq_cst)", "seq_cst is not argued; the comment says acquire")
        self.seed("flag_.load(P::acquire)", "flag_.load(P::relaxed)", "acquire [A2] is argued, but the code has no")
        self.seed("store(1U, P::release)", "store(1U, P::relaxed)", "relaxed without a reason")

    def test_pairing_that_is_not_mutual(self):
        self.seed("pairs with [A2], [A3]", "pairs with [A3]", "pairs with [A1] (core/a.hpp:6), which does not say so")

    def test_pairing_with_a_label_that_does_not_exist(self):
        self.seed("sees data_, pairs with [A1].", "sees data_, pairs with [A7].", "[A7], which does not exist")

    def test_order_without_a_pairing(self):
        self.seed("sees data_, pairs with [A1].", "sees data_.", "[A2] does not say what it pairs with")

    def test_label_used_twice(self):
        self.seed("acquire [A2]:", "acquire [A1]:", "label [A1] is taken")

    def test_one_half_of_acq_rel_is_missing(self):
        self.seed("as acquire, sees data_,", "and it sees data_,", "say both halves")

    def test_the_same_argument_at_another_place(self):
        again = "void f() { flag_.load(P::acquire); }  // acquire: as [A2]\n"
        self.assertEqual(problems_of(GOOD + again), [])
        self.assertIn("as [A1], which is release", problems_of(GOOD + again.replace("A2", "A1"))[0])
        self.assertIn("as [A8], which does not exist", problems_of(GOOD + again.replace("A2", "A8"))[0])

    def test_failure_order_without_words(self):
        self.seed("On failure acquire, for the next try.", "", "acquire is not argued")

    def test_relaxed_without_a_reason(self):
        self.check("void f() { x.load(P::relaxed); }\n", "relaxed without a reason")

    def test_comment_of_the_statement_before_does_not_count(self):
        self.check("void f() {\n  // relaxed: a hint.\n  int y = 0;\n  y = x.load(P::relaxed);\n}\n",
                   "relaxed without a reason")

    def test_call_that_names_no_order(self):
        self.check("void f() { n_.fetch_add(1); }\n", "fetch_add names no memory order")
        self.check("bool f() { return n_.load(); }\n", "load names no memory order")

    def test_std_order_outside_a_platform(self):
        self.check("void f() { n_.fetch_add(1, std::memory_order_relaxed, order); }\n", "outside a platform")

    def test_entry_above_no_order(self):
        self.check("// acquire [Z1]: sees it, pairs with [Z2]\nint x;\n", "no order stands here")

    def test_pairing_across_files(self):
        here = "void f() {\n  // release [A1]: publishes, pairs with b.hpp [B1]\n  x.store(1, P::release);\n}\n"
        there = "void f() {\n  // acquire [B1]: sees, pairs with a.hpp [A1]\n  x.load(P::acquire);\n}\n"
        self.assertEqual(problems_of(here, {"queues/b.hpp": there}), [])
        self.check(here, "which does not say so",
                   {"queues/b.hpp": there.replace("a.hpp [A1]", "[B1]")})
        self.check(here, "names no file that argues orders")


class Labels(unittest.TestCase):
    HEADER = ("// Invariants\n//   I1  One owner.\n//   I2  Nobody else (b.hpp, I1).\n"
              "void f() {\n  // acquire [A1]: by I2, pairs with the caller's release.\n  x.load(P::acquire);\n}\n")
    OTHER = "// Invariants I1: it is.\n"

    def problems(self, old="", new=""):
        self.assertIn(old, self.HEADER)
        header = self.HEADER.replace(old, new)
        return orders.check_labels({Path("core/a.hpp"): header, Path("queues/b.hpp"): self.OTHER})

    def test_labels_of_orders_and_invariants_are_told_apart(self):
        self.assertEqual(self.problems(), [])
        for old, new, expected in (
                ("I2  Nobody", "I3  Nobody", "numbered [1, 3]"),
                ("I1  One", "A1  One", "begin with A1"),
                ("//   I2  Nobody else", "//   A1  Nobody else", "A is the letter of orders and of a list"),
                ("[A1]", "[I1]", "I is the letter of orders and of a list"),
                ("by I2", "as A1", "[A1] is an order, and cited without its brackets"),
                ("by I2", "by I3", "cites I3, which does not exist"),
                ("b.hpp, I1", "b.hpp, I2", "cites b.hpp, I2, which does not exist"),
                ("b.hpp, I1", "b.hpp, B1", "cites b.hpp, B1, which does not exist"),
                ("b.hpp, I1", "c.hpp, I1", "cites c.hpp, I1, which does not exist")):
            found = self.problems(old, new)
            self.assertTrue(any(expected in p for p in found), (new, found))


class Macros(unittest.TestCase):
    FENCED = ("#include <vector>\n\n#include <surewake/core/platform/macros_push.hpp>\n\n"
              "int f();\n\n#include <surewake/core/platform/macros_pop.hpp>\n")

    def test_a_header_stands_between_push_and_pop(self):
        path = Path("core/a.hpp")
        self.assertEqual(headers.fenced(path, self.FENCED), [])
        self.assertEqual(headers.fenced(path, "#pragma once\n#include <surewake/core/b.hpp>\n"), [])
        for broken in (self.FENCED.replace("#include <surewake/core/platform/macros_pop.hpp>\n", ""),
                       self.FENCED.replace("#include <surewake/core/platform/macros_push.hpp>\n", ""),
                       self.FENCED.replace("int f();", "#include <string>\nint f();"),
                       self.FENCED + "int g();\n"):
            self.assertEqual(len(headers.fenced(path, broken)), 1, broken)

    def test_a_macro_that_is_left_behind_is_named(self):
        seen = ('# 1 "/x/surewake/core/a.hpp"\n#define LEFT 1\n#define GONE 1\n#undef GONE\n'
                '# 1 "/usr/include/b.h"\n#define B 1\n')
        self.assertEqual(headers.defined_by_us(seen), {"LEFT": "/x/surewake/core/a.hpp"})


class Layers(unittest.TestCase):
    def check(self, path, text, expected):
        found = layers.check_file(Path(path), text, {"work.hpp"})
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def right(self, path, text):
        self.assertEqual(layers.check_file(Path(path), text, {"work.hpp"}), [])

    def test_include_against_the_direction(self):
        for path, include in (("core/node/a.hpp", "queues/b.hpp"), ("core/semaphore/a.hpp", "semaphore.hpp"),
                              ("core/platform/a.hpp", "core/node/b.hpp"), ("core/semaphore/a.hpp", "core/uring/b.hpp"),
                              ("queues/a.hpp", "core/coroutine/b.hpp"), ("queues/parts/a.hpp", "queues/b.hpp"),
                              ("queues/uring_futex.hpp", "queues/mutex_deque.hpp"), ("queues/a.hpp", "models/b.hpp"),
                              ("models/order/a.hpp", "core/uring/b.hpp"),
                              ("models/fixture/a.hpp", "models/order/b.hpp"),
                              ("verify/engine/a.cpp", "verify/cases/b.hpp"), ("verify/cases/a.cpp", "bench/b.hpp"),
                              ("bench/measure/a.cpp", "models/b.hpp"), ("bench/a.cpp", "verify/engine/b.hpp")):
            self.check(path, f"  #  include <surewake/{include}>\n", f"may not include <surewake/{include}>")
        self.check("models/order/a.hpp", "#include <surewake/models/reclaim/b.hpp>\n", "models of order may not")
        self.check("core/a.hpp", "int x;\n", "is in no room of core/")

    def test_include_in_quotes(self):
        self.check("core/node/a.hpp", '#include "work.hpp"\n', "spell it <surewake/")

    def test_right_includes(self):
        self.right("models/order/a.hpp",
                   "#include <surewake/core/node/a.hpp>\n#include <surewake/models/fixture/b.hpp>\n"
                   "#include <atomic>\n// #include <surewake/bench/no.hpp>\n")
        self.right("queues/uring_futex.hpp", "#include <surewake/core/uring/a.hpp>\n")
        self.right("queues/doors/a.hpp", "#include <surewake/coroutine.hpp>\n")
        self.right("core/node/a.test.cpp", "#include <surewake/core/coroutine/b.hpp>\n")
        self.right("bench/measure/a.cpp", '#include "generated.hpp"\n')

    def test_algorithm_that_names_the_machine(self):
        for path in ("queues/a.hpp", "core/semaphore/a.hpp", "core/node/a.hpp", "models/fixture/a.hpp"):
            self.check(path, "std::atomic<int> x;\n", "names std::atomic")
        self.right("queues/a.test.cpp", "std::atomic<int> x;\n")
        self.right("core/coroutine/a.hpp", "std::atomic<int> x;\n")

    def test_relacy_is_for_two_files(self):
        self.check("verify/engine/stall.cpp", "#include <relacy/relacy.hpp>\n", "for two files of the engine")
        self.check("verify/engine/stall.cpp", "#include <surewake/verify/engine/relacy.hpp>\n", "for two files")
        self.check("verify/engine/relacy_engine.cpp", "#include <relacy/relacy.hpp>\n", "for two files")
        self.right("verify/engine/relacy_engine.cpp", "#include <surewake/verify/engine/relacy.hpp>\n")
        self.right("verify/engine/relacy.hpp", "#include <relacy/relacy.hpp>\n")

    def test_hidden_namespace(self):
        self.check("core/node/a.hpp", "namespace surewake {\n", "visibility")
        self.right("core/node/a.test.hpp", "namespace surewake {\n")
        self.right("queues/a.hpp", 'namespace [[gnu::visibility("default")]] surewake {\n')

    def test_unknown_folder(self):
        self.assertEqual(len(layers.check_folders([Path("core/a.hpp"), Path("src/b.hpp"), Path(".ci/run")])), 1)


class Lists(unittest.TestCase):
    def test_header_or_test_in_no_list(self):
        paths = [Path(p) for p in ("core/a.hpp", "core/b.hpp", "core/a.test.cpp", "core/b.test.hpp",
                                     "bench/x.hpp", "bench/x.test.cpp")]
        self.assertEqual([p.split(":")[0] for p in lists.unlisted(paths, {"core/a.hpp", "core/a.test.cpp"})],
                         ["core/b.hpp", "bench/x.test.cpp"])
        self.assertEqual(lists.unlisted(paths, {"core/a.hpp", "core/b.hpp", "core/a.test.cpp"}, ["bench"]), [])

    def test_long_header_without_a_test(self):
        code, includes = "int x;\n", "// Words.\n#include <surewake/core/b.hpp>\n"
        texts = {Path(p): text for p, text in (
            ("core/none.hpp", 100 * code), ("core/short.hpp", 99 * code), ("core/has.hpp", 100 * code),
            ("queues/elsewhere.hpp", 100 * code), ("queues/door.hpp", 50 * includes), ("models/none.hpp", 100 * code),
            ("core/shared.test.hpp", 100 * code), ("core/none.cpp", 100 * code))}
        paths = {*texts, Path("core/has.test.cpp"), Path("core/elsewhere.test.cpp")}
        self.assertEqual(lists.untested(texts, paths),
                         ["core/none.hpp: has 100 lines, and no none.test.cpp beside it",
                          "queues/elsewhere.hpp: has 100 lines, and no elsewhere.test.cpp beside it"])


class Models(unittest.TestCase):
    HEADER = """template <platform P, template <class> class Queue> class first : stage<P> {
 public:
  static constexpr model_facts facts{
      .question = "Does it "
                  "wake?",
      .law = "it wakes", .samples = 1'000};
};
template <platform P> struct second : first<P> {
  static constexpr model_facts facts{
      .question = "Does it end?",
      .law = "it ends"};
};
"""

    def check(self, header, listed, by_list, stress, expected):
        facts = {"waking": {m: {**f, "class": m} for m, f in models.facts_of(header).items()}}
        found = models.check_facts(facts, models.listed(listed), by_list, stress)
        self.assertEqual(len(found), len(expected), found)
        for problem, words in zip(found, expected):
            self.assertIn(words, problem)

    def test_a_package_that_no_table_has(self):
        table = "package_table='\ng++             command g++\nlibck-dev       header ck_ring.h\n'\n"
        script = ("need_packages g++ libck-dev \\\n  libtbb-dev || exit 1\n"
                  "packages+=(qemu-user g++-{aarch64,riscv64}-linux)\n")
        self.assertEqual([p.split(" ")[1] for p in lists.unknown_packages("bench/run", script, table)],
                         ["g++-aarch64-linux", "g++-riscv64-linux", "libtbb-dev", "qemu-user"])
        self.assertEqual(lists.unknown_packages("bench/run", "need_packages g++ || exit 1", table), [])
        self.assertIn("names no package", lists.unknown_packages("bench/run", "echo", table)[0])

    def test_facts(self):
        listed = "  first/a  pass         random     ?\n  second/b#c  broken law   bound 2    ?\n"
        self.assertEqual(models.facts_of(self.HEADER)["first"],
                         {"question": "Does it wake?", "law": "it wakes", "samples": "1'000"})
        self.check(self.HEADER, listed, ["waking/first"], "run<models::second<P>>();", [])
        self.check(self.HEADER.replace("wake?", "wake").replace("it ends", ""), listed, ["waking/first"],
                   "models::second", ["first: its facts have no question", "second: its facts have no law"])
        self.check(self.HEADER, listed + "  third/a  pass         full       ?\n", ["waking/first"],
                   "#include <surewake/models/waking/second.hpp>",
                   ["second: no test runs it on real threads", "third: a case whose model has no facts"])
        self.check(self.HEADER, listed.splitlines()[0], ["waking/first"], "models::second",
                   ["second: no case is named for it"])


class Order(unittest.TestCase):
    LINE = "// Progress  lock-free.   Fairness  FIFO in the order of calls.   Errors  none.\n"
    STRATEGY = (LINE + "#include <surewake/queues/part.hpp>\n"
                "static_assert(waiter_queue<mine<std_platform>, std_platform>);\n")
    BOTH = {"first_come": {"mine"}, "order_after_withdrawal": {"mine"}}

    def check(self, headers, covered, expected):
        found = order.problems_of({f"queues/{name}.hpp": text for name, text in headers.items()}, covered)
        self.assertEqual(len(found), len(expected), found)
        for problem, words in zip(found, expected):
            self.assertIn(words, problem)

    def test_strategy_in_every_model(self):
        self.check({"mine": self.STRATEGY, "part": self.LINE}, self.BOTH, [])
        self.check({"mine": self.STRATEGY.replace("FIFO", "none")}, {"first_come": set()}, [])

    def test_claim_that_no_model_checks(self):
        self.check({"mine": self.STRATEGY}, {"first_come": {"mine"}, "order_after_withdrawal": set()},
                   ["mine claims FIFO, and has no case in order_after_withdrawal"])

    def test_claim_of_a_header_that_no_strategy_includes(self):
        self.check({"mine": self.STRATEGY, "other": self.LINE}, self.BOTH, ["queues/other.hpp: claims FIFO"])

    def test_strategy_that_says_nothing(self):
        self.check({"mine": self.STRATEGY.replace("Fairness", "Fame")}, self.BOTH, ["without a Fairness line"])

    def test_layouts_go_by_their_own_names(self):
        self.check({"uring_futex": self.STRATEGY.replace("<mine<", "<uring_futex<")},
                   {"first_come": {"uring_per_ring"}}, [])

    def test_cases_with_a_bug_cover_nothing(self):
        listed = ("first_come\n  first_come/a/hand_off@bound  pass  bound 4  Why?\n"
                  "  first_come/b/hand_off#c  deadlock\n")
        self.assertEqual(order.covered_in(listed), {"a"})


class Names(unittest.TestCase):
    def test_declarations_in_surewake(self):
        outer = 'namespace [[gnu::visibility("default")]] surewake {\n'
        for line, name in (("class a {};", "a"), ("template <class T> struct SUREWAKE_LOCK b : c<T> { int d; };", "b"),
                           ("enum class e : int { f };", "e"), ("using g = h<int>;", "g"),
                           ("template <class T>\nconcept i = requires(T& t) { t.j(); } && (k || requires { l(); });",
                            "i"),
                           ("[[nodiscard]] inline int m(n o) noexcept { return {}; }", "m"),
                           ("template <class Q>\n  requires(r<Q>)\nQ s(Q&& t);", "s"),
                           ("inline constexpr int u = v(1);", "u")):
            self.assertEqual(names.declared(outer + line + "\n}\n"), {name})
        for line in ("template <class T> void a<T>::b() { c(); }", "namespace detail { class d {}; }",
                     "static_assert(e<f>);", "a<int>::~a() {}", "#define g class h {};"):
            self.assertEqual(names.declared(outer + line + "\n}\n"), set())
        self.assertEqual(names.declared(outer + "namespace detail {\nclass a {};\n}}\nclass b {};\n"), set())


class Text(unittest.TestCase):
    def check(self, line, expected):
        found = text.check_text(Path("core/a.hpp"), line)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def test_seeded_lines(self):
        self.check("// TO" + "DO later\n", "unfinished")
        self.check("// see /ho" + "me/somebody/x\n", "somebody's machine")
        self.check("// see DE" + "SIGN §3\n", "not in the tree")
        self.check("x" * 121 + "\n", "121 columns")
        self.check("int x; \n", "trailing blanks")
        self.check("// for who" + "ever waits\n", "in prose")
        self.check("int x;  // the gate opens\n", "in prose")
        self.assertEqual(text.check_text(Path("core/a.hpp"), 'char const* gate = "he";\n'), [])
        self.check("int x;", "no newline")
        body = "template <class T> void f(T t) {\n" + "  t();\n" * 41 + "}\n"
        self.check(body, "a function of 41 lines")
        self.check("class c {\n" + body.replace("void f", "c") + "};\n", "a function of 41 lines")
        self.assertEqual(text.check_text(Path("core/a.hpp"), body.replace("  t();\n", "", 1)), [])
        self.assertEqual(text.check_text(Path("core/a.hpp"), "class c {\n" + "  int f();\n" * 50 + "};\n"), [])
        self.assertEqual(text.check_text(Path("core/a.test.cpp"), body), [])
        self.assertEqual(text.check_text(Path("core/a.hpp"), "int x;  // https://example.org/home/page\n"), [])


class Readme(unittest.TestCase):
    def test_places_of_samples(self):
        header = ["// acquire [H1]: sees it, pairs with [H2].", "x.load(P::acquire);", "", "", "", "", "", "y();"]
        found = readme.moved_places(Path("core/b.md"), "core/a.hpp:2 [H1]\ncore/a.hpp:2  H1  load\ncore/a.hpp:8 [H1]\n",
                                    lambda _: header)
        self.assertEqual(found, ["core/b.md:3: H1 is not at core/a.hpp:8"])

    def test_broken_link(self):
        page = "[a](b.md) [c](https://example.org/d) [e](#part) [f](g.md#part)\n"
        found = readme.broken_links(Path("core/README.md"), page, lambda p: p == Path("core/b.md"))
        self.assertEqual(found, ["core/README.md:1: g.md#part is not there"])

    def test_blocks(self):
        page = "```cpp\nint x;\n```\n```text\nsaid\n```\n```cpp\nint y;\n```\n"
        self.assertEqual(readme.block(page, "cpp"), "int x;\n")
        self.assertEqual(readme.block(page, "text"), "said\n")


class Counting(unittest.TestCase):
    """What verify/run counts, from the files that ctest and surewake-verify write."""

    def written(self, content):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = Path(folder.name) / "results"
        file.write_text(content, encoding="utf-8")
        return file

    def test_tests_that_failed_or_did_not_run(self):
        file = self.written('<testsuite><testcase name="a" status="run"/><testcase name="b" status="fail"/>'
                            '<testcase name="c" status="notrun"/><testcase name="d" status="disabled"/></testsuite>')
        self.assertEqual(stages.junit_counts(file), (1, ["b", "c", "d"]))

    def test_a_test_that_skips_itself_has_to_say_what_is_missing(self):
        skipped = '<testcase name="{}" status="notrun"><skipped message="{}"/><system-out>{}</system-out></testcase>'
        file = self.written("<testsuite>" +
                            skipped.format("a", "SKIP_RETURN_CODE=77", "hm\nskipped: node is missing\n") +
                            skipped.format("b", "SKIP_RETURN_CODE=77", "") +
                            skipped.format("c", "Disabled", "skipped: no\n") + "</testsuite>")
        self.assertEqual(stages.skipped_in(file), [("a", "skipped: node is missing")])
        self.assertEqual(stages.junit_counts(file), (0, ["a", "b", "c"]))
        self.assertEqual(stages.skipped_in(Path("/nowhere")), [])

    def test_what_an_emulator_cannot_do_is_counted_by_reason(self):
        said = '<testcase name="{}" status="run"><system-out>{}</system-out></testcase>'
        file = self.written("<testsuite>" +
                            said.format("a", "not run: a: b: no filters\nnot run: c: no filters\n"
                                             "not run: d: no limits\n") +
                            said.format("b", "not run: e: no limits\nit did not run: f: no\n") + "</testsuite>")
        self.assertEqual(stages.not_run_in(file), {"no filters": 2, "no limits": 2})
        self.assertEqual(stages.not_run_in(Path("/nowhere")), {})

    def test_results_that_are_not_there_are_no_passes(self):
        self.assertEqual(stages.junit_counts(Path("/nowhere")), (0, []))
        self.assertEqual(stages.case_counts(Path("/nowhere"), False), (0, []))
        self.assertEqual(len(stages.case_counts(self.written("{"), False)[1]), 1)
        self.assertEqual(len(stages.case_counts(self.written('{"cases": [{}]}'), False)[1]), 1)

    def test_model_cases(self):
        case = {"case": "m", "model": "m", "bug": "", "verdict": "pass", "expected": "pass", "as_expected": True,
                "engine": "relacy", "complete": False, "scheduler": "random", "schedules": 100}
        bug = dict(case, case="m#b", bug="b", verdict="deadlock", expected="deadlock", schedules=10)
        survived = dict(bug, case="m#c", verdict="pass", as_expected=False)
        file = self.written(json.dumps({"cases": [case, bug, survived]}))
        self.assertEqual(stages.case_counts(file, False), (2, ["m#c: pass, expected deadlock"]))
        self.assertEqual(stages.case_counts(file, True), (1, ["m#c: pass, expected deadlock"]))
        hard = dict(bug, schedules=11)
        few = stages.case_counts(self.written(json.dumps({"cases": [case, hard, dict(case, model="n")]})), True)[1]
        self.assertEqual(few, ["m: 100 schedules are few: a bug of its model took 11"])
        visited = dict(case, case="m@graph", engine="graph", scheduler="graph", complete=True)
        self.assertEqual(stages.thin_margins([case, hard, dict(visited, complete=False)]), few)
        self.assertEqual(stages.thin_margins([case, hard, dict(visited, case="other@graph")]), few)
        self.assertEqual(stages.thin_margins([case, hard, visited]), [])

    def test_the_time_that_longer_searches_take(self):
        listed = ("m\n  m/a  pass  random  Why?\n  m/a@bound  pass  bound 2  Why?\n"
                  "  m/a#b  deadlock  random  Why pass ?\n")
        with unittest.mock.patch.object(stages, "JOBS", "2"):
            self.assertEqual(stages.seconds_of(listed, 20), 15)

    def test_a_stage_without_results_has_failed(self):
        stage = stages.Stage("nothing", 1, [])
        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch.object(stages, "LOGS", Path(folder)), \
                unittest.mock.patch.object(stages, "TIMES", Path(folder) / "t"), \
                contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(stages.Runner([stage], 0).run(), 1)
        self.assertEqual(said.getvalue().splitlines()[-1], "0 passed, 1 failed")


class MachineCode(unittest.TestCase):
    """Whether machine_code.py reads what an RMW is, and its order, and refuses what costs more than by hand."""

    def cost(self, decoder, *texts):
        return machine_code.cost_of(decoder, [machine_code.Instruction(t, "f") for t in texts])

    def test_a_loop_of_exclusives_is_one_rmw_with_the_order_of_its_halves(self):
        found = self.cost(machine_code.Arm, "ldaxr\tx1, [x0]", "add\tx1, x1, #1", "stxr\tw2, x1, [x0]", "cbnz\tw2, 10")
        self.assertEqual((found.rmws, found.branches), ([("acquire", "ldaxr … stxr")], 0))
        found = self.cost(machine_code.RiscV, "fence", "lr.d\ta4,(a0)", "bne\ta4,a5,10", "sc.d\ta3,a2,(a0)",
                          "bnez\ta3,2")
        self.assertEqual((found.rmws, found.fences), ([("release", "fence; lr.d … sc.d")], []))

    def test_an_acquire_on_the_store_alone_is_none(self):
        found = self.cost(machine_code.RiscV, "lr.d\ta4,(a0)", "bne\ta4,a5,10", "sc.d.aq\ta3,a2,(a0)", "bnez\ta3,2")
        self.assertEqual(found.rmws[0][0], "relaxed")

    def test_what_is_refused(self):
        by_hand = self.cost(machine_code.Arm, "ldadda\tx1, x1, [x0]", "ldaddl\tx1, x1, [x0]")
        orders = "acquire", "release"
        self.assertEqual(machine_code.problems_of(by_hand, by_hand, orders, 0), [])
        dearer = self.cost(machine_code.Arm, "ldadda\tx1, x1, [x0]", "dmb\tish", "bl\t10 <f>", "b.le\t20",
                           "ldaddal\tx1, x1, [x0]")
        self.assertEqual(machine_code.problems_of(dearer, by_hand, orders, 0), [
            "releases by an RMW that is acq_rel, not release: ldaddal", "a fence that no label argues for: dmb ish",
            "calls: bl 10 <f>", "1 branches, 0 by hand and 0 more"])
        half = self.cost(machine_code.X86, "lock xadd\t%rax,(%rdx)")
        self.assertEqual(machine_code.problems_of(half, by_hand, orders, 0), ["1 RMWs"])


class OldKernel(unittest.TestCase):
    """What verify/old_kernel/run reads from the guest's serial port."""

    SAID = ("surewake-guest: kernel 6.1.0\nsurewake-guest: begin kernel a\nwords\nsurewake-guest: end kernel a ok\n"
            "surewake-guest: begin EPERM a\nsurewake-guest: end EPERM a exit 1\nsurewake-guest: begin ENOSYS a\n")

    def test_a_test_that_does_not_say_that_it_ended_well_has_failed(self):
        plan = [("kernel", "a"), ("EPERM", "a"), ("ENOSYS", "a"), ("kernel", "b")]
        self.assertEqual(list(guest.judge(self.SAID, plan).values()), ["ok", "exit 1", "did not end", "did not begin"])

    def test_a_program_that_skips_everything_has_not_passed(self):
        said = self.SAID.replace("words", "[doctest] test cases: 0 | 0 passed | 0 failed |")
        self.assertEqual(guest.judge(said, [("kernel", "a")]), {("kernel", "a"): "ran no test case"})

    def test_each_becomes_a_result_that_is_counted(self):
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "junit.xml"
            guest.write_junit(report, guest.judge(self.SAID, [("kernel", "a"), ("EPERM", "a")]), self.SAID)
            self.assertEqual(stages.junit_counts(report), (1, ["a, io_uring: EPERM"]))

    def test_the_words_of_a_test_are_its_own(self):
        self.assertEqual(guest.output_of(self.SAID, "kernel", "a"), "words")

    def test_an_archive_is_made_of_padded_entries(self):
        archive = guest.Archive()
        archive.add("abc", 0o100644, b"12345")
        packed = archive.close()
        self.assertEqual(len(packed) % 4, 0)
        self.assertEqual(packed[:6] + packed[110:114] + packed[116:121], b"070701abc\x0012345")


class Citation(unittest.TestCase):
    CFF = ('cff-version: 1.2.0\nmessage: "Cite it."\ntitle: "a: b"\ntype: software\nauthors:\n  - name: some authors\n'
           "  - family-names: Scott\n    given-names: Michael L.\nversion: 0.1.0\nlicense: MIT\nreferences:\n"
           "  - type: article\n    title: t\n    authors:\n      - name: n\n    year: 1996\n"
           "    url: https://doi.org/10.1145/1\n")
    CMAKE = "project(surewake VERSION 0.1.0 LANGUAGES CXX\n"
    CHANGES = "## [Unreleased]\n\n## [0.0.1] - 2025-01-02\n"

    def test_what_is_right(self):
        self.assertEqual(citation.wrong_format(self.CFF, "x"), [])
        self.assertEqual(citation.disagreements(self.CFF, self.CMAKE, self.CHANGES, "MIT License"), [])
        dated = self.CFF.replace("license", "date-released: 2026-12-24\nlicense", 1)
        changes = self.CHANGES.replace("\n## [0.0.1]", "\n## [0.1.0] - 2026-12-24\n\n## [0.0.1]")
        self.assertEqual(citation.wrong_format(dated, "x"), [])
        self.assertEqual(citation.disagreements(dated, self.CMAKE, changes, "MIT License"), [])

    def test_what_is_not_the_format(self):
        for old, new, words in (
                ("message: \"Cite it.\"\n", "", "lacks message"), ("1.2.0", "1.1.0", "cff-version: '1.1.0'"),
                ("type: software", "type: program", "type: 'program'"),
                ("license:", "licence:", "licence: no such key"),
                ("  - name: some authors\n", "  - nickname: x\n", "authors 1: nickname: no such key"),
                ("version: 0.1.0", "version: 0.1", "version: '0.1' is not allowed"),
                ("    year: 1996", "    year: late", "references 1: year: 'late'"), ("https:", "see ", "url: 'see "),
                ("type: article", "type: tweet", "references 1: type: 'tweet'"),
                ('"a: b"', "a: b", "is no YAML"),
                ("    title: t\n", "", "references 1: lacks title")):
            self.assertIn(old, self.CFF)
            found = citation.wrong_format(self.CFF.replace(old, new, 1), "x")
            self.assertEqual(len(found), 1, (old, found))
            self.assertIn(words, found[0])

    def test_what_the_project_says_otherwise(self):
        for cff, cmake, changes, license_text, words in (
                (self.CFF, self.CMAKE.replace("0.1.0", "0.2.0"), self.CHANGES, "MIT", "version 0.1.0, but CMake"),
                (self.CFF, self.CMAKE, self.CHANGES + "## [0.1.0] - 2026-12-24\n", "MIT", "date-released none, but"),
                (self.CFF + "date-released: 2026-01-01\n", self.CMAKE, self.CHANGES, "MIT", "2026-01-01, but"),
                (self.CFF, self.CMAKE, "## [0.0.1] - 2025-01-02\n", "MIT", "its newest version is 0.0.1"),
                (self.CFF, self.CMAKE, self.CHANGES, "Apache", "license MIT, but LICENSE is Apache")):
            found = citation.disagreements(cff, cmake, changes, license_text)
            self.assertEqual(len(found), 1, found)
            self.assertIn(words, found[0])


class Preemptions(unittest.TestCase):
    def test_what_is_recorded_of_a_run(self):
        def ran(case, coverage, bound, **other):
            return {"case": case, "coverage": coverage, "context_bound": bound, "scheduler": "bound", "bug": "",
                    "verdict": "pass"} | other

        cases = [ran("new", "bounded", 2), ran("in vain", "sampled", 1), ran("slower", "bounded", 1),
                 ran("further", "bounded", 3), ran("to its end", "bounded", 1), ran("bug", "bounded", 1, bug="b"),
                 ran("random", "sampled", 2, scheduler="random"), ran("fails", "bounded", 1, verdict="deadlock")]
        before = {"slower": 2, "further": 1, "not run": 1}
        self.assertEqual(counts.reached(cases, before, {"to its end", "further"}),
                         {"new": 2, "in vain": 0, "slower": 2, "further": 3, "not run": 1})


class Dist(unittest.TestCase):
    """The same commit gives the same bytes."""

    def test_a_tarball(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "tree"
            (root / "b").mkdir(parents=True)
            (root / "b/run").write_text("#!/bin/sh\n")
            (root / "b/run").chmod(0o700)
            (root / "a").write_text("1\n")
            dist.git(folder, "init", "-q", str(root))
            dist.git(root, "add", "-A")
            dist.git(root, "-c", "user.name=n", "-c", "user.email=n@n", "commit", "-qm", "s")
            first = dist.tarball(root, "p-1", {"papers/x.pdf": b"%PDF"})
            (root / "a").write_text("2\n")  # in no commit
            (root / "b/run").chmod(0o755)
            (root / "c").write_text("untracked\n")
            with unittest.mock.patch("time.time", return_value=1.0):
                self.assertEqual(dist.tarball(root, "p-1", {"papers/x.pdf": b"%PDF"}), first)
            self.assertNotEqual(dist.tarball(root, "p-1", {}), first)
            with tarfile.open(fileobj=io.BytesIO(first)) as tar:
                self.assertEqual([(m.name, m.mode, m.uid) for m in tar],
                                 [("p-1/a", 0o644, 0), ("p-1/b/run", 0o755, 0), ("p-1/papers/x.pdf", 0o644, 0)])
                self.assertEqual(tar.extractfile("p-1/a").read(), b"1\n")

    def test_papers_of_another_commit_are_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, commit in (("old", "abc"), ("new", "def"), ("changed", "")):
                for kind in ("html", "pdf"):
                    (Path(folder) / f"{name}.{kind}").write_text(name)
                (Path(folder) / f"{name}.made.json").write_text(json.dumps({"commit": commit}))
            made, others = dist.papers_of(Path(folder), "def")
            self.assertEqual((sorted(made), others), (["papers/new.html", "papers/new.pdf"], ["changed", "old"]))


class Papers(unittest.TestCase):
    TEXT = ("---\ntitle: Test\n---\n\n# One {#one}\n\nOf {{exhibits}} exhibit, C++20, x86-64 and S3 (#398) are no "
            "numbers, nor is `1`. [All fail.]{claim=all_fail} {{if late.under_sc|Anywhere.|With weak memory.}}\n\n"
            "{{facts late}}\n\nSee {{fig late}} and [one](#one); it sleeps at {{a}} [@tokio].\n\n{{figure late}}\n")
    FACTS = {"threads": "2", "steps": "2", "preemptions": "1", "verdict": "deadlock", "under_sc": "yes",
             "repaired": "pass", "coverage": "exhaustive", "executions": "1234"}
    STEP = {"action": "load", "text": "load file.word_ = 0", "order": "relaxed", "label": "", "stale": False,
            "place": "", "source": ""}
    TRACE = {"verdict": "deadlock", "message": "a sleeps for ever (futex at a/b.hpp:7): 1 free", "memory": "sc",
             "threads": ["a", "b"],
             "steps": [{"thread": -1} | STEP | {"action": "create"}, {"thread": 1} | STEP,
                       {"thread": 0} | STEP | {"action": "sleeps", "text": "sleeps on file.word_", "order": None}]}

    def setUp(self):
        self.files = {
            "text.md": self.TEXT,
            "exhibits.csv": "exhibit,title,anchor,kind,case,shortest,plain,graph,repaired,source\n"
                            "late,Late,late,sign,published/late,yes,no,,,musl\n",
            "marks.csv": "exhibit,mark,thread,step,which\nlate,a,a,sleeps on word,\n",
            "data/exhibits.csv": f"exhibit,{','.join(self.FACTS)}\nlate,{','.join(self.FACTS.values())}\n",
            "data/traces/late.json": json.dumps(self.TRACE),
            "claims.csv": ",".join(papers.paper.CLAIM_COLUMNS) + "\n" +
                          "exhibits,1,,exhibits.csv,*,count(),c\n"
                          "all_fail,yes,,data/exhibits.csv,*,all(verdict=deadlock),c\n" +
                          "".join(f"late.{k},{v},,data/exhibits.csv,late,{k},c\n" for k, v in self.FACTS.items())}

    def paper(self):
        folder = Path(tempfile.mkdtemp()) / "test"
        self.addCleanup(shutil.rmtree, folder.parent)
        for name, text in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return papers.paper.Paper(folder)

    def found(self, file, old, new, *expected):
        """What is wrong once `old` is `new` in a file."""
        self.assertIn(old, self.files[file])
        self.files[file] = self.files[file].replace(old, new)
        problems = papers.check.problems_of(self.paper())
        for words in expected:
            self.assertTrue(any(words in p for p in problems), problems)
        return problems

    TABLE = ("table,caption,file,where,columns,command,digest\n"
             "all,All of them.,data/exhibits.csv,steps<3,name=exhibit:c:9; found in=executions:n:5,c,DIGEST\n")

    def with_a_table(self):
        self.files["tables.csv"] = self.TABLE.replace("DIGEST", hashlib.sha256(b"late,1234").hexdigest()[:12])
        self.files["text.md"] += "\n{{tab all}} has them.\n\n{{rows all}}\n"

    def test_a_table(self):
        self.with_a_table()
        p = self.paper()
        self.assertEqual(papers.check.problems_of(p), [])
        self.assertIn("[Table 1](#tab:all) has them.", p.expanded("html"))
        self.assertIn("| `late` | 1,234 |\n\nTable: Table 1: All of them.", p.expanded("html"))
        self.assertIn(r"| `\texttt{late}`{=latex} | 1,234 |", p.expanded("latex"))

    def test_a_table_that_shows_nothing(self):
        for old, new, words in (
                ("steps<3", "steps>3", "tables.csv: all has no rows"),
                ("=exhibit:", "=exponat:", "has no column exponat"),
                ("exhibit:c:9", "exhibit:9", "'name=exhibit:9' is no heading=column:kind:width"),
                (":n:5,c,", ":n:5,,", "all names no command"),
                ("All of them", "All 7", "the number '7.' was typed by hand"),
                ("found in", "found in 3 days", "tables.csv:2: the number '3' was typed"),
                ("\nall,", "\nnone,", "has the table all, which tables.csv has not")):
            self.setUp()
            self.with_a_table()
            self.found("tables.csv", old, new, words)
        self.setUp()
        self.with_a_table()
        self.found("data/exhibits.csv", "1234", "1235", "all: data/exhibits.csv has other rows than those that were")
        self.setUp()
        self.with_a_table()
        self.found("text.md", "{{rows all}}", "", "tables.csv: all is nowhere", "refers to the table all, which is")

    DERIVE = ("def derive(folder):\n    if not (folder / 'data/raw').is_file():\n"
              "        raise ValueError('no raw data')\n"
              "    value = (folder / 'data/raw').read_text().strip()\n"
              "    return {'all': [{'what': 'cost', 'value': value, 'low': '5', 'high': '9'}]}\n")

    def with_derived_data(self):
        self.files["derive.py"], self.files["data/raw"] = self.DERIVE, "7\n"
        self.files["claims.csv"] += "cost,7,ns,derived/all.csv,cost,value,c\n"
        self.files["text.md"] += "\nIt costs {{cost}} ns.\n"

    def test_a_table_that_is_computed(self):
        self.with_derived_data()
        p = self.paper()
        self.assertEqual(papers.check.problems_of(p), [])
        self.assertIn("It costs 7 ns.", p.expanded("html"))
        self.found("data/raw", "7", "8", "cost is 7, but derived/all.csv has 8")
        self.setUp()
        self.with_derived_data()
        self.found("claims.csv", "derived/all.csv", "derived/none.csv", "cost: derive.py makes no none")
        self.setUp()
        self.with_derived_data()
        del self.files["data/raw"]
        self.assertEqual(papers.check.problems_of(self.paper()), ["test: no raw data"])

    def test_what_is_said_only_while_a_claim_holds(self):
        self.files["text.md"] += ("\n{{when all_fail}}All {{exhibits}}.{{end}} "
                                  "{{unless all_fail}}Not {{exhibits}}.{{end}}\n")
        p = self.paper()
        self.assertEqual(papers.check.problems_of(p), [])
        self.assertIn("\nAll 1. \n", p.expanded("html"))
        self.found("text.md", "Not {{exhibits}}.{{end}}", "Not {{exhibits}}.", "{{unless all_fail}} has no counterpart")
        self.setUp()
        self.with_a_table()
        self.found("text.md", "{{rows all}}", "{{unless all_fail}}{{rows all}}{{end}}",
                   "refers to all, which these data leave out")

    DOTS = ("panel,unit,scale,row,series,kind,value,low,high\np,ns,log,wake,list,dot,7,5,9\n"
            "p,ns,log,wake,deque,dot,20,10,30\np,ns,log,wake,bare,floor,4,,\np,ns,log,,promised,band,,10,20\n")

    def with_a_chart(self):
        self.files["data/dots.csv"] = self.DOTS
        digest = hashlib.sha256("\n".join(self.DOTS.splitlines()[1:]).encode()).hexdigest()[:12]
        self.files["charts.csv"] = (f"{','.join(papers.paper.CHART_COLUMNS)}\n"
                                    f"dots,What it costs.,dots,data/dots.csv,,c,{digest}\n")
        self.files["text.md"] += "\n{{fig dots}} has the costs.\n\n{{chart dots}}\n"

    def test_a_chart(self):
        self.with_a_chart()
        p = self.paper()
        self.assertEqual(papers.check.problems_of(p), [])
        self.assertIn("[Figure 2](#fig:dots) has the costs.", p.expanded("html"))
        svg = p.pictures["dots"].svg()
        for words in (">wake<", ">list<", ">deque<", ">bare<", ">promised<", ">ns<", "<circle", "<polygon"):
            self.assertIn(words, svg)

    def test_a_chart_that_cannot_be_drawn(self):
        for file, old, new, words in (
                ("data/dots.csv", "list,dot,7", "list,dot,8", "data/dots.csv has other rows than those that were"),
                ("data/dots.csv", "list,dot,7", "list,dot,much", "p, wake, list: 'much' is no number"),
                ("data/dots.csv", "list,dot,7,5", "list,dot,7,-5", "p, wake: -5 has no place on a logarithmic axis"),
                ("data/dots.csv", "p,ns,log,wake,list,dot,7,5,9\n", "p,ns,log,wait,list,dot,7,5,9\n",
                 "p has no value of list in the row 'wake'"),
                ("data/dots.csv", "\np,ns", f"\n{'p' * 120},ns", "a panel's name does not fit"),
                ("charts.csv", ",dots,data", ",pie,data", "charts.csv: dots: pie is no kind of chart"),
                ("charts.csv", "dots.csv,,c,", "dots.csv,,,", "dots names no command"),
                ("charts.csv", "dots.csv,,c,", "dots.csv,series=none,c,", "dots has no rows"),
                ("charts.csv", "What it costs", "The 7 costs", "charts.csv:2: the number '7' was typed"),
                ("text.md", "{{chart dots}}", "", "charts.csv: dots is nowhere in the text"),
                ("text.md", "{{chart dots}}", "{{chart bars}}", "has the chart bars, which charts.csv has not"),
                ("text.md", "{{fig dots}}", "{{fig bars}}", "bars")):
            self.setUp()
            self.with_a_chart()
            self.found(file, old, new, words)

    def test_states(self):
        rows = [dict.fromkeys(("kind", "state", "to", "x", "y", "number", "words"), "") | r for r in (
            {"kind": "state", "state": "open", "x": "0", "y": "0"},
            {"kind": "state", "state": "shut", "x": "1", "y": "1"},
            {"kind": "arrow", "state": "open", "to": "shut", "number": "1", "words": "close"},
            {"kind": "arrow", "state": "shut", "to": "shut", "number": "2", "words": "close again"})]
        drawn = papers.paper.states.Picture("door", rows)
        svg = drawn.svg()
        self.assertEqual((drawn.problems, svg.count("marker-end")), ([], 2))
        self.assertIn(">close again<", svg)
        self.assertIn("arrow 1 names the state open, which has no place",
                      papers.paper.states.Picture("door", rows[1:]).problems[0])
        self.assertIn("no arrow leads to or from the state open",
                      papers.paper.states.Picture("door", rows[:2] + rows[3:]).problems[0])
        rows[2]["words"] = "x" * 150
        late = papers.paper.states.Picture("door", rows)
        late.svg()
        self.assertIn("a line of arrow 1 does not fit", late.problems[0])

    def lines_of_results(self, times, marks=()):
        head = {"record": "run", "command_line": "/a/b/surewake-bench run x --out /tmp/z --force", "provenance": {}}
        samples = [{"record": "sample", "workload": "w", "scenario": "s", "contestant": c, "measures": "time",
                    "threads": 1, "repeat": n, "time_ns_per_operation": t * (2 if c == "slow" else 1), "position": n}
                   | ({"marks": ["steal"]} if n in marks else {}) for c in ("slow", "quick", "unused")
                   for n, t in enumerate(times)]
        return [json.dumps(r) for r in (head, *samples, {"record": "end", "state": "complete"})]

    def frozen_run(self, *arguments):
        results = papers.results
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        text = results.frozen(self.lines_of_results(*arguments), {("w", "s"): ["slow", "quick"]})
        results.freeze(folder, "m", text)
        run = results.runs_of(folder)[0]
        (folder / "m.jsonl").write_text(text.replace("10.0", "10.5"), encoding="utf-8")
        with self.assertRaisesRegex(results.Bad, "m.jsonl is not as it was frozen"):
            results.runs_of(folder)
        return text, run

    def test_a_frozen_result_file(self):
        text, run = self.frozen_run([10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0])
        for words in ("unused", "position", "/tmp", "/a/b", "--force"):
            self.assertNotIn(words, text)
        ratio = run.ratio("w", "s", "slow", "quick")
        self.assertEqual((ratio.median, ratio.low, ratio.high, ratio.n), (2, 2, 2, 7))
        time = run.of("w", "s", "quick", "time_ns_per_operation")
        self.assertEqual((time.median, time.low, time.high), (13, 10, 16))
        with self.assertRaisesRegex(papers.results.Bad, "m has no sample of w / s / unused"):
            run.of("w", "s", "unused", "time_ns_per_operation")
        with self.assertRaisesRegex(papers.results.Bad, "5 samples are too few"):
            self.frozen_run([10.0] * 5)[1].of("w", "s", "quick", "time_ns_per_operation")
        _, run = self.frozen_run([10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 99.0], (6,))
        self.assertEqual(run.of("w", "s", "quick", "time_ns_per_operation").high, 15)  # without the marked one
        lines = self.lines_of_results([1.0] * 7)[:-1] + ['{"record":"end","state":"interrupted"}']
        with self.assertRaisesRegex(papers.results.Bad, "not complete: interrupted"):
            papers.results.frozen(lines, {})

    def test_the_interval_of_a_median(self):
        for n, low, high in ((6, 1, 6), (9, 2, 8), (15, 4, 12), (21, 6, 16), (100, 40, 61)):  # as in tables of them
            e = papers.results.estimate(range(1, n + 1), "x")
            self.assertEqual((e.low, e.high), (low, high), n)

    def test_promises_of_the_benchmark(self):
        rows = [{"subject": "a", "unit": "percent", "low": "20", "high": "30"},
                {"subject": "a", "unit": "percent", "low": "20", "high": "90"},
                {"subject": "b", "unit": "cycles", "low": "", "high": "5"}]
        self.assertEqual(papers.other_promises('promise{"a", "+20–30 %"}', rows), [])
        self.assertIn("20–30 for a, and bench/results/gains.cpp 20–31",
                      papers.other_promises('promise{"a", "+20–31 %"}', rows)[0])
        self.assertIn("nothing for b",
                      papers.other_promises('promise{"a", "+20–30 %"} promise{"b", "+1–2 %"}', rows)[0])

    def test_what_moved_within_its_interval(self):
        self.with_derived_data()
        for raw, words in (("8", "0 of 11 claims moved, 1 more within their intervals"), ("x", None)):
            p = self.paper()

            def measured(program, folder, scratch, raw=raw):
                (folder / "data/raw").write_text(raw, encoding="utf-8")
                if raw == "x":
                    derive = self.DERIVE.replace("'5'", "'50'").replace("'9'", "'90'")
                    (folder / "derive.py").write_text(derive, encoding="utf-8")

            said = io.StringIO()
            module = unittest.mock.Mock(measure=measured, Failed=papers.measure.Failed, TARGETS=("surewake-bench",))
            with unittest.mock.patch.object(papers.make.importlib, "import_module", return_value=module), \
                    unittest.mock.patch.object(papers.make, "PAPERS", p.folder.parent), \
                    contextlib.redirect_stdout(said):
                papers.make.measure("test", "bin")
            self.assertIn(words or "cost: 7 -> x ns", said.getvalue())

    def test_data_that_do_not_suffice_are_put_aside(self):
        self.with_derived_data()
        few = "    if value == 'few':\n        raise ValueError('few')\n"
        self.files["derive.py"] = self.DERIVE.replace("    return", few + "    return")
        p = self.paper()
        module = unittest.mock.Mock(Failed=papers.measure.Failed, TARGETS=("surewake-bench",))
        module.measure = lambda program, folder, scratch: (folder / "data/raw").write_text("few", encoding="utf-8")
        with unittest.mock.patch.object(papers.make.importlib, "import_module", return_value=module), \
                unittest.mock.patch.object(papers.make, "PAPERS", p.folder.parent), \
                unittest.mock.patch.object(papers.make, "REFUSED", p.folder.parent), \
                contextlib.redirect_stdout(io.StringIO()):
            with self.assertRaisesRegex(papers.make.Failed, "do not suffice, and are in .*test.refused: few"):
                papers.make.measure("test", "bin")
        self.assertEqual((p.folder / "data/raw").read_text(encoding="utf-8"), "7\n")
        self.assertEqual((p.folder.parent / "test.refused/raw").read_text(encoding="utf-8"), "few")

    def test_a_result_file_for_a_paper_that_takes_none(self):
        with self.assertRaisesRegex(papers.make.Failed, "measures with surewake-verify, which makes no result file"):
            papers.make.program_of("museum", papers.measure, None, Path("r.jsonl"))

    def test_an_execution_is_drawn_with_what_its_trace_shows(self):
        steps = [{"thread": t, "step": 10 * n, "shown": n != 2} | self.STEP | {"text": f"load file.w{n}_ = {v}"}
                 for n, (t, v) in enumerate(((0, 1), (1, 2), (1, 98956047154561)), 1)]
        steps[2] |= {"text": steps[2]["text"] + " (stale)", "stale": True}
        events = [{"number": n, "step": step} for n, step in ((1, 10), (2, 20), (3, 30))]
        trace = self.TRACE | {"steps": steps, "events": events, "rf": [[1, 3], [2, 3]], "fr": [[3, 1]]}
        drawing = papers.paper.figure.Drawing("late", trace)
        svg = drawing.svg()
        self.assertEqual((drawing.problems, len(drawing.steps), drawing.rows), ([], 3, [1, 3]))
        for words in ("… 1 more", "load w1 = 1 relaxed", "load w3 = @+1 relaxed (stale)", ">3</text>"):
            self.assertIn(words, svg)
        self.assertEqual([svg.count(f'url(#{relation})') for relation in ("rf", "missed")], [1, 1])
        self.assertEqual(papers.paper.figure.Drawing("late", trace, shows="w2").rows, [2])
        self.assertEqual(papers.paper.figure.Drawing("late", trace, marks={"a": 3}, shows="w2").rows, [2, 3])

    def test_what_is_said_of_rows(self):
        rows = [{"a": "1", "b": "x"}, {"a": "20", "b": "x"}, {"a": "3", "b": "y"}, {"a": "", "b": "z"}]
        for what, value in (("count(a>2)", "2"), ("count(a<20&b=x)", "1"), ("median(a;a!=)", "3"), ("sum(a;b=x)", "21"),
                            ("max(a;b!=z)", "20"), ("distinct(b;a>1)", "2"), ("all(b!=w)", "yes")):
            self.assertEqual(papers.data.aggregate(rows, what), value, what)
        with self.assertRaisesRegex(ValueError, "there is no such row"):
            papers.data.aggregate(rows, "max(a;b=w)")

    def test_a_case_that_is_not_there(self):
        exhibits = papers.data.rows_of(Path(self.paper().folder) / "exhibits.csv")
        listed = "published/late\n  published/late    deadlock  random  x\n"
        self.assertEqual(papers.unknown_cases(listed, "test", exhibits), [])
        self.assertEqual(papers.unknown_cases("late\n", "test", exhibits),
                         ["test: exhibits.csv names the case published/late, which surewake-verify has not"])

    def test_a_paper_that_is_right(self):
        p = self.paper()
        self.assertEqual(papers.check.problems_of(p), [])
        text = p.expanded("html")
        for words in ("Of 1 exhibit", "All fail.", "Anywhere.", "2 steps", "1 preemption ", "1,234 executions",
                      "(**a**)", "[Figure 1](#fig:late)"):
            self.assertIn(words, text)
        drawing = p.drawings["late"].svg()
        for words in ("load word = 0", "sleeps for ever", "deadlock: a sleeps for ever: 1 free"):
            self.assertIn(words, drawing)

    def test_a_number_typed_by_hand(self):
        for number in ("7 steps", "3.5", "seven threads", "a dozen", "two threads", "Twenty", "1,234"):
            self.setUp()
            self.found("text.md", "All fail.", f"All fail. {number}.", "was typed by hand")
        for none in ("two words", "one step", "`7`", "RC11", "C++20", "[x](https://a.b/7)", "no number"):
            self.setUp()
            self.assertEqual(self.found("text.md", "it sleeps", f"{none}: it sleeps"), [])

    def test_a_value_that_differs_from_the_data(self):
        self.found("claims.csv", "late.steps,2", "late.steps,3", "late.steps is 3, but data/exhibits.csv has 2")

    def test_a_claim_of_a_row_that_is_not_there(self):
        self.found("claims.csv", "data/exhibits.csv,late,steps", "data/exhibits.csv,later,steps", "has no row later")
        self.found("claims.csv", "count()", "most()", "'most()' is no aggregate")

    def test_a_claim_that_no_sentence_makes(self):
        self.found("text.md", "Of {{exhibits}} exhibit, ", "", "exhibits is in no sentence")

    def test_a_claim_without_a_command(self):
        self.found("claims.csv", "count(),c", "count(),", "exhibits names no command")

    def test_a_sentence_that_the_data_make_false(self):
        self.found("data/exhibits.csv", "deadlock", "broken law", "late.verdict is deadlock", "all_fail is yes, but")
        self.files["claims.csv"] = self.files["claims.csv"].replace("all_fail,yes", "all_fail,no").replace(
            "verdict,deadlock", "verdict,broken law")
        self.files["data/traces/late.json"] = self.files["data/traces/late.json"].replace('"deadlock"', '"broken law"')
        self.assertIn("“All fail.” is false", papers.check.problems_of(self.paper())[0])

    def test_a_sentence_that_follows_the_data(self):
        for file in ("data/exhibits.csv", "claims.csv"):
            self.files[file] = self.files[file].replace("deadlock,yes,pass", "deadlock,no,pass").replace(
                "late.under_sc,yes", "late.under_sc,no")
        p = self.paper()
        self.assertEqual(papers.check.problems_of(p), [])
        self.assertIn("With weak memory.", p.expanded("html"))

    def test_references_to_nothing(self):
        self.found("text.md", "@tokio", "@another", "cites another, which references.bib has not")
        self.found("text.md", "(#one)", "(#two)", "refers to #two")
        self.found("text.md", "{{figure late}}", "", "no figure of late", "refers to the figure of late, which")
        self.setUp()
        self.found("text.md", "{{facts late}}", "{{facts early}}", "no facts of late", "the exhibit early")

    def test_a_claim_that_does_not_exist(self):
        self.found("text.md", "All fail.", "All fail {{late.rounds}}.", "late.rounds is no claim")

    def test_a_trace_that_no_longer_has_the_step_of_a_mark(self):
        self.found("data/traces/late.json", "sleeps on file.word_", "sleeps on file.other_", "'sleeps on word' 0 times")
        self.setUp()
        self.found("text.md", "at {{a}}", "", "(a) of late is in no sentence")
        self.setUp()
        self.found("text.md", "{{a}}", "{{b}}", "(b) is no mark of late")

    def test_steps_that_are_not_those_of_the_trace(self):
        trace = dict(self.TRACE, steps=[*self.TRACE["steps"], {"thread": 1} | self.STEP])
        self.files["data/traces/late.json"] = json.dumps(trace)
        self.assertIn("steps of late: 2; its trace has 3", papers.check.problems_of(self.paper())[0])

    def test_a_figure_that_is_too_wide(self):
        self.found("data/traces/late.json", "load file.word_ = 0", "load " + "x" * 120, "step 1 does not fit")

    def test_what_latex_complains_about(self):
        log = ("Overfull \\hbox (3pt too wide) in paragraph at lines 1--2\nUnderfull \\vbox (badness 10000) detected\n"
               "LaTeX Warning: Reference `x' on page 1 undefined on input line 3.\n"
               "Missing character: There is no x in font y!\n")
        self.assertEqual([line.split(" ")[0] for line in papers.make.wrong_in(log)], ["Overfull", "LaTeX", "Missing"])

    def test_what_moved_is_said_and_written_but_no_sentence(self):
        p = self.paper()
        rows = self.files["data/exhibits.csv"].replace("deadlock", "livelock").replace("1234", "99")
        (p.folder / "data/exhibits.csv").write_text(rows, encoding="utf-8")
        said = io.StringIO()
        with unittest.mock.patch.object(papers.make.importlib, "import_module", return_value=papers.measure), \
                unittest.mock.patch.object(papers.measure, "measure"), \
                unittest.mock.patch.object(papers.make, "PAPERS", p.folder.parent), contextlib.redirect_stdout(said):
            with self.assertRaisesRegex(papers.make.Failed, "no longer true, but said in the text: all_fail"):
                papers.make.measure("test", "program")
        self.assertIn("late.executions: 1234 -> 99", said.getvalue())
        claims = (p.folder / "claims.csv").read_text(encoding="utf-8")
        self.assertIn("late.executions,99,", claims)
        self.assertIn("all_fail,yes,", claims)

    def test_an_exhibit_of_another_source_than_its_header(self):
        exhibits = papers.data.rows_of(Path(self.paper().folder) / "exhibits.csv")
        self.assertEqual(papers.other_sources(exhibits, lambda _: "// Source  musl. [@musl]"), [])
        self.assertEqual(papers.other_sources(exhibits, lambda _: None), [])
        self.assertIn("musl for late", papers.other_sources(exhibits, lambda _: "// Source  [@tokio]")[0])

    def test_a_paper_that_no_page_lists(self):
        page = "| [old](old/text.md) | *Old* |\n"
        self.assertEqual(papers.unlisted(["old", "new"], page), ["papers/README.md lists no new"])

    def test_a_published_bug_without_an_exhibit(self):
        found = papers.unexhibited({"late", "early"}, papers.data.rows_of(Path(self.paper().folder) / "exhibits.csv"))
        self.assertEqual(len(found), 1)
        self.assertIn("exhibits.csv has no early", found[0])
        said = "published/early\n  published/early#alone@bound  deadlock  x\n  published/late/repaired  pass  y\n"
        with unittest.mock.patch.object(papers.measure, "surewake", return_value=said):
            self.assertEqual(papers.measure.published_bugs("program"), {"early"})


if __name__ == "__main__":
    unittest.main()
