// surewake/models/uring_scene.hpp: what the models of uring_futex begin with: a scene, and threads that have a ring.
#pragma once

#include <surewake/models/kernel.hpp>
#include <surewake/models/scene.hpp>

#include <utility>

namespace surewake::models {

/// A coroutine that is destroyed with this object.
template <platform P> class destroyed_while_waiting {
 public:
  struct promise_type : platform_frame<P> {
    destroyed_while_waiting get_return_object() noexcept {
      return destroyed_while_waiting{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
  explicit destroyed_while_waiting(std::coroutine_handle<promise_type> h) noexcept : frame_(h) {}
  destroyed_while_waiting(destroyed_while_waiting&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  destroyed_while_waiting& operator=(destroyed_while_waiting const&) = delete;
  ~destroyed_while_waiting() {
    if (frame_) frame_.destroy();
  }

 private:
  std::coroutine_handle<promise_type> frame_;
};

template <platform P, template <class> class Queue, class Discipline, class Ring>
class uring_scene : public scene<P, Queue, Discipline> {
 protected:
  using scene<P, Queue, Discipline>::scene;

  struct place {
    char unused = 0;
  };
  /// Stands for the thread.
  [[nodiscard]] static place const* here() noexcept { return &P::template local<place>(); }

  /// What a holder does before he releases; who visits must see it.
  void do_work() noexcept { work_.set(work_.get() + 1); }
  /// A coroutine that acquires on a ring's thread, releases again, and says that it is through.
  [[nodiscard]] task<void, P> visit(ghost& over, int work = 0) {
    place const* const started = here();
    {
      auto const p = co_await this->gate().acquire();
      if (work != 0 && work_.get() != work) P::broken("visibility: the work of a holder was lost");
      if (started != here()) P::broken("a waiter with a ring was run by another thread");
    }
    over.add(1);
  }

 private:
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
