#include <surewake/verify/engine/graph/fault.hpp>
#include <surewake/verify/engine/graph/revisit.hpp>

namespace surewake::verify::graph {

namespace {

/// The write that was just added, and the question what is maximal for it.
class revisiting {
 public:
  explicit revisiting(execution const& g) : g_(g), write_(g.size() - 1), prefix_(g[write_].prefix) {}

  [[nodiscard]] bool in_prefix(event_id e) const noexcept {
    return e != write_ && prefix_.has(g_[e].thread, g_[e].index);
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
  location_id const here = g[last].asked.where;
  revisiting const by_last(g);
  static thread_local std::vector<event_id> number;  // of each event in the result
  number.assign(static_cast<std::size_t>(g.size()), no_event);
  auto const number_of = [&](event_id e) -> event_id& { return number[static_cast<std::size_t>(e)]; };
  // An initial write stays where its location is used: another run may never make that location.
  for (event_id e = 0; e != last; ++e) {
    if (g[e].what == kind::initial || e == read || by_last.deleted(e, read)) continue;
    if (event const& it = g[e]; it.what == kind::read || it.what == kind::write)
      number_of(g.writes(it.asked.where).front()) = 0;
  }
  number_of(g.writes(here).front()) = 0;
  result.clear();
  for (event_id e = 0; e != last; ++e) {
    event const& it = g[e];
    bool const stays = it.what == kind::initial ? number_of(e) == 0 : e != read && !by_last.deleted(e, read);
    number_of(e) = stays ? result.add_copy(it, it.reads == no_event ? no_event : number_of(it.reads)) : no_event;
  }
  for (location_id l = 0; l != g.locations(); ++l) {
    for (event_id const w : g.writes(l)) {
      if (w != last && number_of(w) != no_event) result.place_last(number_of(w));
    }
  }
  result.set_next_stamp(g[last].stamp);
}

}  // namespace surewake::verify::graph
