// surewake/core/platform/windows_thread_object.hpp: the object of each thread on Windows, where a thread_local's memory
// goes before the thread's last step. thread_object.hpp says what is promised; on Linux this file is empty.
//
//   none --first use--> alive --the thread's thread_locals end--> none --next use--> alive
//
// MinGW-w64 emulates thread_local: its memory belongs to a POSIX key, and so do the destructors. The keys end in
// rounds, so a thread_local whose destructor runs in the second round reads memory that the first has freed, and a
// trivial one is zero again in the middle. (Seen with g++ 12: of a thread's object that was made again, the destructor
// read 13107448 for 77.) So the objects are in memory of our own, found through an index of TlsAlloc, and their
// destructors are given to the function that the compiler itself calls for a thread_local's.
//
// Invariants
//   I1  An object's memory goes when its destructor has returned. Of a trivial one it goes with the table.
//   I2  The table ends in the second round at the earliest, and in none in which an object with a destructor is alive
//       (it was made again in this round, and ends in the next); until then it is registered again. So the destructors
//       of thread_locals, which run in the first round, find every trivial object that was used before, as on Linux.
//   I3  The compiler's function has been called before main(). Its first call registers a handler by atexit(), which
//       waits while exit() runs handlers. So a thread that made its first object while a static destructor joined it
//       would wait for that destructor. (Seen under Wine 8: a program with a static thread pool never ended.)
// Ends      As on Linux, but main()'s thread ends its objects among the static ones, and a thread that ExitProcess
//           stops ends none. A DLL has objects of its own (core/README.md, Ends).
// Progress  wait-free.   Errors  what T's constructor throws; std::bad_alloc, also where Windows has no index left.
// Cost      a call of TlsGetValue and two loads; an allocation for each thread and T.
// Checked   thread_object.test.cpp, windows_thread_object.test.cpp, under Wine 8.
#pragma once

#include <surewake/core/platform/windows.hpp>

#if defined(_WIN32)
#include <cxxabi.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>
#endif

#include <surewake/core/platform/macros_push.hpp>

#if defined(_WIN32)

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// The objects of a thread, by type.
class thread_table {
 public:
  struct object {
    virtual ~object() = default;
    bool ends = false;  // by its own registration, which counts in ending_
  };

  /// Returns a number for a type.
  [[nodiscard]] static std::size_t next_number() noexcept {
    static constinit std::atomic<std::size_t> next{0};
    // relaxed: a number, nothing else.
    return next.fetch_add(1, std::memory_order_relaxed);
  }

  /// Returns the calling thread's object with the number; null if there is none.
  [[nodiscard]] static object* find(std::size_t number) noexcept {
    thread_table const* const t = get();
    return t != nullptr && number < t->objects_.size() ? t->objects_[number] : nullptr;
  }

  /// Puts `o` into the calling thread's table, to be ended with its thread_locals if it `ends`.
  static void put(std::size_t number, std::unique_ptr<object> o, bool ends) {
    thread_table& t = make();
    if (t.objects_.size() <= number) t.objects_.resize(number + 1);
    t.objects_[number] = o.get();
    o->ends = ends && register_end([](void* p) { end(static_cast<object*>(p)); }, o.get());
    t.ending_ += o->ends ? 1 : 0;
    static_cast<void>(o.release());
  }

 private:
  [[nodiscard]] static unsigned long index() {
    static unsigned long const i = [] {
      unsigned long const made = windows::TlsAlloc();
      if (made == 0xffff'ffff) throw std::bad_alloc();
      return made;
    }();
    return i;
  }
  [[nodiscard]] static thread_table* get() {
    windows::keeps_last_error const keep;
    return static_cast<thread_table*>(windows::TlsGetValue(index()));
  }
  [[nodiscard]] static thread_table& make() {
    if (thread_table* const t = get()) return *t;
    auto t = std::make_unique<thread_table>();
    if (windows::TlsSetValue(index(), t.get()) == 0) throw std::bad_alloc();
    register_end(&end_table, t.get());
    return *t.release();
  }

  /// Has the thread's end call end(p), before what was registered earlier. Returns false if there is no memory; then it
  /// is not called.
  static bool register_end(void (*end)(void*), void* p) noexcept {
    return abi::__cxa_thread_atexit(end, p, nullptr) == 0;
  }

  static void end(object* o) noexcept {
    thread_table& t = *get();
    o->~object();  // it may use itself, and find itself here
    for (object*& at : t.objects_) {
      if (at == o) at = nullptr;
    }
    --t.ending_;
    ::operator delete(static_cast<void*>(o), std::align_val_t{alignment});
  }
  static void end_table(void* p) {
    auto* const t = static_cast<thread_table*>(p);
    if (!std::exchange(t->told_, true) || t->ending_ != 0) {  // I2
      register_end(&end_table, p);
      return;
    }
    for (object* o : t->objects_) {
      if (o != nullptr && !o->ends) ::operator delete(static_cast<void*>(o), std::align_val_t{alignment});
    }
    delete t;
    windows::TlsSetValue(index(), nullptr);
  }

 public:
  static constexpr std::size_t alignment = 128;  // of every object's memory

 private:
  std::vector<object*> objects_;
  std::size_t ending_ = 0;
  bool told_ = false;  // to end
};

/// Calls the compiler's function for the first time (I3).
inline int const first_registration = abi::__cxa_thread_atexit([](void*) {}, nullptr, nullptr);

/// The T of each thread.
template <class T> class thread_object {
  struct held final : thread_table::object {
    static void* operator new(std::size_t bytes) {
      return ::operator new(bytes, std::align_val_t{thread_table::alignment});
    }
    static void operator delete(void* p) noexcept {
      ::operator delete(p, std::align_val_t{thread_table::alignment});
    }
    T value{};
  };
  static_assert(alignof(held) <= thread_table::alignment);

 public:
  [[nodiscard]] static T& mine() {
    static std::size_t const number = thread_table::next_number();
    auto* o = static_cast<held*>(thread_table::find(number));
    if (o == nullptr) [[unlikely]]
      o = make(number);
    return o->value;
  }

 private:
  [[gnu::noinline, gnu::cold]] static held* make(std::size_t number) {
    auto o = std::make_unique<held>();
    held* const made = o.get();
    thread_table::put(number, std::move(o), !std::is_trivially_destructible_v<T>);
    return made;
  }
};

}}  // namespace surewake::detail

#endif

#include <surewake/core/platform/macros_pop.hpp>
