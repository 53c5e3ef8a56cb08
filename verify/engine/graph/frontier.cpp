#include <surewake/verify/engine/graph/frontier.hpp>

#include <algorithm>
#include <numeric>

namespace surewake::verify::graph {

namespace {

constexpr value smallest_address = value{1} << 32;

class hash {
 public:
  void add(std::uint64_t v) noexcept { state_ = (state_ ^ v) * 0x9E37'79B9'7F4A'7C15U, state_ ^= state_ >> 29U; }
  template <class E> void add_all(std::initializer_list<E> values) noexcept {
    for (E const v : values) add(static_cast<std::uint64_t>(v));
  }
  void add_value(value v) noexcept { add(v < smallest_address ? v : smallest_address); }
  [[nodiscard]] std::uint64_t get() const noexcept { return state_; }

 private:
  std::uint64_t state_ = 0x51A1'1ED5;
};

/// Returns how many writes of the event's location are before it by number; and, before it in modification order.
std::pair<std::int32_t, std::int32_t> earlier_writes(execution const& g, event_id e) {
  std::pair<std::int32_t, std::int32_t> result{0, 0};
  for (event_id const w : g.writes(g[e].asked.where)) {
    if (w >= e) continue;
    ++result.first;
    if (g[w].place < g[e].place) ++result.second;
  }
  return result;
}

/// Returns the write that is last in modification order of those with a smaller number.
event_id last_before(execution const& g, event_id e) {
  std::vector<event_id> const& co = g.writes(g[e].asked.where);
  auto const at = std::find_if(co.rbegin(), co.rend(), [e](event_id w) { return w < e; });
  return at == co.rend() ? no_event : *at;
}

}  // namespace

double frontier::weight() const {
  double result = whole ? 1 : 0;
  for (frontier_level const& l : levels) result = std::accumulate(l.weights.begin(), l.weights.end(), result);
  return result;
}

std::uint64_t fingerprint(execution const& g) noexcept {
  hash h;
  for (event_id e = 0; e != g.size(); ++e) {
    event const& it = g[e];
    request const& r = it.asked;
    h.add_all({static_cast<int>(it.what), static_cast<int>(it.with), static_cast<int>(it.thread),
               static_cast<int>(it.half), static_cast<int>(r.what), static_cast<int>(r.bytes), it.reads, it.place});
    if (it.what == kind::fence || it.what == kind::choice) {
      h.add_all({static_cast<int>(r.with_fences), static_cast<int>(r.is_rare)});
    } else {
      h.add_all({g.writes(r.where).front(), static_cast<int>(r.failure), static_cast<int>(r.is_current)});
    }
    if (it.what != kind::fence) h.add_value(it.seen);
    for (value const v : {r.operand, r.expected}) h.add_value(v);
  }
  return h.get();
}

std::int32_t put_after(execution const& g, event_id write) { return earlier_writes(g, write).second - 1; }

std::vector<alternative> decisions(execution const& g, event_id from) {
  std::vector<alternative> result;
  for (event_id e = from; e < g.size(); ++e) {
    event const& it = g[e];
    if (it.what == kind::read && it.reads != last_before(g, e)) result.push_back({action::read, e, it.reads});
    if (it.what == kind::choice && it.seen != 0) {
      result.push_back({action::choose, e, static_cast<std::int64_t>(it.seen)});
    }
    if (it.what != kind::write || it.half) continue;
    auto const [by_number, by_place] = earlier_writes(g, e);
    if (by_number != by_place) result.push_back({action::place, e, by_place - 1});
  }
  return result;
}

}  // namespace surewake::verify::graph
