// surewake/verify/engine/graph/watch.hpp: what is done in a run beyond running it: steps are noted, operations have
// other orders, and decisions are taken as somebody wants them.
//
// The platform announces what it is about to do, with the place in the source and what the values mean; the runtime
// then says which event it became. What is announced and becomes no event, because the run ends there, is a step too.
//
//   I1  A search is not watched, unless operations of it have other orders, or it is asked which of the source's
//       operations it executes: then it is, but no steps are noted. One that is not asks once an operation whether it
//       is (`watched`), and does nothing else for it.
#pragma once

#include <surewake/verify/engine/graph/active.hpp>
#include <surewake/verify/engine/graph/execution.hpp>
#include <surewake/verify/engine/recording.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::verify::graph {

/// What a run decides, in its order: which thread goes on, and by how much its operation differs from what is taken by
/// default: how many writes before the newest it reads, or is placed before; which value it chooses.
struct decision {
  std::uint8_t thread = 0;
  std::uint32_t which = 0;
  bool operator==(decision const&) const = default;
};

/// Operations at a place that get another order.
struct other_order {
  verify::action what{};
  bool on_failure = false;  // of a compare-exchange
  std::string_view file{};  // the end of its path
  unsigned line = 0;
  unsigned column = 0;
  order to{};

  [[nodiscard]] bool is_for(verify::action announced, where at) const noexcept;
  /// Returns what an operation at the place asks for.
  [[nodiscard]] request of(request r) const noexcept;
};

/// An operation of the source, as it was executed.
struct executed_site {
  where at{};
  verify::action what{};
  bool on_failure = false;
  verify::order with{};
};

class watch {
 public:
  using words = shown (*)(value);

  /// A step: what recording::trace has, and where in its thread it is.
  struct place {
    unsigned thread = initial_thread;  // or not of any
    unsigned events = 0;               // how many of the thread were before it
    bool is_event = false;
  };

  // Before a run:
  bool takes_notes = true;
  std::vector<other_order> others{};
  std::vector<decision> decisions{};

  // After it:
  std::vector<executed_site>* executed = nullptr;  // null: nobody asks
  recording steps{};
  std::vector<place> places{};  // of the steps
  std::array<verify::action, max_threads> slept_in{};  // of a thread that is blocked: what it did
  std::string state{};          // model::state(), where threads are blocked

  /// Says what the thread is about to do. `text` shows a value of the object; `expected` is what a futex asks for.
  void announce(unsigned thread, verify::action what, void const* object, words text, where at, value expected = 0) {
    pending_[thread] = {true, what, object, text, at, expected};
  }
  /// Returns what is asked for instead of `r`, which was announced.
  [[nodiscard]] request changed(unsigned thread, request r) const;
  /// Notes that what was announced has become an event.
  void performed(event const& e, value seen);
  /// Notes that the thread's last step does not end.
  void blocked(unsigned thread);
  /// Notes a step that is no event.
  void note(place p, step_info const& s, where at);
  /// Notes what was announced and did not happen. Returns where the thread is, as far as is known.
  where stopped(place p, where at);

 private:
  struct announced {
    bool is = false;
    verify::action what{};
    void const* object = nullptr;
    words text = nullptr;
    where at{};
    value expected = 0;
  };
  void add(place p, step_info const& s, where at);
  void note_executed(announced const& p, event const& e);

  std::array<announced, max_threads + 2> pending_{};
  std::array<where, max_threads + 2> last_{};
};

}  // namespace surewake::verify::graph
