#include <surewake/verify/engine/graph/altered.hpp>
#include <surewake/verify/engine/graph/axioms.hpp>
#include <surewake/verify/engine/graph/explorer.hpp>
#include <surewake/verify/engine/graph/litmus.hpp>
#include <surewake/verify/engine/graph/schedule.hpp>
#include <surewake/verify/engine/graph/token.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

// What is made of graphs: copies that differ, schedules, tokens. Programs without conditions are enough, and are run
// here by hand: thread t performs its requests one after the other.

using namespace surewake::verify::graph;

namespace {

std::vector<std::vector<std::string>> const programs{
    {"W x 1 rlx; R r0 y rlx", "W y 1 rlx; R r0 x rlx"},
    {"W x 1 sc; R r0 y sc", "W y 1 sc; R r0 x sc"},
    {"W x 1 rlx; W y 1 rel", "R r0 y acq; R r1 x rlx"},
    {"W x 1 rlx; W y 2 rlx", "W y 1 rlx; W x 2 rlx"},
    {"A r0 x 1 rlx; R r1 y rlx", "A r0 x 1 ar; W y 1 rlx", "R r0 y acq; X r1 x 5 sc"},
    {"W x 1 rlx; F sc; R r0 y rlx", "W y 1 rlx; F sc; R r0 x rlx"},
    {"W x 1 rlx", "W y 1 rlx", "R r0 x acq; R r1 y acq", "R r0 y acq; R r1 x acq"},
    {"C r0 x 0 1 ar rlx; W y 1 rel", "C r0 x 0 2 ar acq; R r1 y acq", "V r0 3; W x 7 rlx"},
};

/// Visits each execution of a program.
template <class F> void each(std::vector<std::string> const& threads, memory_model model, F visit) {
  program const p = parse_program(threads);
  explorer e(model, static_cast<unsigned>(threads.size()));
  while (e.next_run()) {
    std::vector<std::size_t> at(threads.size());
    for (unsigned t; (t = e.turn()) != explorer::none;) {
      if (at[t] == p.threads[t].statements.size()) {
        e.finish(t);
      } else {
        static_cast<void>(e.perform(t, p.threads[t].statements[at[t]++].what));
      }
    }
    if (e.complete()) visit(e.graph());
  }
}

request own(event const& e) { return e.asked; }

/// Returns a graph without the numbers of its events.
std::string text_of(execution const& g) {
  std::string text;
  auto const name = [&](event_id e) {
    event const& it = g[e];
    return it.what == kind::initial ? "i" + std::to_string(it.asked.where)
                                    : std::to_string(it.thread) + "." + std::to_string(it.index);
  };
  for (unsigned t = 0; t != max_threads; ++t) {
    for (event_id const e : g.of_thread(t)) {
      text += name(e) + "=" + std::to_string(g[e].seen);
      if (g[e].what == kind::read) text += "<" + name(g[e].reads);
      text += " ";
    }
  }
  for (location_id l = 0; l != g.locations(); ++l) {
    for (event_id const w : g.writes(l)) text += name(w) + ",";
  }
  return text;
}

/// Takes the decisions of a token in a new exploration.
std::string followed(std::vector<std::string> const& threads, memory_model model, std::vector<decision> const& all) {
  program const p = parse_program(threads);
  explorer e(model, static_cast<unsigned>(threads.size()));
  e.follow(execution(model));
  std::vector<std::size_t> at(threads.size());
  for (decision const& d : all) {
    static_cast<void>(e.turn());
    request const r = p.threads[d.thread].statements[at[d.thread]++].what;
    REQUIRE(e.decide(d.thread, r, d.which));
    static_cast<void>(e.perform(d.thread, r));
  }
  return text_of(e.graph());
}

/// Counts the fewest switches of all schedules, by trying them. With `orderly`, of those without anything odd.
struct all_schedules {
  execution const& g;
  bool orderly;
  std::vector<unsigned> done = std::vector<unsigned>(max_threads);
  unsigned fewest = ~0U;

  [[nodiscard]] bool is_done(event_id e) const {
    return g[e].what == kind::initial || g[e].index < done[g[e].thread];
  }
  [[nodiscard]] bool may_come(event_id e) const {
    event const& it = g[e];
    if (it.what == kind::read && !is_done(it.reads)) return false;
    if (it.what != kind::read && it.what != kind::write) return true;
    std::vector<event_id> const& co = g.writes(it.asked.where);
    auto const own = static_cast<std::size_t>(it.what == kind::read ? g[it.reads].place : it.place);
    // What an RMW reads is next to what it writes.
    for (std::size_t p = own + 1; orderly && p != co.size(); ++p) {
      if (is_done(co[p])) return false;
    }
    return true;
  }
  void go_on(unsigned last, unsigned switches) {
    bool ended = true;
    for (unsigned t = 0; t != max_threads; ++t) {
      if (done[t] == g.of_thread(t).size()) continue;
      ended = false;
      event_id const e = g.of_thread(t)[done[t]];
      if (!may_come(e)) continue;
      unsigned const n = g[e].half ? 2 : 1;
      done[t] += n;
      go_on(t, switches + (last != no_thread && last != t ? 1 : 0));
      done[t] -= n;
    }
    if (ended) fewest = std::min(fewest, switches);
  }
};

}  // namespace

