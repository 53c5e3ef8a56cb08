#include <surewake/verify/engine/recording.hpp>
#include <surewake/verify/engine/relacy_engine.hpp>
#include <surewake/verify/engine/source_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace surewake::verify {

namespace {

/// Keeps numbers, names and owners of the objects in a trace.
class object_table {
 public:
  explicit object_table(recording const& r) : recorded_(r) {}

  /// Returns the number of what lies at `p` at that step. An object that is made where another one was is another one.
  unsigned number(void const* p, std::size_t step) {
    std::pair const key(p, made(p, step));
    return numbers_.try_emplace(key, static_cast<unsigned>(numbers_.size()) + 1).first->second;
  }

  /// Returns a value of what lies at `p`.
  [[nodiscard]] std::string text(shown v, void const* p, std::size_t step) {
    if (v.what == shown::kind::nothing) return {};
    raw_name const* const n = p == nullptr ? nullptr : name(p, made(p, step), 0);
    if (n != nullptr && n->at == p && n->text != nullptr) return n->text(v.bits);
    if (v.text != nullptr) return v.text(v.bits);
    if (v.what == shown::kind::number) return std::to_string(v.bits);
    if (v.what == shown::kind::boolean) return v.bits != 0 ? "true" : "false";
    if (v.what == shown::kind::words) return fmt::format("{{{}, {}}}", word(v.bits, step), word(v.more, step));
    return v.bits == 0 ? "null" : pointer(v.bits, step);
  }

  /// Returns all of them, in the order of their numbers.
  [[nodiscard]] std::vector<traced_object> objects() {
    std::vector<std::pair<void const*, std::size_t>> keys(numbers_.size());
    for (auto const& [key, number] : numbers_) keys[number - 1] = key;
    std::map<std::string, std::vector<char const*>> places;
    std::vector<traced_object> all;
    for (auto const& [p, since] : keys) all.push_back(about(p, since, static_cast<unsigned>(all.size()) + 1, places));
    return all;
  }

 private:
  [[nodiscard]] std::string pointer(std::int64_t bits, std::size_t step) {
    return fmt::format("#{}", number(reinterpret_cast<void const*>(static_cast<std::uintptr_t>(bits)), step));
  }
  /// Returns a half of a value, whose type is not known: a pointer where it can be one.
  [[nodiscard]] std::string word(std::int64_t bits, std::size_t step) {
    constexpr std::int64_t first = std::int64_t{1} << 32;
    constexpr std::int64_t last = std::int64_t{1} << 47;
    return bits >= first && bits < last ? pointer(bits, step) : std::to_string(bits);
  }
  /// Returns when what lies at `p` was made: the step after that, from 1 on; 0 if the making was not seen.
  [[nodiscard]] std::size_t made(void const* p, std::size_t step) const {
    std::size_t last = 0;
    for (made_object const& m : recorded_.made) {
      if (m.at == p && m.since <= step) last = m.since + 1;
    }
    return last;
  }

  /// Returns the name that was given last to the least object of more than `bytes` around `p`, itself included, while
  /// that lay there which was made when `since` says.
  [[nodiscard]] raw_name const* name(void const* p, std::size_t since, std::size_t bytes) const {
    auto const* const at = static_cast<char const*>(p);
    std::size_t until = ~std::size_t{0};
    for (made_object const& m : recorded_.made) {
      if (m.at == p && m.since + 1 > since) until = std::min(until, m.since + 1);
    }
    raw_name const* best = nullptr;
    for (raw_name const& n : recorded_.names) {
      bool const then = n.since + 1 >= since && n.since + 1 < until;
      if (!then || at < n.at || at >= n.at + n.bytes || n.bytes <= bytes) continue;
      if (best == nullptr || n.bytes <= best->bytes) best = &n;
    }
    return best;
  }

  [[nodiscard]] traced_object about(void const* p, std::size_t since, unsigned number,
                                    std::map<std::string, std::vector<char const*>>& places) const {
    traced_object o{.number = number};
    auto const* const at = static_cast<char const*>(p);
    for (std::size_t i = 0; i != recorded_.stacks.size(); ++i) {
      std::span<char const> const stack = recorded_.stacks[i];
      if (at > stack.data() && at < stack.data() + stack.size()) o.owner = static_cast<int>(i);
    }
    raw_name const* const own = name(p, since, 0);
    if (own == nullptr) return o;
    // "waiter" and "state" in it are "waiter.state".
    raw_name const* const outer = name(p, since, own->bytes);
    raw_name const* const whole = outer != nullptr ? outer : own;
    o.inside = own->at != at;
    o.name = outer != nullptr ? fmt::format("{}.{}", outer->name, own->name) : own->name;
    auto& same = places[o.name];
    auto const known = std::ranges::find(same, whole->at);
    o.among = static_cast<unsigned>(known - same.begin()) + 1;
    if (known == same.end()) same.push_back(whole->at);
    return o;
  }

  recording const& recorded_;
  std::map<std::pair<void const*, std::size_t>, unsigned> numbers_{};
};

}  // namespace

void copy_trace(recording const& r, search_result& o) {
  object_table objects(r);
  for (std::size_t i = 0; i != r.trace.size(); ++i) {
    raw_step const& x = r.trace[i];
    step t{.thread = x.thread, .what = x.info.what, .with = x.info.with, .stale = x.info.stale, .failed = x.info.failed,
           .file = name_of_source(x.at.file_name()), .line = x.at.line(), .column = x.at.column(), .near = x.near};
    if (x.info.object != nullptr) t.object = objects.number(x.info.object, i);
    t.before = objects.text(x.info.before, x.info.object, i);
    t.after = objects.text(x.info.after, x.info.object, i);
    o.trace.push_back(std::move(t));
  }
  o.objects = objects.objects();
}

std::string_view to_string(action a) noexcept {
  switch (a) {
    case action::load: return "load";
    case action::store: return "store";
    case action::exchange: return "exchange";
    case action::compare_exchange: return "compare_exchange";
    case action::fetch_add: return "fetch_add";
    case action::fetch_sub: return "fetch_sub";
    case action::fetch_and: return "fetch_and";
    case action::fetch_or: return "fetch_or";
    case action::fence: return "fence";
    case action::light_fence: return "light_fence";
    case action::heavy_fence: return "heavy_fence";
    case action::await: return "await";
    case action::futex_wait: return "futex_wait";
    case action::futex_wait_until: return "futex_wait_until";
    case action::futex_wake: return "futex_wake";
    case action::sleep: return "sleeps";
    case action::wake: return "wakes";
    case action::lock: return "lock";
    case action::try_lock: return "try_lock";
    case action::unlock: return "unlock";
    case action::yield: return "yield";
    case action::get: return "get";
    case action::set: return "set";
    case action::allocate: return "allocate";
    case action::deallocate: return "deallocate";
    case action::create: return "create";
    case action::destroy: return "destroy";
    case action::broken: return "broken law";
    case action::stall: return "stalls";
  }
  return "?";
}

std::string_view to_string(order o) noexcept {
  switch (o) {
    case order::relaxed: return "relaxed";
    case order::acquire: return "acquire";
    case order::release: return "release";
    case order::acq_rel: return "acq_rel";
    case order::seq_cst: return "seq_cst";
  }
  return "?";
}

}  // namespace surewake::verify
