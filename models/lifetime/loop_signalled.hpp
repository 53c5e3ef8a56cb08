// surewake/models/lifetime/loop_signalled.hpp: another thread signals a loop (core/node/loop_signals.hpp), which ends
// as soon as it has seen what it was told. Is the signalling thread done with it?
// Shape      2 threads: owner looks, sleeps until the event is signalled, looks again, and ends the loop; signalling
//            asks the loop to stop, or posts to it under its lock.
// Must hold  the owner sees what signalling did before, and no thread touches the loop after its end.
#pragma once

#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/node/loop_signals.hpp>
#include <surewake/models/fixture/law.hpp>

#include <array>
#include <optional>

namespace surewake::models {

enum class loop_is { stopped, posted_to };

template <platform P, loop_is How> struct loop_signalled {
  static constexpr model_facts facts{
      .question = "A loop ends as soon as it has seen what another thread told it: is that thread done with it?",
      .law = "a loop ends after the last touch of the threads that signal it (`core/node/loop_signals.hpp`, I1)"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"owner", "signalling"};

  void thread(unsigned i) {
    i == 0 ? run_and_end() : signal();
  }

  void after() {}

 private:
  /// A loop without its ring. The event is the kernel's, and outlives it.
  struct loop {
    surewake::detail::loop_signals<P> signals{};
    typename P::mutex mutex{};
    bool posted = false;  // under the lock
  };

  void signal() {
    work_.set(1);
    // release: as the kernel, which a signal passes through.
    auto const raise = [this] { event_.store(1U, P::release); };
    loop& l = *loop_;
    if constexpr (How == loop_is::stopped) {
      l.signals.stop(raise);
    } else {
      {
        lock_hold const hold(l.mutex);
        l.posted = true;
        l.signals.begin();
      }
      raise();
      l.signals.end();
    }
  }

  [[nodiscard]] bool told() {
    if constexpr (How == loop_is::stopped) return loop_->signals.may_stop() && loop_->signals.stops();
    lock_hold const hold(loop_->mutex);
    return loop_->posted;
  }
  void run_and_end() {
    if (!told()) {
      // acquire: as the kernel, which ends a sleep.
      P::await(event_, [](std::uint32_t e) { return e == 1U; }, P::acquire);
      if (!told()) P::broken("a loop was woken, and not told why");
    }
    if (work_.get() != 1) P::broken("visibility: what was done before the signal is not seen");
    loop_->signals.reset();
    loop_->signals.await_quiet();
    loop_.reset();
  }

  std::optional<loop> loop_{std::in_place};
  typename P::template atomic<std::uint32_t> event_{0U};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
