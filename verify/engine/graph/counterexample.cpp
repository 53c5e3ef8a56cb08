#include <surewake/verify/engine/graph/altered.hpp>
#include <surewake/verify/engine/graph/counterexample.hpp>
#include <surewake/verify/engine/graph/notes.hpp>
#include <surewake/verify/engine/graph/raises.hpp>
#include <surewake/verify/engine/graph/words.hpp>
#include <surewake/verify/engine/source_text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace surewake::verify::graph {

namespace {

constexpr std::size_t most_raises = 6;

/// What weak memory has to do with an execution.
enum class weakness : std::uint8_t { of_values, of_order, none };

[[nodiscard]] weakness weakness_of(runtime& of, altered&& sequential, verdict found) {
  if (!sequential.consistent) return weakness::of_values;
  watch w;
  return of.follow(std::move(sequential.graph), w).result == found ? weakness::none : weakness::of_order;
}

[[nodiscard]] char const* text_of(weakness w) {
  switch (w) {
    case weakness::of_values: return "It needs weak memory: in no interleaving do the threads read these values.";
    case weakness::of_order:
      return "An interleaving has the same values: what is missing is an order between the threads, not a value.";
    case weakness::none:
      return "It needs no weak memory: this is an interleaving, and no stronger order forbids it.";
  }
  return "";
}

[[nodiscard]] std::string raises_in_words(std::vector<forbidding> const& all, told const& t) {
  if (all.empty()) return "No single order of an operation, raised, forbids it.";
  std::string text = "One order, raised, forbids it:";
  if (all.size() != 1) text = "Each of these orders, raised alone, forbids it:";
  char const* separator = " ";
  for (std::size_t i = 0; i != std::min(all.size(), most_raises); ++i) {
    step const& s = t.at(all[i].step);
    text += fmt::format("{}{}:{} ({}{}) from {} to {}", std::exchange(separator, ", "), s.file, s.line,
                        t.step_name(all[i].step), all[i].by.on_failure ? ", on failure" : "", in_words(all[i].from),
                        in_words(all[i].by.to));
  }
  if (all.size() > most_raises) text += fmt::format(", and {} more", all.size() - most_raises);
  return text + ".";
}

/// Puts the finding in words that need the steps. `why` gets what else there is to say about it.
[[nodiscard]] std::string message_of(runtime& of, told const& t, watch const& w, search_outcome const& found,
                                     std::vector<std::string>& why, schedule const& s) {
  unsigned const last = of.ended_in();
  std::string more;
  if (found.result == verdict::deadlock || found.result == verdict::livelock) {
    std::string text;
    for (unsigned i = 0; i != of.model().threads; ++i) {
      if (!of.is_blocked(i)) continue;
      text += (text.empty() ? "" : "; ") + t.blocked(i);
      for (std::string& note : t.missed(i, s)) why.push_back(std::move(note));
    }
    if (text.empty()) return found.message;
    return w.state.empty() ? text : text + ": " + w.state;
  }
  if (last == no_thread) return found.message;
  if (std::string text = t.race(last, more); found.result == verdict::data_race && !text.empty()) {
    why.push_back(std::move(more));
    return text;
  }
  if (found.result == verdict::use_after_free) more = t.freed(last);
  if (!more.empty()) why.push_back(std::move(more));
  return found.message;
}

[[noreturn]] void refuse(char const* why) {
  throw std::invalid_argument(
      fmt::format("the token is of another model, or the model has changed since: {}", why));
}

}  // namespace

counterexample explain(runtime& of, search_outcome const& found, shown_of how) {
  counterexample c;
  c.found = found;
  watch w;
  search_outcome const again = of.follow(of.performed(), w);
  if (again.result != found.result)
    throw std::logic_error("the model is not deterministic: the same execution came to something else");
  c.found.message = again.message;
  c.graph = of.performed();
  c.token = of.token_of_last_run();
  search_result noted;
  copy_trace(w.steps, noted);
  c.objects = std::move(noted.objects);

  altered sequential = alter(c.graph, memory_model::sc);
  c.sequential = sequential.consistent;
  told t(c.graph, w, of.model(), noted.trace);
  schedule const s =
      schedule_of(c.graph, c.sequential, [&](event const& e) { return t.is_shown(e); }, of.ended_in());
  t.arrange(s, of.ended_in());
  for (std::size_t const i : t.arranged()) c.trace.push_back(noted.trace[i]);
  for (event_id e = 0; e != c.graph.size(); ++e) c.step_of.push_back(t.shown(e));

  c.found.message = message_of(of, t, w, c.found, c.notes, s);
  for (event_id const e : s.stale) {
    if (t.shown(e) >= 0) c.trace[static_cast<std::size_t>(t.shown(e))].stale = true;
    c.notes.push_back(t.stale(e, s));
  }
  for (event_id const e : s.late) c.notes.push_back(t.late(e, s));
  for (std::string& note : t.given_again()) c.notes.push_back(std::move(note));
  std::erase(c.notes, "");
  if (how == shown_of::steps) return c;
  weakness const weak = weakness_of(of, std::move(sequential), found.result);
  c.notes.push_back(text_of(weak));
  if (weak != weakness::none)
    c.notes.push_back(raises_in_words(find_raises(of, c.graph, w, found.result), t));
  return c;
}

void copy_to(counterexample const& c, search_result& r) {
  r.result = c.found.result;
  r.message = c.found.message;
  r.seed = c.token;
  r.steps = static_cast<std::uint64_t>(c.graph.size());
  r.trace = c.trace;
  r.objects = c.objects;
  r.notes = c.notes;
}

search_outcome replay(runtime& with, token const& t) {
  if (t.threads != with.model().threads)
    throw std::invalid_argument(fmt::format("the token is of a model of {} threads, and this one has {}", t.threads,
                                            with.model().threads));
  watch w;
  w.decisions = t.decisions;
  try {
    search_outcome found = with.follow(execution(t.memory), w);
    if (print_of(with.performed()) == t.print) return found;
    refuse("it does something else, or sees other values");
  } catch (undecided const& e) {
    refuse(e.what());
  }
}

search_limits limits_for(token const& t) {
  search_limits l;
  l.memory = t.memory;
  l.rare = t.rare;
  l.yields = t.yields;
  l.reuse = t.reuse;
  return l;
}

}  // namespace surewake::verify::graph
