// surewake/models/progress/progress_free.hpp: a semaphore has enough permits for every thread. Does each call end,
// however the other threads stall?
// Shape      2 threads, each acquires, tries to acquire, and releases; 4 permits.
// Must hold  the progress guarantees of the front end on free permits; conservation.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/progress/progress.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off> class progress_free {
 public:
  static constexpr model_facts facts{
      .question = "Permits are free: does each call come to its end, in as many steps as claimed?",
      .law = "permits that are free cost as many steps as claimed, whichever thread stalls",
      .unfit = "a checker counts the steps of each call, and lets threads stall"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 3> operations{"acquire", "release", "try_acquire"};

  void thread(unsigned) {
    auto first = acquire();
    auto second = try_acquire();
    if (!second) P::broken("a free permit cannot be taken");
    release(first);
    release(*second);
  }

  void after() {
    if (synchronizer_.available_permits() != 4) P::broken("conservation: a permit was lost or invented");
  }

 private:
  using semaphore = basic_semaphore<Queue, P, Discipline>;
  using permit = typename semaphore::permit;

  permit acquire() {
    now<P> const in("acquire");
    return synchronizer_.acquire_blocking();
  }
  std::optional<permit> try_acquire() noexcept {
    now<P> const in("try_acquire");
    return synchronizer_.try_acquire();
  }
  static void release(permit& p) noexcept {
    now<P> const in("release");
    p.release();
  }

  semaphore synchronizer_{4};
};

}  // namespace surewake::models
