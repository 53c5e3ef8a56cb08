// surewake/core/platform/at_fork.hpp: objects with threads of their own, which a forked child lacks.
//
//   listed --fork begins: before_fork--> locked --in the parent: after_fork--> listed
//                                               --in the child: in_child--> listed, without its threads
//
// fork() copies the memory, and of the threads only the one that calls it. An earlier version assumed that a process
// keeps its pool's threads; then the timers of a child's shared pool never fired. Now each such object holds its lock
// while the process forks, so that the child finds it whole. In the child the object is told that its threads are gone.
//
// Invariants
//   I1  A fork holds the list's lock, then each object's; no other code takes the list's lock holding an object's.
// Windows   has no fork(), so there the list is none.
// Progress  blocking.   Errors  none. If the system has no memory for handlers, a child is told nothing.
#pragma once

#include <surewake/core/platform/compiler.hpp>

#if !defined(_WIN32)
#include <pthread.h>

#include <cstddef>
#include <mutex>
#include <new>
#include <system_error>
#endif

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// Has T's static before_fork, in_the_parent and in_the_child called at each fork from now on.
///
/// Errors   std::system_error if the system has no memory.
template <class T> struct fork_calls {
  static void install() {
#if !defined(_WIN32)
    static int const error = ::pthread_atfork(&T::before_fork, &T::in_the_parent, &T::in_the_child);
    if (error != 0) throw std::system_error(error, std::system_category(), "surewake: pthread_atfork");
#endif
  }
};
template <class T> void call_at_fork() { fork_calls<T>::install(); }

class at_fork {
 public:
  at_fork(at_fork const&) = delete;
  at_fork& operator=(at_fork const&) = delete;

 protected:
  at_fork() = default;
  ~at_fork() = default;

#if defined(_WIN32)
  void join_list() noexcept {}
  void leave_list() noexcept {}
#else
  /// Adds the object to the list, once it is complete.
  void join_list() noexcept {
    list& l = all();
    std::lock_guard const lock(l.mutex);
    next_ = l.first;
    if (next_ != nullptr) next_->link_ = &next_;
    link_ = &l.first;
    l.first = this;
  }
  /// Takes the object out of the list, while it still is complete; to be called once.
  void leave_list() noexcept {
    std::lock_guard const lock(all().mutex);
    *link_ = next_;
    if (next_ != nullptr) next_->link_ = link_;
  }
#endif

 private:
  virtual void before_fork() noexcept = 0;
  virtual void after_fork() noexcept = 0;
  virtual void in_child() noexcept = 0;

#if !defined(_WIN32)
  struct list {
    std::mutex mutex;
    at_fork* first = nullptr;
  };
  /// Returns the list, which is never destroyed.
  [[nodiscard]] static list& all() noexcept {
    alignas(list) static std::byte storage[sizeof(list)];
    static list& only = *::new (static_cast<void*>(storage)) list;
    static int const installed = ::pthread_atfork(&prepare, &parent, &child);
    static_cast<void>(installed);
    return only;
  }
  static void prepare() noexcept {
    all().mutex.lock();
    each(&at_fork::before_fork);
  }
  static void parent() noexcept {
    each(&at_fork::after_fork);
    all().mutex.unlock();
  }
  static void child() noexcept {
    each(&at_fork::in_child);
    all().mutex.unlock();
  }
  static void each(void (at_fork::*what)() noexcept) noexcept {
    for (at_fork* o = all().first; o != nullptr; o = o->next_) (o->*what)();
  }

  at_fork* next_ = nullptr;
  at_fork** link_ = nullptr;
#endif
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
