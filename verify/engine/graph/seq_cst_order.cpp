#include <surewake/verify/engine/graph/fault.hpp>
#include <surewake/verify/engine/graph/seq_cst_order.hpp>

namespace surewake::verify::graph {

namespace {

bool ordered_in_s(reach a, reach b) noexcept { return reaches(a, b) || seeded(fault::light_fences_are_full); }

/// Returns the index of the first half of an RMW, or of the event itself.
std::uint32_t node_of(event const& e) noexcept {
  return e.half && e.what == kind::write && !seeded(fault::rmw_halves_apart) ? e.index - 1U : e.index;
}

/// Adds what strongly happens before the seq_cst writes whose release sequence `read` reads from, and these.
void join_synchronised(execution const& g, event const& read, clock& result) {
  for (event_id w = read.reads;;) {
    event const& write = g[w];
    if (write.what != kind::write) return;
    if (write.with == order::seq_cst) {
      result.join(strong(g, w));
      result.raise(write.thread, write.index + 1U);
    }
    if (!write.half) return;
    w = g[g.of_thread(write.thread)[write.index - 1U]].reads;
  }
}

/// Adds po;hb;po: what is po-before an event that happens before `previous`, and what strongly happens before that.
void join_through_others(execution const& g, event const& previous, clock& result) {
  for (unsigned t = 0; t != max_threads; ++t) {
    unsigned const n = previous.before()[t];
    if (t == previous.thread || n == 0) continue;
    std::uint32_t const end = node_of(g[g.of_thread(t)[n - 1]]);
    if (end == 0) continue;
    result.raise(t, end);
    result.join(strong(g, g.of_thread(t)[end - 1]));
  }
}

}  // namespace

clock const& strong(execution const& g, event_id e) {
  event const& it = g[g.of_thread(g[e].thread)[node_of(g[e])]];
  if (it.knows->strong_known) return it.knows->strong;
  clock result;
  if (it.index != 0) {
    event_id const last = g.of_thread(it.thread)[it.index - 1U];
    result = strong(g, last);
    result.raise(it.thread, it.index);
    join_through_others(g, g[last], result);
  }
  if (it.what == kind::read && it.with == order::seq_cst) join_synchronised(g, it, result);
  it.knows->strong = result;
  it.knows->strong_known = true;
  return it.knows->strong;
}

bool seq_cst_order::allows(execution const& g, event_id e) {
  g_ = &g;
  if (has_cycle(g[e], reach::full)) return false;
  return !g.is_asymmetric() || (!has_cycle(g[e], reach::light) && !has_cycle(g[e], reach::heavy));
}

/// Returns whether an edge from a source of that reach is in a cycle.
bool seq_cst_order::has_cycle(event const& e, reach from) {
  cycle_ = false;
  if (!find_sources(e, from)) return false;
  execution const& g = *g_;
  found_.fill(never);
  expanded_.fill(never);
  for (auto& f : fence_) f.fill(never);
  for (std::size_t r = 0; r != (g.is_asymmetric() ? from_rank_.size() : 1); ++r)
    from_rank_[r].assign(g.locations(), never);
  follow_locations(e, from);
  for (bool more = true; more && !cycle_;) {
    more = false;
    for (unsigned t = 0; t != max_threads && !cycle_; ++t) {
      if (found_[t] >= expanded_[t]) continue;
      more = true;
      std::uint32_t const end = expanded_[t];
      expanded_[t] = found_[t];
      for (event_id const x : g.ordered(t)) {
        if (g[x].index >= expanded_[t] && g[x].index < end) expand(x);
      }
    }
  }
  return cycle_;
}

bool seq_cst_order::find_sources(event const& e, reach from) {
  bool const is_source = e.with == order::seq_cst && from == reach::full;
  bool any = is_source;
  for (unsigned t = 0; t != max_threads; ++t) {
    source_end_[t] = 0;
    for (event_id const x : g_->ordered(t)) {
      event const& fence = (*g_)[x];
      if (!e.before().has(t, fence.index)) break;
      if (fence.what == kind::fence && fence.asked.with_fences == from) source_end_[t] = fence.index + 1U;
    }
    any = any || source_end_[t] != 0;
  }
  if (is_source) source_end_[e.thread] = node_of(e) + 1U;
  return any;
}

void seq_cst_order::expand(event_id e) {
  event const& it = (*g_)[e];
  follow_strong(it);
  if (it.what == kind::fence) {
    expand_fence(it);
  } else {
    follow_locations(it, reach::full);
  }
}

void seq_cst_order::expand_fence(event const& fence) {
  reach const by = fence.asked.with_fences;
  std::uint32_t& first = fence_[static_cast<std::size_t>(by)][fence.thread];
  if (first <= fence.index) return;
  first = fence.index;
  for (event_id e = 0; e != g_->size(); ++e) {
    event const& x = (*g_)[e];
    if ((x.what == kind::read || x.what == kind::write) && x.before().has(fence.thread, fence.index))
      follow_locations(x, by);
  }
}

void seq_cst_order::follow_strong(event const& from) {
  for (unsigned t = 0; t != max_threads; ++t) {
    if (t == from.thread) continue;
    for (event_id const e : g_->ordered(t)) {
      if (!strong(*g_, e).has(from.thread, from.index)) continue;
      lower(t, node_of((*g_)[e]));
      break;
    }
  }
}

std::uint32_t seq_cst_order::rank(event const& e) const {
  return e.what == kind::read ? 2 * static_cast<std::uint32_t>((*g_)[e.reads].place) + 1
                              : 2 * static_cast<std::uint32_t>(e.place);
}

void seq_cst_order::follow_locations(event const& from, reach by) {
  std::uint32_t const least = rank(from);
  std::uint32_t& done = from_rank_[static_cast<std::size_t>(by)][from.asked.where];
  if (done <= least) return;
  done = least;
  std::vector<event_id> const& co = g_->writes(from.asked.where);
  for (std::size_t p = (least + 1) / 2; p != co.size(); ++p) {
    event const& w = (*g_)[co[p]];
    if (2 * p > least) find(w, by);
    if (seeded(fault::single_steps_for_eco) && 2 * p != least) continue;
    for (event_id r = w.readers; r != no_event; r = (*g_)[r].readers) find((*g_)[r], by);
  }
}

void seq_cst_order::find(event const& target, reach by) {
  bool const skipped = seeded(fault::sc_fences_order_fences_only) && g_->model() == memory_model::cpp20;
  if (target.with == order::seq_cst && !skipped && ordered_in_s(by, reach::full)) lower(target.thread, node_of(target));
  for (unsigned t = 0; t != max_threads; ++t) {
    for (event_id const e : g_->ordered(t)) {
      event const& fence = (*g_)[e];
      if (fence.what != kind::fence || !ordered_in_s(by, fence.asked.with_fences)) continue;
      if (!fence.before().has(target.thread, target.index)) continue;
      lower(t, fence.index);
      break;
    }
  }
}

void seq_cst_order::lower(unsigned thread, std::uint32_t index) {
  if (index >= found_[thread]) return;
  found_[thread] = index;
  if (index < source_end_[thread]) cycle_ = true;
}

}  // namespace surewake::verify::graph
