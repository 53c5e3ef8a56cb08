#include <surewake/verify/engine/graph/fault.hpp>
#include <surewake/verify/engine/graph/revisit.hpp>

namespace surewake::verify::graph {

namespace {

/// The write that was just added, and the question what is maximal for it.
class revisiting {
 public:
  explicit revisiting(execution const& g) : g_(g), write_(g.size() - 1), prefix_(g[write_].prefix()) {}

  [[nodiscard]] bool in_prefix(event_id e) const noexcept {
    return e != write_ && prefix_.has(g_[e].thread, g_[e].index);
  }
  /// Returns whether `e` is in the graph that is left when `read` is revisited. An initial write stays where its
  /// location is used, because another run may never make that location.
  [[nodiscard]] bool stays(event_id e, event_id read) const noexcept {
    if (g_[e].what != kind::initial) return e != read && !deleted(e, read);
    location_id const l = g_[e].asked.where;
    for (event_id user = e + 1; user != write_; ++user) {  // mostly the next event
      event const& it = g_[user];
      bool const uses = (it.what == kind::read || it.what == kind::write) && it.asked.where == l;
      if (uses && user != read && !deleted(user, read)) return true;
    }
    return l == g_[write_].asked.where;
  }
  /// Returns whether `e` goes when `read` is revisited.
  [[nodiscard]] bool deleted(event_id e, event_id read) const noexcept {
    return e != write_ && g_[e].stamp > g_[read].stamp && !in_prefix(e);
  }
  [[nodiscard]] bool allowed(event_id read) const noexcept {
    if (seeded(fault::revisits_without_maximality)) return true;
    if (!maximal(read) && !seeded(fault::revisited_read_not_tested)) return false;
    for (event_id e = 0; e != write_; ++e) {
      if (deleted(e, read) && !maximal(e)) return false;
    }
    return true;
  }

 private:
  /// Returns whether `e` is in Prev(of), without the write itself.
  [[nodiscard]] bool is_previous(event_id e, event_id of) const noexcept {
    return e != write_ && (g_[e].stamp <= g_[of].stamp || in_prefix(e));
  }
  [[nodiscard]] bool maximal(event_id e) const noexcept {
    event const& it = g_[e];
    if (it.what == kind::fence) return true;
    if (it.what == kind::choice) return it.seen == 0;
    event_id y = e;
    if (it.what == kind::read) {
      y = it.reads;
      if (!is_previous(y, e)) return false;
    } else {
      for (event_id r = it.readers; r != no_event; r = g_[r].readers) {
        if (is_previous(r, e)) return false;
      }
    }
    std::vector<event_id> const& co = g_.writes(it.asked.where);
    for (std::size_t p = co.size() - 1; p != static_cast<std::size_t>(g_[y].place); --p) {
      if (is_previous(co[p], e)) return false;
    }
    return true;
  }

  execution const& g_;
  event_id write_;
  clock const& prefix_;
};

}  // namespace

void find_revisits(execution const& g, std::vector<event_id>& reads) {
  event_id const last = g.size() - 1;
  revisiting const by_last(g);
  for (event_id const w : g.writes(g[last].asked.where)) {
    for (event_id r = g[w].readers; r != no_event; r = g[r].readers) {
      if (!by_last.in_prefix(r) && by_last.allowed(r)) reads.push_back(r);
    }
  }
}

void restrict_for_revisit(execution const& g, event_id read, execution& result) {
  event_id const last = g.size() - 1;
  revisiting const by_last(g);
  event_id same = 0;  // what comes before keeps its number
  while (by_last.stays(same, read)) ++same;
  static thread_local std::vector<event_id> number;  // of the others
  number.assign(static_cast<std::size_t>(last - same), no_event);
  auto const number_of = [&](event_id e) {
    return e < same ? e : e == last ? no_event : number[static_cast<std::size_t>(e - same)];
  };
  result.begin_as(g, same);
  for (event_id e = same; e != last; ++e) {
    if (!by_last.stays(e, read)) continue;
    event_id const reads = g[e].reads == no_event ? no_event : number_of(g[e].reads);
    number[static_cast<std::size_t>(e - same)] = result.add_shared(g[e], reads);
  }
  result.take_places(g, number_of);
  result.set_next_stamp(g[last].stamp);
}

}  // namespace surewake::verify::graph
