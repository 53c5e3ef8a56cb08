#include <surewake/verify/engine/graph/schedule.hpp>

#include <algorithm>
#include <map>

namespace surewake::verify::graph {

namespace {

constexpr std::size_t most_sets = 1'000'000;  // of events, that are kept at all lengths together
constexpr unsigned oddity = 1000;  // a stale read or a late store costs as much as that many switches

/// How far a schedule has come: how many events of each thread there are, and which thread came last.
struct point {
  std::array<std::uint16_t, max_threads> done{};
  std::uint8_t last = no_thread;
  auto operator<=>(point const&) const = default;
};
struct way {
  unsigned cost = 0;
  std::size_t from = 0;   // the way before, in the layer before
  std::uint8_t thread = no_thread;  // which came next then
};
using layer = std::map<point, way>;

class scheduler {
 public:
  scheduler(execution const& g, bool sequential, std::function<bool(event const&)> const& shown, unsigned last)
      : g_(g), shown_(shown), last_(last) {
    for (event_id e = 0; e != g.size(); ++e) needs_.push_back(g[e].prefix());
    if (sequential) close();
  }
  [[nodiscard]] schedule find(std::size_t width);

 private:
  [[nodiscard]] clock& needs(event_id e) { return needs_[static_cast<std::size_t>(e)]; }
  void close();
  bool join(event_id e, event_id earlier);
  void extend(point const& p, way const& w, std::size_t number, layer& next);
  static void keep_best(layer& all, std::size_t width);
  [[nodiscard]] bool ready(point const& p, event_id e);
  [[nodiscard]] bool is_done(point const& p, event_id e) const {
    event const& it = g_[e];
    return it.what == kind::initial || it.index < p.done[it.thread];
  }
  [[nodiscard]] bool is_odd(point const& p, event_id e) const;
  [[nodiscard]] schedule told(std::vector<std::uint8_t> const& threads);

  execution const& g_;
  std::function<bool(event const&)> const& shown_;
  unsigned last_;
  std::vector<clock> needs_{};  // of each event: what comes before it, itself included
};

bool scheduler::join(event_id e, event_id earlier) {
  if (needs(e).contains(needs(earlier))) return false;
  needs(e).join(needs(earlier));
  return true;
}

/// Closes what comes before each event under program order, rf, co and fr.
void scheduler::close() {
  for (bool news = true; news;) {
    news = false;
    for (event_id e = 0; e != g_.size(); ++e) {
      event const& it = g_[e];
      if (it.what == kind::initial) continue;
      if (it.index != 0) news |= join(e, g_.of_thread(it.thread)[it.index - 1U]);
      if (it.what == kind::read) news |= join(e, it.reads);
      if (it.what != kind::write) continue;
      event_id const older = g_.writes(it.asked.where)[static_cast<std::size_t>(it.place) - 1];
      news |= join(e, older);
      for (event_id r = g_[older].readers; r != no_event; r = g_[r].readers) {
        if (r != e && !(g_[r].thread == it.thread && g_[r].index + 1 == it.index)) news |= join(e, r);
      }
      // Both halves of an RMW come at once.
      if (it.half) news |= join(g_.of_thread(it.thread)[it.index - 1U], e);
    }
  }
}

bool scheduler::ready(point const& p, event_id e) {
  unsigned const me = g_[e].thread;
  for (unsigned t = 0; t != max_threads; ++t) {
    if (t != me && needs(e)[t] > p.done[t]) return false;
  }
  return true;
}

/// Returns whether `e`, shown at this point, reads an older value or is a store that comes after a newer one.
bool scheduler::is_odd(point const& p, event_id e) const {
  event const& it = g_[e];
  if (it.what != kind::read && it.what != kind::write) return false;
  std::vector<event_id> const& co = g_.writes(it.asked.where);
  std::int32_t const own = it.what == kind::read ? g_[it.reads].place : it.place;
  for (std::size_t q = co.size() - 1; q != static_cast<std::size_t>(own); --q) {
    if (is_done(p, co[q])) return true;
  }
  return false;
}

void scheduler::extend(point const& p, way const& w, std::size_t number, layer& next) {
  for (unsigned t = 0; t != max_threads; ++t) {
    if (p.done[t] == g_.of_thread(t).size()) continue;
    event_id const e = g_.of_thread(t)[p.done[t]];
    if (!ready(p, e)) continue;
    point q = p;
    way to{w.cost, number, static_cast<std::uint8_t>(t)};
    if (is_odd(p, e)) to.cost += oddity;
    if (shown_(g_[e])) {
      if (p.last != t && p.last != no_thread) ++to.cost;
      q.last = static_cast<std::uint8_t>(t);
    }
    q.done[t] = static_cast<std::uint16_t>(q.done[t] + (g_[e].half && g_[e].what == kind::read ? 2 : 1));
    auto const [at, fresh] = next.try_emplace(q, to);
    if (!fresh && to.cost < at->second.cost) at->second = to;
  }
}

void scheduler::keep_best(layer& all, std::size_t width) {
  if (all.size() <= width) return;
  std::vector<unsigned> costs;
  for (auto const& [p, w] : all) costs.push_back(w.cost);
  std::nth_element(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(width) - 1, costs.end());
  unsigned const most = costs[width - 1];
  auto ties = width;
  for (unsigned const c : costs) ties -= c < most ? 1U : 0U;
  std::erase_if(all, [&](auto const& entry) {
    if (entry.second.cost != most) return entry.second.cost > most;
    return ties == 0 || (--ties, false);
  });
}

schedule scheduler::find(std::size_t width) {
  std::vector<std::vector<way>> ways;
  layer now{{point{}, way{}}};
  for (;;) {
    std::vector<way>& kept = ways.emplace_back();
    layer next;
    for (auto const& [p, w] : now) {
      extend(p, w, kept.size(), next);
      kept.push_back(w);
    }
    if (next.empty()) break;
    keep_best(next, width);
    now = std::move(next);
  }
  std::size_t best = 0;
  std::size_t i = 0;
  auto least = ~0U;
  for (auto const& [p, w] : now) {
    unsigned const cost = w.cost + (last_ != no_thread && p.last != last_ ? 1 : 0);
    if (cost < least) {
      least = cost;
      best = i;
    }
    ++i;
  }
  std::vector<std::uint8_t> threads;
  for (std::size_t l = ways.size() - 1; l != 0; --l) {
    threads.push_back(ways[l][best].thread);
    best = ways[l][best].from;
  }
  std::reverse(threads.begin(), threads.end());
  return told(threads);
}

schedule scheduler::told(std::vector<std::uint8_t> const& threads) {
  schedule result;
  point p;
  for (unsigned const t : threads) {
    event_id const e = g_.of_thread(t)[p.done[t]];
    result.order.push_back(e);
    if (is_odd(p, e)) (g_[e].what == kind::read ? result.stale : result.late).push_back(e);
    if (shown_(g_[e])) {
      if (p.last != no_thread && p.last != t) ++result.switches;
      p.last = static_cast<std::uint8_t>(t);
    }
    p.done[t] = static_cast<std::uint16_t>(p.done[t] + (g_[e].half && g_[e].what == kind::read ? 2 : 1));
  }
  return result;
}

}  // namespace

schedule schedule_of(execution const& g, bool sequential, std::function<bool(event const&)> const& shown,
                     unsigned last, std::size_t width) {
  std::size_t const affordable = most_sets / static_cast<std::size_t>(std::max(g.size(), 1));
  return scheduler(g, sequential, shown, last).find(std::clamp(affordable, std::size_t{1}, width));
}

}  // namespace surewake::verify::graph
