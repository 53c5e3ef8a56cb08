// surewake/verify/engine/graph/execution.hpp: an execution graph: events, reads-from and modification orders.
//
// Terms  po  program order            rf   reads-from: from a write to the reads that see it
//        co  the modification order, one for each location, with the initial write first
//        porf  the transitive closure of po and rf          hb   happens-before (C++20)
//
// Invariants
//   I1  Events are numbered in an order that extends porf: whatever an event can depend on has a smaller number. So a
//       run of the program that follows the numbers finds each value already written. porf is acyclic by this: load
//       buffering is not explored.
//   I2  The last event depends on nothing after it and nothing depends on it, so `pop` takes it away without a trace.
//   I3  What an event knows is a function of its porf-prefix. A part of a graph that contains with an event its
//       porf-prefix keeps it, because the index of each event in its thread stays (revisit.cpp).
//   I4  So a graph that begins as a part of another one shares what the events know, and must not outlive it. Shared
//       events come first. Those that it adds itself have their knowledge in blocks of its own, in the same order.
//
// hb is computed as events are added. A write is given the clock that an acquire operation receives from it:
//   its own, if it releases; that of the last release fence of its thread; and, if it is the write half of an RMW, that
//   of the write which the RMW reads from. The last one is C++20's release sequence (P0982): RMWs continue it, and
//   later stores of the same thread do not. An acquire fence receives what the reads before it saw without acquiring.
#pragma once

#include <surewake/verify/engine/graph/event.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace surewake::verify::graph {

/// What is known about one location.
struct location {
  std::vector<event_id> writes{};  // in modification order; empty: no event yet
  value initial = 0;
};

class execution {
 public:
  static constexpr clock nothing{};

  explicit execution(memory_model model = memory_model::cpp20) noexcept : model_(model) {}
  execution(execution const&) = delete;
  execution& operator=(execution const&) = delete;
  execution(execution&&) = default;
  execution& operator=(execution&&) = default;

  [[nodiscard]] memory_model model() const noexcept { return model_; }
  [[nodiscard]] event_id size() const noexcept { return static_cast<event_id>(size_); }
  [[nodiscard]] event const& operator[](event_id e) const noexcept { return events_[static_cast<std::size_t>(e)]; }
  /// Returns the events of a thread in program order.
  [[nodiscard]] std::vector<event_id> const& of_thread(unsigned t) const noexcept { return threads_[t]; }
  /// Returns the seq_cst events of a thread in program order. Under `sc` each event is one.
  [[nodiscard]] std::vector<event_id> const& ordered(unsigned t) const noexcept { return ordered_[t]; }
  /// Returns whether there have been light or heavy fences.
  [[nodiscard]] bool is_asymmetric() const noexcept { return asymmetric_; }
  [[nodiscard]] bool has_ordered() const noexcept {
    return std::any_of(ordered_.begin(), ordered_.end(), [](auto const& events) { return !events.empty(); });
  }
  [[nodiscard]] std::vector<event_id> const& writes(location_id l) const noexcept { return locations_[l].writes; }
  [[nodiscard]] std::size_t locations() const noexcept { return locations_.size(); }

  /// Returns how many rare choices are not 0.
  [[nodiscard]] unsigned rare() const noexcept { return rare_; }

  /// Names the value that a location has before its first store. Its initial write is an event once something else is.
  void set_initial(location_id l, value v);
  /// Makes the initial write of a location an event, if it is not one yet.
  void touch(location_id l);

  /// Returns what happens before the next event of a thread, an acquire by itself not counted.
  [[nodiscard]] clock const& known(unsigned thread) const noexcept;
  /// Returns what the next event of a thread may rely on when it reads: request::is_current.
  [[nodiscard]] clock known(unsigned thread, request const& r) const noexcept;
  /// Returns the first place of the location's modification order that an event may read from or be placed after which
  /// knows `before`: coherence (C++20 [intro.races] 15 to 18).
  [[nodiscard]] std::int32_t floor(location_id l, clock const& before) const noexcept;
  /// Returns whether an RMW has taken the write: it is next in modification order, and must stay that.
  [[nodiscard]] bool taken(event_id write) const noexcept;
  [[nodiscard]] bool is_last(event_id write) const noexcept;

  event_id add_read(unsigned thread, request const& r, event_id from);
  /// Adds a store or the write half of an RMW right after place `after` of the modification order; with -1, in none.
  event_id add_write(unsigned thread, request const& r, std::int32_t after);
  event_id add_fence(unsigned thread, request const& r);
  event_id add_choice(unsigned thread, request const& r, value chosen);
  void pop();
  void truncate(event_id size) {
    while (this->size() > size) pop();
  }
  void clear();

  /// Makes this graph the first `n` events of another one, still without modification orders (I4).
  void begin_as(execution const& other, event_id n);
  /// Adds one of the other events of that graph, except that it reads from `reads`.
  event_id add_shared(event const& e, event_id reads);
  /// Takes the modification orders of the other graph over. `number` has what each write is in this one, or no_event.
  template <class Number> void take_places(execution const& other, Number number);
  /// Gives the last event the stamp that it had before, instead of a new one.
  void keep_stamp(std::uint32_t stamp) noexcept {
    events_[size_ - 1].stamp = stamp;
    --next_stamp_;
  }
  /// Names the stamp of the next event: greater than all in the graph.
  void set_next_stamp(std::uint32_t stamp) noexcept { next_stamp_ = stamp; }

 private:
  event& at(event_id e) noexcept { return events_[static_cast<std::size_t>(e)]; }
  [[nodiscard]] knowledge& own(std::size_t n);
  event& append(unsigned thread, request const& r, kind what, order with);
  [[nodiscard]] static bool is_rare(event const& e) noexcept {
    return e.what == kind::choice && e.asked.is_rare && e.seen != 0;
  }
  void enter(event_id e);
  void enter_place(event_id e, std::int32_t place);
  void receive(event& e, event const& write) noexcept;
  void release(event& e) noexcept;

  memory_model model_;
  bool asymmetric_ = false;
  unsigned rare_ = 0;
  std::uint32_t next_stamp_ = 1;
  static constexpr std::size_t block = 32;

  std::size_t size_ = 0;
  std::size_t shared_ = 0;       // the first events share what they know
  std::vector<event> events_{};  // those from size_ on are spare
  std::vector<std::unique_ptr<std::array<knowledge, block>>> blocks_{};
  std::array<std::vector<event_id>, max_threads + 1> threads_{};
  std::array<std::vector<event_id>, max_threads + 1> ordered_{};
  std::vector<location> locations_{};
};

template <class Number> void execution::take_places(execution const& other, Number number) {
  if (locations_.size() < other.locations_.size()) locations_.resize(other.locations_.size());
  for (std::size_t l = 0; l != other.locations_.size(); ++l) {
    location& here = locations_[l];
    here.initial = other.locations_[l].initial;
    here.writes.clear();
    for (event_id const w : other.locations_[l].writes) {
      event_id const mine = number(w);
      if (mine == no_event) continue;
      at(mine).place = static_cast<std::int32_t>(here.writes.size());
      here.writes.push_back(mine);
    }
  }
}

}  // namespace surewake::verify::graph
