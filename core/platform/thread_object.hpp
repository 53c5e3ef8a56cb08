// surewake/core/platform/thread_object.hpp: an object of each thread, which can be used until the thread's very last
// step.
//
//   none --first use--> alive --the thread's thread_locals end, or its keys do--> ended --next use--> alive
//
// A thread_local dangles in the destructors that run after its own: those of thread_locals that were made before it, of
// POSIX keys, and, on main()'s thread, of everything static. An earlier version assumed that no permit is released
// there. But programs do that, and then the hazard pointers of a structure wrote to slots that other threads had taken.
//
// Invariants
//   I1  mine() returns an object that is constructed. Within that object's own destructor it returns the same object.
//   I2  An object ends with the thread's thread_locals. An object that is made after that ends with the thread's keys
//       (pthread_key_create), which come in rounds (PTHREAD_DESTRUCTOR_ITERATIONS, 4). Each round ends what the round
//       before has made. On main()'s thread no keys end with the process, and a process has 1,024 keys at most. Where
//       no key ends the object, its destructor does not run; its memory is the thread's.
// Progress  wait-free.   Errors  what T's constructor throws.
// Cost      a load and a branch, as a thread_local's guard; some 50 ns once for each thread and T.
// Windows   windows_thread_object.hpp has another thread_object, because there thread_locals do not stay.
// Checked   thread_object.test.cpp, queues/conformance/ends.test.cpp; under a checker an object is made again likewise.
#pragma once

#include <surewake/core/platform/windows_thread_object.hpp>

#if !defined(_WIN32)
#include <pthread.h>

#include <cstddef>
#include <memory>
#include <new>
#endif

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

#if defined(_WIN32)
inline constexpr bool thread_locals_stay = false;
#else
/// Whether a trivial thread_local keeps its value until the thread's last step.
inline constexpr bool thread_locals_stay = true;

/// A thread's object as its keys see it.
class object_of_keys {
 protected:
  using end_function = void (*)(object_of_keys&) noexcept;

  constexpr explicit object_of_keys(end_function end) noexcept : end_(end) {}
  object_of_keys(object_of_keys const&) = delete;
  object_of_keys& operator=(object_of_keys const&) = delete;

  /// Leaves the end of the object to the keys of this thread.
  void ends_with_keys() noexcept {
    static list const all;
    if (listed_ || !all.made) return;
    next_ = static_cast<object_of_keys*>(::pthread_getspecific(all.key));
    listed_ = ::pthread_setspecific(all.key, this) == 0;
  }

 private:
  struct list {
    list() noexcept : made(::pthread_key_create(&key, &end_all) == 0) {}
    pthread_key_t key{};
    bool made;
  };
  static void end_all(void* first) noexcept {
    for (auto* o = static_cast<object_of_keys*>(first); o != nullptr;) {
      object_of_keys* const next = o->next_;
      o->listed_ = false;
      o->end_(*o);
      o = next;
    }
  }

  end_function end_;
  object_of_keys* next_ = nullptr;
  bool listed_ = false;
};

/// The T of each thread.
template <class T> class thread_object : object_of_keys {
 public:
  [[nodiscard]] static T& mine() {
    constinit thread_local thread_object it;
    if (!it.alive_) [[unlikely]]
      it.make();
    return it.object();
  }

 private:
  struct end_of_thread {
    explicit end_of_thread(thread_object& o) noexcept : it(o) {}
    end_of_thread(end_of_thread const&) = delete;
    end_of_thread& operator=(end_of_thread const&) = delete;
    ~end_of_thread() { it.end(); }
    thread_object& it;
  };

  constexpr thread_object() noexcept
      : object_of_keys([](object_of_keys& o) noexcept { static_cast<thread_object&>(o).end(); }) {}

  [[nodiscard]] T& object() noexcept { return *std::launder(reinterpret_cast<T*>(storage_)); }

  [[gnu::noinline, gnu::cold]] void make() {
    std::construct_at(reinterpret_cast<T*>(storage_));
    alive_ = true;
    ends_with_keys();
    thread_local end_of_thread const at_end(*this);
  }
  void end() noexcept {
    if (!alive_) return;
    std::destroy_at(&object());
    alive_ = false;
  }

  bool alive_ = false;
  alignas(T) std::byte storage_[sizeof(T)]{};
};
#endif

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
