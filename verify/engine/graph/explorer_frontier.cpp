#include <surewake/verify/engine/graph/explorer.hpp>

#include <algorithm>

namespace surewake::verify::graph {

namespace {

/// Returns how many events a graph needs for its alternatives.
event_id needed(std::vector<alternative> const& todo) {
  event_id result = 0;
  for (alternative const& a : todo) result = std::max(result, a.what == action::revisited ? a.at : a.at + 1);
  return result;
}

template <class T> std::vector<T> first(std::vector<T> const& all, std::size_t n) {
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n)};
}
template <class T> void erase_first(std::vector<T>& all, std::size_t n) {
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
}

}  // namespace

bool explorer::is_done() const noexcept {
  return started_ && rebuilt_ == from_.levels.size() &&
         std::all_of(levels_.begin(), levels_.begin() + static_cast<std::ptrdiff_t>(depth_),
                     [](std::unique_ptr<level> const& l) { return l->todo.empty(); });
}

frontier explorer::rest() {
  if (rebuilt_ != from_.levels.size()) return from_;
  if (!started_) return {.whole = true};
  weigh_run();
  std::size_t n = 0;
  for (std::size_t i = 0; i != depth_; ++i) n += levels_[i]->todo.size();
  return oldest(n);
}

frontier explorer::give_away() {
  if (rebuilt_ != from_.levels.size() || !started_) return {};
  weigh_run();
  std::size_t const n = half();
  frontier result = oldest(n);
  forget_oldest(n);
  return result;
}

/// Returns the `n` alternatives that would be visited last.
frontier explorer::oldest(std::size_t n) const {
  frontier result;
  for (std::size_t i = 0; n != 0; ++i) {
    level const& l = *levels_[i];
    std::size_t const mine = std::min(n, l.todo.size());
    n -= mine;
    frontier_level& f = result.levels.emplace_back();
    f.revisits = l.revisited;
    f.todo = first(l.todo, mine);
    f.weights = first(l.weights, mine);
    f.size = n == 0 ? std::min(needed(f.todo), l.graph.size()) : l.graph.size();
    execution g(model_);
    g.begin_as(l.graph, f.size);
    g.take_places(l.graph, [&](event_id w) { return w < f.size ? w : no_event; });
    f.print = fingerprint(g);
    bool const is_placed = i != 0 && f.size > l.kept;
    if (is_placed) f.after = put_after(g, l.kept);
    f.done = decisions(g, i == 0 ? 0 : l.kept + 2);
  }
  return result;
}

/// Returns how many alternatives have about half of the weight, one of them at least, and leave one.
std::size_t explorer::half() const {
  std::size_t n = 0;
  double all = 0;
  for (std::size_t i = 0; i != depth_; ++i) {
    n += levels_[i]->todo.size();
    for (double const w : levels_[i]->weights) all += w;
  }
  if (n < 2) return 0;
  std::size_t result = 0;
  double given = 0;
  for (std::size_t i = 0; i != depth_; ++i) {
    for (double const w : levels_[i]->weights) {
      if (result + 1 == n || (result != 0 && given + w > all / 2)) return result;
      given += w;
      ++result;
    }
  }
  return result;
}

void explorer::forget_oldest(std::size_t n) {
  for (std::size_t i = 0; n != 0; ++i) {
    std::size_t const mine = std::min(n, levels_[i]->todo.size());
    erase_first(levels_[i]->todo, mine);
    erase_first(levels_[i]->weights, mine);
    n -= mine;
  }
}

void explorer::go_on_from(frontier const& f) {
  at_random_ = false;
  from_ = f;
  rebuilt_ = 0;
  depth_ = 0;
  started_ = !f.whole;
  weight_ = f.whole ? 1 : 0;
  most_events_ = unlimited;
}

/// Prepares the run that brings the next graph back. Returns false where all of them are there.
bool explorer::next_rebuild() {
  if (is_rebuilding()) {
    most_events_ = unlimited;
    end_level(from_.levels[rebuilt_++]);
  }
  for (; rebuilt_ != from_.levels.size(); ++rebuilt_) {
    frontier_level const& f = from_.levels[rebuilt_];
    begin_level(f);
    if (top().graph.size() < f.size) {
      most_events_ = f.size;
      graph_ = &top().graph;
      replayed_ = 0;
      state_.fill(state::running);
      return true;
    }
    end_level(f);
  }
  from_.levels.clear();
  rebuilt_ = 0;
  return false;
}

void explorer::begin_level(frontier_level const& f) {
  if (rebuilt_ == 0) {
    push_level();
    return;
  }
  execution const& g = top().graph;
  auto const is = [&](event_id e, kind what) { return e >= 0 && e < g.size() && g[e].what == what; };
  event_id const write = g.size() - 1;
  if (!is(f.revisits, kind::read) || !is(write, kind::write) || g[f.revisits].asked.where != g[write].asked.where)
    throw does_not_fit();
  begin_revisit(f.revisits);
  level const& l = top();
  if (f.size <= l.kept) return;
  if (f.after < 0 || f.after >= static_cast<std::int32_t>(l.graph.writes(l.write.asked.where).size()))
    throw does_not_fit();
  static_cast<void>(apply_revisited({action::revisited, l.kept, f.after}));
}

void explorer::end_level(frontier_level const& f) {
  level& l = top();
  if (l.graph.size() < f.size) throw does_not_fit();
  l.graph.truncate(f.size);
  if (fingerprint(l.graph) != f.print) throw does_not_fit();
  l.todo = f.todo;
  l.weights = f.weights;
}

/// Returns whether the last event but for its write half can be what the alternative says.
bool explorer::is_possible(alternative const& a) const {
  execution const& g = graph();
  event const& e = g[a.at];
  switch (a.what) {
    case action::read:
      return e.what == kind::read && a.which >= 0 && a.which < a.at && g[static_cast<event_id>(a.which)].place >= 0 &&
             g[static_cast<event_id>(a.which)].asked.where == e.asked.where;
    case action::place:
      return e.what == kind::write && !e.half && a.which >= 0 && a.which < e.place;
    case action::choose:
      // Whether the memory is free, only the program's own run knows.
      return e.what == kind::choice && a.which > 0 &&
             (e.asked.what == operation::allocate || static_cast<value>(a.which) < e.asked.operand);
    default: return false;
  }
}

/// Does at the last event what the graph that is brought back has there. Returns what its thread sees. Where that
/// cannot be done, the run ends, and its graph is another one.
value explorer::redo(event_id e) {
  std::vector<alternative> const& done = from_.levels[rebuilt_].done;
  auto const at = std::lower_bound(done.begin(), done.end(), e,
                                   [](alternative const& a, event_id number) { return a.at < number; });
  if (at != done.end() && at->at == e) {
    if (is_possible(*at)) {
      static_cast<void>(apply(*at));
    } else {
      most_events_ = 0;
    }
  }
  replayed_ = graph().size();
  return graph()[e].seen;
}

}  // namespace surewake::verify::graph
