// surewake/models/waiter_destroyed_after_grant.hpp: whoever is granted the last permit destroys the semaphore, and
// itself. Does the granter touch either of them?
// Shape      2 threads: holder releases the only permit of two semaphores; visitor waits for one as a coroutine, which
//            the holder resumes, and for the other one blocked. Each destroys the semaphore at once.
// Must hold  nobody touches what is gone (law 4), and everything is gone in the end.
// Bugs       look_back, look_at_waiter → use after free (glibc 12674, tokio #2340)
#pragma once

#include <surewake/models/law.hpp>

#include <array>
#include <memory>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off> struct waiter_destroyed_after_grant {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  void thread(unsigned i) {
    if (i == 0) {
      for (auto& p : held_) p.release();
    } else {
      start_detached<P>(destroy_when_granted());
      gates_[1]->acquire_blocking().forget();
      gates_[1].reset();
    }
  }

  void after() {
    if (gates_[0] || gates_[1]) P::broken("lost wakeup: somebody waits and nobody will wake him");
  }

 private:
  using semaphore = basic_semaphore<Queue, P, Discipline>;
  struct destroy {
    void operator()(semaphore* s) const noexcept {
      std::destroy_at(s);
      P::deallocate(s, sizeof(semaphore), alignof(semaphore));
    }
  };
  using owned = std::unique_ptr<semaphore, destroy>;
  static owned make() {
    void* const memory = P::allocate(sizeof(semaphore), alignof(semaphore));
    return owned(std::construct_at(static_cast<semaphore*>(memory), 1));
  }

  task<void, P> destroy_when_granted() {
    auto p = co_await gates_[0]->acquire();
    p.forget();
    gates_[0].reset();
  }

  std::array<owned, 2> gates_{make(), make()};
  std::array<typename semaphore::permit, 2> held_{*gates_[0]->try_acquire(), *gates_[1]->try_acquire()};
};

}  // namespace surewake::models