TEST_CASE("graph altered: a copy is the graph, and consistent in a model where the axioms are satisfied") {
  std::size_t weak = 0;
  for (auto const& threads : programs) {
    for (memory_model const from : {memory_model::cpp20, memory_model::rc11}) {
      each(threads, from, [&](execution const& g) {
        CHECK(text_of(alter(g, from).graph) == text_of(g));
        CHECK(alter(g, from).consistent);
        for (memory_model const to : {memory_model::sc, memory_model::rc11, memory_model::cpp20}) {
          altered const copy = alter(g, to);
          if (!copy.consistent) ++weak;
          CHECK(copy.consistent == (copy.graph.size() == g.size() && satisfies_axioms(copy.graph)));
        }
      });
    }
  }
  CHECK(weak == 8);
}

TEST_CASE("graph altered: orders that are raised forbid what the axioms forbid") {
  std::size_t forbidden = 0;
  for (auto const& threads : programs) {
    each(threads, memory_model::cpp20, [&](execution const& g) {
      for (order const to : {order::acq_rel, order::seq_cst}) {
        altered const copy = alter(g, memory_model::cpp20, lengths_of(g), [&](event const& e) {
          request r = e.asked;
          r.with = to;
          if (to == order::acq_rel && r.what == operation::load) r.with = order::acquire;
          if (to == order::acq_rel && r.what == operation::store) r.with = order::release;
          return r;
        });
        if (!copy.consistent) ++forbidden;
        CHECK(copy.consistent == (copy.graph.size() == g.size() && satisfies_axioms(copy.graph)));
      }
    });
  }
  CHECK(forbidden == 5);
}

TEST_CASE("graph altered: a graph that is cut has the first events of each thread") {
  each(programs[2], memory_model::cpp20, [&](execution const& g) {
    altered const cut = alter(g, memory_model::cpp20, {2, 1}, own);
    CHECK(cut.graph.of_thread(0).size() == 2);
    CHECK(cut.graph.of_thread(1).size() == 1);
    CHECK(cut.consistent);
  });
}

TEST_CASE("graph schedule: as few switches as any, and nothing odd where an interleaving exists") {
  std::size_t odd = 0;
  for (auto const& threads : programs) {
    each(threads, memory_model::cpp20, [&](execution const& visited) {
      altered const copy = alter(visited, memory_model::cpp20);
      execution const& g = copy.graph;
      bool const sequential = alter(g, memory_model::sc).consistent;
      schedule const s = schedule_of(g, sequential, [](event const&) { return true; });
      all_schedules all{g, sequential};
      all.go_on(no_thread, 0);
      if (sequential) {
        CHECK(s.stale.empty());
        CHECK(s.late.empty());
        CHECK(s.switches == all.fewest);
      } else {
        odd += s.stale.size() + s.late.size();
        CHECK(s.stale.size() + s.late.size() != 0);
        CHECK(s.switches >= all.fewest);
      }
      std::size_t events = 0;
      for (event_id e = 0; e != g.size(); ++e)
        events += g[e].what != kind::initial && !(g[e].what == kind::write && g[e].half) ? 1U : 0U;
      CHECK(s.order.size() == events);
    });
  }
  CHECK(odd != 0);
}

TEST_CASE("graph schedule: the thread that is asked for comes last, and hidden events are no switches") {
  each({"W x 1 rlx", "W y 1 rlx"}, memory_model::cpp20, [&](execution const& g) {
    for (unsigned last : {0U, 1U}) {
      schedule const s = schedule_of(g, true, [](event const&) { return true; }, last);
      CHECK(g[s.order.back()].thread == last);
      CHECK(s.switches == 1);
    }
    CHECK(schedule_of(g, true, [](event const& e) { return e.thread == 0; }).switches == 0);
  });
}

TEST_CASE("graph token: every execution comes back from its token") {
  std::size_t count = 0;
  for (auto const& threads : programs) {
    for (memory_model const model : {memory_model::cpp20, memory_model::sc}) {
      each(threads, model, [&](execution const& visited) {
        execution const g = alter(visited, model).graph;
        token const t{model, 1, 3, static_cast<unsigned>(threads.size()), decisions_of(g)};
        token const back = parse_token(to_text(t));
        CHECK(back == t);
        CHECK(followed(threads, model, back.decisions) == text_of(visited));
        ++count;
      });
    }
  }
  CHECK(count > 100);
}

TEST_CASE("graph token: what is wrong with a text is said") {
  std::string const good = to_text({memory_model::cpp20, 1, 3, 2, {{0, 0}, {1, 0}, {1, 300}, {0, 2}}});
  CHECK(parse_token(good).decisions.size() == 4);
  CHECK(good.size() < 30);
  auto const says = [](std::string const& text, char const* what) {
    try {
      static_cast<void>(parse_token(text));
      FAIL("no error: " << text);
    } catch (std::invalid_argument const& e) {
      CHECK(std::string(e.what()).find(what) != std::string::npos);
    }
  };
  says("b2.17", "begins with");
  says("graph.", "damaged");
  says("graph.AA", "another version");
  says(good.substr(0, good.size() - 2), "damaged");
  says(good + "!", "a character that no token has");
  for (std::size_t i = 10; i + 1 < good.size(); ++i) {
    std::string swapped = good;
    if (good[i] == good[i + 1]) continue;
    std::swap(swapped[i], swapped[i + 1]);
    CHECK_THROWS_AS(static_cast<void>(parse_token(swapped)), std::invalid_argument);
  }
}
