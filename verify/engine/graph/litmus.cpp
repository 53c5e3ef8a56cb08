#include <surewake/verify/engine/graph/axioms.hpp>
#include <surewake/verify/engine/graph/explorer.hpp>
#include <surewake/verify/engine/graph/freed_blocks.hpp>
#include <surewake/verify/engine/graph/litmus.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace surewake::verify::graph {

namespace {

/// The threads of a program in one run.
class run {
 public:
  run(program const& p, explorer& e) : program_(p), explorer_(e), at_(p.threads.size()), registers_(p.threads.size()) {
    for (std::size_t t = 0; t != p.threads.size(); ++t) registers_[t].assign(p.threads[t].registers.size(), 9);
  }

  void to_its_end() {
    for (unsigned t = explorer_.turn(); t != explorer::none; t = explorer_.turn()) step(t);
  }
  [[nodiscard]] std::string state() const {
    std::vector<std::string> parts;
    for (std::size_t t = 0; t != registers_.size(); ++t) {
      for (std::size_t r = 1; r != registers_[t].size(); ++r)
        parts.push_back(std::to_string(t) + ":" + program_.threads[t].registers[r] + "=" +
                        std::to_string(static_cast<std::int64_t>(registers_[t][r])));
    }
    execution const& g = explorer_.graph();
    for (location_id l = 0; l != program_.locations.size(); ++l) {
      if (program_.is_plain[l]) continue;
      bool const used = l < g.locations() && !g.writes(l).empty();
      parts.push_back(program_.locations[l] + "=" +
                      std::to_string(static_cast<std::int64_t>(used ? g[g.writes(l).back()].seen : 0)));
    }
    std::sort(parts.begin(), parts.end());
    std::string result;
    for (std::string const& part : parts) result += (result.empty() ? "" : " ") + part;
    return result;
  }

 private:
  void step(unsigned t) {
    std::vector<value>& regs = registers_[t];
    auto const holds = [&](statement const& s) {
      return std::all_of(s.conditions.begin(), s.conditions.end(),
                         [&](statement::condition const& c) { return regs[c.reg] == c.equals; });
    };
    auto const& all = program_.threads[t].statements;
    while (at_[t] != all.size() && !holds(all[at_[t]])) ++at_[t];
    if (at_[t] == all.size()) return explorer_.finish(t);
    statement const& s = all[at_[t]++];
    if (s.frees) return freed_.add(regs[s.result], 1, here(t));
    if (s.what.what == operation::allocate) return allocate(t, s);
    if (s.waits) {
      request r = s.what;
      r.expected = 0;
      regs[s.result] = perform(t, r, [&](value v) { return v == s.what.expected; });
      if (regs[s.result] != s.what.expected) explorer_.block(t);
      return;
    }
    value const seen = perform(t, s.what, [](value) { return true; });
    bool const exchange = s.what.what == operation::compare_exchange;
    if (exchange) regs[s.seen] = seen;
    bool const reads =
        s.what.what == operation::load || s.what.what == operation::choice || is_rmw(s.what.what);
    if (reads) regs[s.result] = exchange ? seen == s.what.expected : seen;
  }

  template <class Wanted> value perform(unsigned t, request const& r, Wanted wanted) {
    value const seen = explorer_.perform(t, r, wanted);
    event const& e = explorer_.performed();
    events_[t] = e.index + (e.half && e.what == kind::read ? 2U : 1U);
    return seen;
  }
  [[nodiscard]] position here(unsigned t) const noexcept {
    return {static_cast<std::uint8_t>(t), static_cast<std::uint16_t>(events_[t])};
  }
  void allocate(unsigned t, statement const& s) {
    execution const& g = explorer_.graph();
    auto const knows = [&](position p) { return p.thread == t || g.known(t).has(p.thread, p.events); };
    position const at = here(t);
    value const v = perform(t, s.what, offer{freed_.offer(1, 1, knows)});
    if (v == 0) {
      registers_[t][s.result] = 10 * (t + 1) + ++fresh_[t];
    } else if (freed_block const* const b = freed_.take(v, 1, at); b != nullptr) {
      registers_[t][s.result] = b->at;
    } else {
      throw std::logic_error("memory is given again that is not free");
    }
  }

  program const& program_;
  explorer& explorer_;
  std::vector<std::size_t> at_;
  std::vector<std::vector<value>> registers_;
  std::array<unsigned, max_threads> events_{};  // of each thread, performed in this run
  std::array<value, max_threads> fresh_{};      // blocks of each thread that were fresh
  freed_blocks freed_{};
};

/// Returns what tells an execution from others: rf and co, with events by thread and index.
std::string identity(execution const& g) {
  std::string result;
  auto const name = [&](event_id e) {
    event const& it = g[e];
    return it.what == kind::initial ? std::string("i") : std::to_string(it.thread) + "." + std::to_string(it.index);
  };
  for (unsigned t = 0; t != max_threads; ++t) {
    for (event_id const e : g.of_thread(t)) {
      if (g[e].what == kind::read) result += name(e) + "<" + name(g[e].reads) + " ";
      if (g[e].what == kind::choice) result += name(e) + "=" + std::to_string(g[e].seen) + " ";
    }
  }
  for (location_id l = 0; l != g.locations(); ++l) {
    for (event_id const w : g.writes(l)) result += name(w) + ",";
    result += ";";
  }
  return result;
}

/// Returns whether two accesses, one of them plain and one a write, are not ordered by happens-before.
bool has_race(execution const& g) {
  for (event_id a = 0; a != g.size(); ++a) {
    for (event_id b = 0; b != a; ++b) {
      event const& x = g[a];
      event const& y = g[b];
      bool const accesses = (x.what == kind::read || x.what == kind::write) &&
                            (y.what == kind::read || y.what == kind::write) && x.asked.where == y.asked.where;
      if (!accesses || (!x.asked.is_plain && !y.asked.is_plain)) continue;
      if (x.what == kind::read && y.what == kind::read) continue;
      if (!x.before().has(y.thread, y.index) && !y.before().has(x.thread, x.index)) return true;
    }
  }
  return false;
}

}  // namespace

void run_once(program const& p, explorer& e) { run(p, e).to_its_end(); }

exploration explore(program const& p, memory_model model, wanted const& what) {
  exploration result;
  std::set<std::string> seen;
  explorer e(model, static_cast<unsigned>(p.threads.size()));
  e.allow_rare(1);
  bool const plain = std::find(p.is_plain.begin(), p.is_plain.end(), true) != p.is_plain.end();
  while (e.next_run()) {
    bool const asks = what.stop && result.runs % 256 == 0;
    if (result.runs == what.most_runs || (asks && what.stop())) {
      result.whole = false;
      break;
    }
    ++result.runs;
    run r(p, e);
    r.to_its_end();
    if (what.axioms && !satisfies_axioms(e.graph())) throw std::logic_error("an inconsistent execution was visited");
    if (!e.complete()) {
      ++result.blocked;
      continue;
    }
    if (what.filter && !satisfies_axioms(e.graph())) continue;
    ++result.executions;
    if (what.states) ++result.states[r.state()];
    if (what.duplicates && !seen.insert(identity(e.graph())).second) ++result.duplicates;
    if (plain && !result.race) result.race = has_race(e.graph());
  }
  return result;
}

}  // namespace surewake::verify::graph
