#include <surewake/verify/engine/graph/axioms.hpp>
#include <surewake/verify/engine/graph/explorer.hpp>
#include <surewake/verify/engine/graph/fault.hpp>
#include <surewake/verify/engine/graph/revisit.hpp>
#include <surewake/verify/engine/graph/words.hpp>

#include <algorithm>
#include <numeric>
#include <string>

namespace surewake::verify::graph {

namespace {

std::string in_words(taken_step const& s) {
  return "thread " + std::to_string(s.thread) + (s.asked ? ": " + in_words(*s.asked) : " ended, or blocked");
}

}  // namespace

not_deterministic::not_deterministic(taken_step const& expected_, taken_step const& found_, event_id at_)
    : logic_error("the program is not deterministic: at step " + std::to_string(at_) +
                  ", after the same steps that saw the same values, an earlier run had (" + in_words(expected_) +
                  "), and this run has (" + in_words(found_) + ")"),
      expected(expected_), found(found_), at(at_) {}

explorer::explorer(memory_model model, unsigned threads) : model_(model), threads_(threads) {
  if (threads > max_threads) throw std::invalid_argument("at most 7 threads");
}

explorer::level& explorer::push_level() {
  if (depth_ == levels_.size()) levels_.push_back(std::make_unique<level>(model_));
  ++depth_;
  top().todo.clear();
  top().weights.clear();
  top().graph.clear();
  top().kept = 0;
  top().revisited = no_event;
  return top();
}

bool explorer::next_run() {
  if (rebuilt_ != from_.levels.size() && next_rebuild()) return true;
  bool found = !started_;
  if (!started_) push_level();
  if (started_) weigh_run();
  started_ = true;
  while (!found && depth_ != 0) {
    if (top().todo.empty()) {
      --depth_;
    } else {
      alternative const a = top().todo.back();
      double const weight = top().weights.back();
      top().todo.pop_back();
      top().weights.pop_back();
      found = apply(a);
      if (found) weight_ = weight;
      else weigh(weight, false);
    }
  }
  replayed_ = 0;
  if (found) graph_ = &top().graph;
  state_.fill(state::running);
  return found;
}

/// Gives what was noted a weight: parts of `weight`, one of which is the run's, if it goes on.
void explorer::weigh(double weight, bool goes_on) {
  level& l = top();
  std::size_t const first = l.weights.size();
  std::size_t const last = l.todo.size();
  if (first == last) return;
  if (!goes_on) {
    l.weights.resize(last, weight / static_cast<double>(last - first));
    return;
  }
  for (std::size_t begin = first, end = first; begin != last; begin = end) {
    while (end != last && l.todo[end].at == l.todo[begin].at) ++end;
    weight /= static_cast<double>(end - begin + 1);
    l.weights.resize(end, weight);
  }
}

/// Gives what the run that is over has noted its weights.
void explorer::weigh_run() {
  if (depth_ != 0) weigh(weight_, true);
}

double explorer::left() {
  if (!started_) return 1;
  weigh_run();
  double result = 0;
  for (std::size_t i = depth_; i-- != 0;) {  // small ones first, which keeps them
    std::vector<double> const& weights = levels_[i]->weights;
    result = std::accumulate(weights.rbegin(), weights.rend(), result);
  }
  return result;
}

/// Ends the thread's part of the run, which must have done what the graph has of it.
void explorer::end(unsigned thread, state how) {
  execution const& g = graph();
  std::vector<event_id> const& mine = g.of_thread(thread);
  auto next = std::lower_bound(mine.begin(), mine.end(), replayed_);
  if (next != mine.end() && g[*next].what == kind::write && g[*next].half) ++next;
  if (next != mine.end()) throw not_deterministic({thread, g[*next].asked}, {thread, {}}, *next);
  state_[thread] = how;
}

bool explorer::complete() const noexcept {
  for (unsigned t = 0; t != threads_; ++t) {
    if (state_[t] != state::finished) return false;
  }
  return true;
}

void explorer::differs(event const& expected, request const& found, unsigned thread) const {
  throw not_deterministic({expected.thread, expected.asked}, {thread, found}, replayed_);
}

/// Returns whether the last event of a blocked thread is a read that is overtaken by something in `prefix`.
bool explorer::is_overtaken(event_id last, clock const& prefix) const noexcept {
  execution const& g = *graph_;
  event const& read = g[last];
  if (read.what != kind::read) return false;
  std::vector<event_id> const& co = g.writes(read.asked.where);
  for (std::size_t p = co.size() - 1; p != static_cast<std::size_t>(g[read.reads].place); --p) {
    event const& w = g[co[p]];
    if (w.stamp <= read.stamp || prefix.has(w.thread, w.index) || seeded(fault::overtaken_for_all)) return true;
  }
  return false;
}

bool explorer::in_vain() const noexcept {
  return std::find(state_.begin(), state_.begin() + threads_, state::running) != state_.begin() + threads_;
}

/// Notes what a choice that is about to be added may choose besides 0.
void explorer::note_choices(request const& r, std::span<value const> others) {
  auto const note_value = [this](value v) { note(action::choose, graph().size(), static_cast<std::int64_t>(v)); };
  std::for_each(others.rbegin(), others.rend(), note_value);
  if (r.what == operation::allocate) return;
  if (r.is_rare && rare() >= most_rare_ && !seeded(fault::rare_without_limit)) return;
  for (value v = r.operand - 1; v != 0; --v) note_value(v);
}

value explorer::add_first(unsigned thread, request const& r, std::span<value const> others) {
  execution& g = *graph_;
  performed_ = g.size();
  if (r.what == operation::fence) {
    g.add_fence(thread, r);
  } else if (chooses(r.what)) {
    note_choices(r, others);
    g.add_choice(thread, r, 0);
  } else {
    g.touch(r.where);
    performed_ = g.size();
    note_places(thread, r);
    g.add_write(thread, r, static_cast<std::int32_t>(g.writes(r.where).size()) - 1);
    note_revisits();
  }
  replayed_ = g.size();
  return is_rebuilding() ? redo(g.size() - 1) : 0;
}

/// Notes the places of a store that is about to be added, but for the last one.
void explorer::note_places(unsigned thread, request const& r) {
  if (seeded(fault::co_is_insertion_order)) return;
  execution const& g = top().graph;
  std::vector<event_id> const& co = g.writes(r.where);
  auto const last = static_cast<std::int32_t>(co.size()) - 1;
  for (std::int32_t p = g.floor(r.where, g.known(thread)); p != last; ++p) {
    if (!g.taken(co[static_cast<std::size_t>(p)])) note(action::place, g.size(), p);
  }
}

/// Notes the revisits of the write that was just added.
void explorer::note_revisits() {
  if (at_random_) return;
  if (seeded(fault::no_revisits)) return;
  revisits_.clear();
  find_revisits(top().graph, revisits_);
  for (event_id const r : revisits_) note(action::revisit, top().graph.size() - 1, r);
}

/// Does what an alternative says. Returns whether there is something to run.
bool explorer::apply(alternative const& a) {
  execution& g = top().graph;
  if (a.what == action::revisit) {
    apply_revisit(a);
    return false;
  }
  if (a.what == action::revisited) return apply_revisited(a);
  event const old = g[a.at];
  g.truncate(a.at);
  if (a.what == action::choose) {
    g.add_choice(old.thread, old.asked, static_cast<value>(a.which));
    return true;
  }
  event_id const e = a.what == action::read
                         ? g.add_read(old.thread, old.asked, static_cast<event_id>(a.which))
                         : g.add_write(old.thread, old.asked, static_cast<std::int32_t>(a.which));
  return is_consistent(e) && settle();
}

/// Makes the level of a revisit. Its alternatives are the places of the write.
void explorer::apply_revisit(alternative const& a) {
  top().graph.truncate(a.at + 1);
  begin_revisit(static_cast<event_id>(a.which));
  level const& next = top();
  execution const& h = next.graph;
  location_id const l = next.write.asked.where;
  if (next.write.half) {
    event_id const seen = h[h.of_thread(next.write.thread).back()].reads;
    if (!h.taken(seen)) note(action::revisited, h.size(), h[seen].place);
    return;
  }
  std::vector<event_id> const& co = h.writes(l);
  for (std::int32_t p = h.floor(l, h.known(next.write.thread)); p != static_cast<std::int32_t>(co.size()); ++p) {
    if (!h.taken(co[static_cast<std::size_t>(p)])) note(action::revisited, h.size(), p);
  }
}

/// Makes the level in which the last event, a write, revisits `read`, but for these two.
void explorer::begin_revisit(event_id read) {
  execution const& g = top().graph;
  level& next = push_level();
  restrict_for_revisit(g, read, next.graph);
  next.write = g[g.size() - 1];
  next.read = g[read];
  next.kept = next.graph.size();
  next.revisited = read;
}

/// Places the write of a revisit, and has the read read from it.
bool explorer::apply_revisited(alternative const& a) {
  level& l = top();
  execution& g = l.graph;
  g.truncate(a.at);
  event_id const w = g.add_write(l.write.thread, l.write.asked, static_cast<std::int32_t>(a.which));
  if (!is_consistent(w)) return false;
  event_id const r = g.add_read(l.read.thread, l.read.asked, w);
  g.keep_stamp(l.read.stamp);
  // The read itself is among what it knows, so the floor is not below what it reads.
  clock known = g[r].before();
  if (l.read.asked.is_current && !seeded(fault::look_is_stale)) known.join(g[r].knows->unfenced);
  if (g.floor(l.read.asked.where, known) != g[w].place) return false;
  return is_consistent(r) && settle();
}

/// Adds the write halves that are missing. Returns whether the graph is consistent then.
bool explorer::settle() {
  execution const& g = top().graph;
  for (unsigned t = 0; t != threads_; ++t) {
    if (g.of_thread(t).empty()) continue;
    event const& last = g[g.of_thread(t).back()];
    if (last.half && last.what == kind::read && !add_write_half(t)) return false;
  }
  return true;
}

bool explorer::add_write_half(unsigned thread) {
  execution& g = top().graph;
  event const& read = g[g.of_thread(thread).back()];
  bool const dead = g.taken(read.reads);
  request const asked = read.asked;
  event_id const w = g.add_write(thread, asked, dead ? -1 : g[read.reads].place);
  note_revisits();
  return !dead && is_consistent(w);
}

/// Returns whether the graph is consistent with its event `e`, on which nothing depends, and coherence is known.
bool explorer::is_consistent(event_id e) {
  execution const& g = top().graph;
  event const& it = g[e];
  if (g.is_last(it.what == kind::read ? it.reads : e)) return true;
  if (seeded(fault::no_total_order) && model_ == memory_model::cpp20) return true;
  if (model_ == memory_model::rc11) return !g.has_ordered() || satisfies_rc11_order(g);
  return total_order_.allows(g, e);
}

void explorer::follow(execution g) {
  restart();
  push_level();
  top().graph = std::move(g);
  graph_ = &top().graph;
  started_ = true;
  replayed_ = 0;
  state_.fill(state::running);
}

bool explorer::decide(unsigned thread, request const& r, std::uint32_t which) {
  execution& g = top().graph;
  if (r.what == operation::fence) return g.add_fence(thread, r), which == 0;
  if (chooses(r.what)) return g.add_choice(thread, r, which), r.what == operation::allocate || which < r.operand;
  g.touch(r.where);
  replayed_ = g.size();
  std::vector<event_id> const& co = g.writes(r.where);
  auto const place = static_cast<std::int64_t>(co.size()) - 1 - static_cast<std::int64_t>(which);
  if (place < g.floor(r.where, g.known(thread, r))) return false;
  event_id const w = co[static_cast<std::size_t>(place)];
  if (r.what == operation::store)
    return !g.taken(w) && is_consistent(g.add_write(thread, r, static_cast<std::int32_t>(place)));
  event_id const e = g.add_read(thread, r, w);
  if (!is_consistent(e)) return false;
  if (!g[e].half) return true;
  return !g.taken(w) && is_consistent(g.add_write(thread, r, static_cast<std::int32_t>(place)));
}

}  // namespace surewake::verify::graph
