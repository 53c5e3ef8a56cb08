// surewake/verify/engine/stall.hpp: which threads stall in a schedule, which operations are under way, and what a whole
// search saw of their claims. For relacy_engine.cpp, which parks and wakes the threads.
//
//   nobody yet --stop--> on --go_on--> over        at most once in a schedule
//
// While the state is `on`, one thread stalls, or all but one (`alone`). The schedule goes on once the others have ended
// or cannot go on: what stalled then runs to its end, so that every schedule ends in the ordinary way and one search
// sees all that an operation can be kept from ending by.
//
// Nothing here allocates: Relacy watches the heap of a schedule.
#pragma once

#include <surewake/verify/engine/progress.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace surewake::verify {

class stall {
 public:
  static constexpr std::size_t max_threads = 5;
  static constexpr std::size_t max_nested = 8;   // operations inside operations
  static constexpr std::size_t max_claims = 16;
  static constexpr unsigned patience = 400;      // steps of one thread while another stalls: then it loops

  /// What a search saw of an operation.
  struct seen {
    std::uint64_t calls = 0;
    unsigned most_steps = 0;
    std::uint64_t blocked = 0;  // times that it did not end because of a stall
  };

  explicit stall(std::vector<claim> const& claims) : claims_(claims) {}
  [[nodiscard]] bool watches() const noexcept { return !claims_.empty(); }

  void begin_schedule(std::size_t threads) noexcept {
    threads_ = {};
    for (std::size_t i = threads; i != max_threads; ++i) threads_[i].ended = true;
    state_ = state::not_yet;
    alone_ = none;
  }

  // Operations.

  /// Begins an operation; one without a claim is passed over. Returns false where too many are nested.
  [[nodiscard]] bool enter(std::size_t thread, char const* operation) noexcept {
    one& t = threads_[thread];
    auto const c = std::ranges::find(claims_, operation, &claim::operation);
    if (c == claims_.end()) return true;
    if (t.depth == max_nested) return false;
    t.under_way[t.depth++] = {static_cast<std::size_t>(c - claims_.begin()), 0};
    return true;
  }
  void leave(std::size_t thread, char const* operation) noexcept {
    one& t = threads_[thread];
    if (t.depth == 0 || claims_[t.under_way[t.depth - 1].which].operation != operation) return;
    auto const [which, steps] = t.under_way[--t.depth];
    seen& x = seen_[which];
    ++x.calls;
    x.most_steps = std::max(x.most_steps, steps);
  }
  /// Counts a step. Returns the claim whose bound it breaks, if one.
  [[nodiscard]] claim const* step(std::size_t thread) noexcept {
    one& t = threads_[thread];
    ++t.steps;
    if (state_ == state::on) ++t.since;
    claim const* broken = nullptr;
    for (std::size_t i = 0; i != t.depth; ++i) {
      claim const& c = claims_[t.under_way[i].which];
      if (++t.under_way[i].steps > c.steps && c.what == promise::wait_free) broken = &c;
    }
    return broken;
  }
  /// Returns the operations that a thread is in, the outermost first.
  [[nodiscard]] std::size_t depth(std::size_t thread) const noexcept { return threads_[thread].depth; }
  [[nodiscard]] std::size_t operation(std::size_t thread, std::size_t level) const noexcept {
    return threads_[thread].under_way[level].which;
  }
  [[nodiscard]] char const* name_of_operation(std::size_t thread) const noexcept {
    one const& t = threads_[thread];
    return t.depth == 0 ? "no operation" : claims_[t.under_way[t.depth - 1].which].operation.c_str();
  }

  // Stalls.

  [[nodiscard]] bool may_stop() const noexcept { return state_ == state::not_yet; }
  [[nodiscard]] bool on() const noexcept { return state_ == state::on; }
  [[nodiscard]] unsigned steps(std::size_t thread) const noexcept { return threads_[thread].steps; }
  [[nodiscard]] bool stands(std::size_t thread) const noexcept { return threads_[thread].still; }
  [[nodiscard]] bool ended(std::size_t thread) const noexcept { return threads_[thread].ended; }
  [[nodiscard]] bool loops(std::size_t thread) const noexcept { return on() && threads_[thread].since > patience; }
  [[nodiscard]] bool one_runs_alone() const noexcept { return alone_ != none; }

  /// Stalls `thread` for good, or all but the one that is to run alone.
  void stop(std::size_t thread, std::optional<std::size_t> alone) noexcept {
    state_ = state::on;
    ++stops_;
    alone_ = alone.value_or(none);
    for (std::size_t i = 0; i != max_threads; ++i) {
      threads_[i].still = !threads_[i].ended && (alone ? i != alone_ : i == thread);
    }
  }
  void parked(std::size_t thread, bool is) noexcept { threads_[thread].parked = is; }
  /// Ends the stall; calls wake(i) for each thread that was parked.
  template <class Wake> void go_on(Wake wake) noexcept {
    state_ = state::over;
    for (std::size_t i = 0; i != max_threads; ++i) {
      threads_[i].still = false;
      if (std::exchange(threads_[i].parked, false)) wake(i);
    }
  }
  void ends(std::size_t thread) noexcept { threads_[thread].ended = true; }
  /// Returns whether all have ended that were to end.
  [[nodiscard]] bool all_ended() const noexcept {
    return std::ranges::all_of(threads_, [](one const& t) { return t.ended || t.still; });
  }

  // What a search saw.

  [[nodiscard]] claim const& of(std::size_t which) const noexcept { return claims_[which]; }
  void blocks(std::size_t which) noexcept { ++seen_[which].blocked; }
  /// Returns the number of stalls until now.
  [[nodiscard]] std::uint64_t stops() const noexcept { return stops_; }

  /// Returns what is claimed and was not seen: the claim is weaker than the source.
  [[nodiscard]] std::string too_weak() const;
  /// Says what was seen, an operation after the other.
  [[nodiscard]] std::string summary() const;

 private:
  static constexpr std::size_t none = max_threads;
  enum class state : std::uint8_t { not_yet, on, over };
  struct call {
    std::size_t which = 0;
    unsigned steps = 0;
  };
  struct one {
    bool ended = false;
    bool still = false;
    bool parked = false;  // told to sleep by the engine
    unsigned steps = 0;
    unsigned since = 0;   // steps since the stall began
    std::size_t depth = 0;
    std::array<call, max_nested> under_way{};
  };

  std::vector<claim> const& claims_;
  std::array<seen, max_claims> seen_{};
  std::array<one, max_threads> threads_{};
  state state_ = state::not_yet;
  std::size_t alone_ = none;
  std::uint64_t stops_ = 0;
};

}  // namespace surewake::verify
