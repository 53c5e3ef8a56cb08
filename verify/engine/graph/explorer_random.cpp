// Runs at random: a program that is too large to be explored is looked at in places far from each other.
//
// Each run draws first how often it changes threads and reads older values, because some mistakes need many changes,
// and others a single one at the right place.
//
// A thread that waits for a value is not drawn while no thread has stored any: in this run, which has no revisits, the
// value would come too late. Where only such threads are left they read what there is, and block.
#include <surewake/verify/engine/graph/explorer.hpp>

namespace surewake::verify::graph {

namespace {

constexpr std::size_t rare_in = 16;

}  // namespace

void explorer::next_random_run() {
  at_random_ = true;
  is_stuck_ = false;
  changes_in_ = std::size_t{2} << drawn(7);
  old_in_ = std::size_t{2} << drawn(6);
  depth_ = 0;
  graph_ = &push_level().graph;
  replayed_ = 0;
  performed_ = no_event;
  state_.fill(state::running);
}

unsigned explorer::draw_thread() {
  std::array<unsigned, max_threads> running{};
  std::size_t count = 0;
  bool waits = false;
  for (unsigned t = 0; t != threads_; ++t) {
    if (state_[t] == state::running) running[count++] = t;
    waits = waits || state_[t] == state::waiting;
  }
  if (count == 0 && waits) {
    is_stuck_ = true;
    wake_waiting();
    return draw_thread();
  }
  if (count == 0) return none;
  if (performed_ != no_event && drawn(changes_in_) != 0) {
    unsigned const same = (*graph_)[performed_].thread;
    if (same < threads_ && state_[same] == state::running) return same;
  }
  return running[drawn(count)];
}

/// Reads from one of the candidates, the last of which is the co-last write.
value explorer::draw_read(unsigned thread, request const& r) {
  execution& g = *graph_;
  event_id const e = g.size();
  bool const old = candidates_.size() > 1 && drawn(old_in_) == 0;
  g.add_read(thread, r, old ? candidates_[drawn(candidates_.size())] : candidates_.back());
  if (!is_consistent(e)) {
    g.pop();
    g.add_read(thread, r, candidates_.back());
  }
  performed_ = e;
  value const result = g[e].seen;
  if (g[e].half) {
    static_cast<void>(add_write_half(thread));
    wake_waiting();
  }
  replayed_ = g.size();
  return result;
}

value explorer::draw_choice(request const& r, std::span<value const> others) {
  if (r.what == operation::allocate) {
    unsigned const i = drawn(others.size() + 1);
    return i == others.size() ? 0 : others[i];
  }
  bool const zero = r.is_rare && (rare() >= most_rare_ || drawn(rare_in) != 0);
  return zero ? 0 : drawn(static_cast<std::size_t>(r.operand));
}

/// Performs a store, a fence or a choice.
value explorer::draw_other(unsigned thread, request const& r, std::span<value const> others) {
  execution& g = *graph_;
  value result = 0;
  if (r.what == operation::fence) {
    performed_ = g.size();
    g.add_fence(thread, r);
  } else if (chooses(r.what)) {
    result = draw_choice(r, others);
    performed_ = g.size();
    g.add_choice(thread, r, result);
  } else {
    g.touch(r.where);
    performed_ = g.size();
    std::vector<event_id> const& co = g.writes(r.where);
    auto const last = static_cast<std::int32_t>(co.size()) - 1;
    std::int32_t const first = g.floor(r.where, g.known(thread));
    std::int32_t place = last;
    if (first != last && drawn(old_in_) == 0) place = first + static_cast<std::int32_t>(drawn(last - first + 1U));
    if (place != last && g.taken(co[static_cast<std::size_t>(place)])) place = last;
    event_id const w = g.add_write(thread, r, place);
    if (!is_consistent(w)) {
      g.pop();
      g.add_write(thread, r, last);
    }
    wake_waiting();
  }
  replayed_ = g.size();
  return result;
}

void explorer::wake_waiting() noexcept {
  for (state& s : state_) {
    if (s == state::waiting) s = state::running;
  }
}

}  // namespace surewake::verify::graph
