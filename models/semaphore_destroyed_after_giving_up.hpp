// surewake/models/semaphore_destroyed_after_giving_up.hpp: one who gave up waiting gets the last permit from a try, and
// destroys the semaphore. Is the release, whose grant was meant for him, through with it?
// Shape      2 threads, 1 permit: holder releases; impatient acquires with a time limit, else tries, and destroys the
//            semaphore if it has the permit.
// Must hold  nobody touches what is gone (law 4), though a grant that was refused may still be on its way.
// Bugs       no_refusal, looks_back → use after free
#pragma once

#include <surewake/models/owned_semaphore.hpp>
#include <surewake/models/scene.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct semaphore_destroyed_after_giving_up {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "impatient"};

  void thread(unsigned i) {
    if (i == 0) return held_.release();
    auto last = gate_->try_acquire_for(a_moment);
    if (!last) last = gate_->try_acquire();
    if (last) destroy_as_last<semaphore>(std::move(*last), gate_);
  }

  void after() {
    if (gate_) at_rest(*gate_, 1);
  }

 private:
  using semaphore = basic_semaphore<Queue, P, Discipline>;

  owned_semaphore<semaphore> gate_{make_semaphore<semaphore>()};
  typename semaphore::permit held_{*gate_->try_acquire()};
};

}  // namespace surewake::models
