// The engine's own check, lifetimes and threads: what outlives its owner, what nobody frees, what a thread keeps to
// itself.
#include <surewake/verify/engine/case.hpp>

#include <coroutine>
#include <stdexcept>

namespace cases_of_engine_lifetime {

using namespace surewake;
using P = verify::checked_platform;
using verify::scheduler;
using verify::verdict;
using word = P::atomic<std::uint32_t>;

/// A coroutine with plain data in its frame, which the platform allocates.
struct holder {
  struct promise_type {
    holder get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { throw; }
    static void* operator new(std::size_t n) { return P::allocate(n, 16); }
    static void operator delete(void* p, std::size_t n) { P::deallocate(p, n, 16); }
  };
  std::coroutine_handle<promise_type> handle;
};

enum class end { after_use, during_use, never };

/// A thread uses what lives in the frame of a coroutine that another thread destroys.
template <end When, bool Atomic> struct frame {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"owner", "user"};

  holder coroutine() {
    P::plain<int> data{1};
    word flag{1U};
    in_frame = &data;
    flag_in_frame = &flag;
    co_await std::suspend_always{};
  }
  void thread(unsigned i) {
    if (i == 0) {
      holder const h = coroutine();
      h.handle.resume();
      ready.store(1U, P::release);
      if constexpr (When == end::after_use) P::await(used, [](std::uint32_t u) { return u == 1U; }, P::acquire);
      if constexpr (When != end::never) h.handle.destroy();
    } else {
      P::await(ready, [](std::uint32_t r) { return r == 1U; }, P::acquire);
      if constexpr (Atomic) {
        static_cast<void>(flag_in_frame->load(P::relaxed));
      } else {
        P::yield();
        static_cast<void>(in_frame->get());
      }
      used.store(1U, P::release);
    }
  }
  void after() {}

  word ready{0U};
  word used{0U};
  P::plain<int>* in_frame = nullptr;
  word* flag_in_frame = nullptr;
};

enum class mistake { none, freed_twice, never_allocated, wrong_size, leaked };

template <mistake What> struct memory {
  static constexpr unsigned threads = 1;
  void thread(unsigned) {
    void* const p = P::allocate(24, 8);
    if constexpr (What != mistake::leaked) P::deallocate(p, What == mistake::wrong_size ? 32 : 24, 8);
    if constexpr (What == mistake::freed_twice) P::deallocate(p, 24, 8);
    if constexpr (What == mistake::never_allocated) P::deallocate(&at_home, 4, 4);
  }
  void after() {}
  int at_home = 0;
};

/// The library's own memory: `new` in a model is watched too.
template <bool Freed> struct operator_new {
  static constexpr unsigned threads = 1;
  void thread(unsigned) {
    int* const p = new int(1);
    kept = p;
    if constexpr (Freed) delete p;
  }
  void after() {}
  int* kept = nullptr;
};

/// A freed block can come back at the same address: a compare-exchange on the address cannot tell.
struct address_reuse {
  static constexpr unsigned threads = 1;
  void thread(unsigned) {
    void* const first = P::allocate(24, 8);
    P::deallocate(first, 24, 8);
    void* const second = P::allocate(24, 8);
    bool const same = first == second;
    P::deallocate(second, 24, 8);
    if (same) P::broken("a new block has a new address");
  }
  void after() {}
};

/// Both threads are inside a handler while the other one runs.
struct exceptions {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    try {
      throw static_cast<int>(i);
    } catch (int mine) {
      turn.fetch_add(1U, P::relaxed);
      try {
        throw std::runtime_error("inner");
      } catch (std::runtime_error const&) {
        turn.fetch_add(1U, P::relaxed);
      }
      if (mine != static_cast<int>(i)) P::broken("a thread handles its own exception");
      try {
        throw;
      } catch (int again) {
        if (again != static_cast<int>(i)) P::broken("a thread throws its own exception again");
      }
    }
    if (std::uncaught_exceptions() != 0) P::broken("nothing is in flight");
  }
  void after() {}
  word turn{0U};
};

struct escape {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 1) throw std::runtime_error("nobody catches this");
  }
  void after() {}
};

/// Each thread has its own object, anew in each schedule.
struct own_storage {
  struct counter {
    P::plain<int> n{0};
  };
  static constexpr unsigned threads = 2;
  void thread(unsigned) {
    counter& mine = P::local<counter>();
    mine.n.set(mine.n.get() + 1);
    x.fetch_add(1U, P::relaxed);
    if (P::local<counter>().n.get() != 1) P::broken("nobody else counts here");
  }
  void after() {}
  word x{0U};
};

/// What a thread keeps to itself ends with the thread, as a step of it.
struct left_behind {
  struct farewell {
    ~farewell() {
      if (said != nullptr) said->store(1U, P::release);
    }
    word* said = nullptr;
  };
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"leaving", "waiting"};
  void thread(unsigned i) {
    if (i == 0) {
      P::local<farewell>().said = &said;
      data.set(1);
    } else {
      P::await(said, [](std::uint32_t s) { return s == 1U; }, P::acquire);
      static_cast<void>(data.get());
    }
  }
  void after() {}
  P::plain<int> data{0};
  word said{0U};
};

/// One object for all threads; whichever thread makes it, the others see it made, and it is gone at the end.
template <bool Freed> struct common_storage {
  struct owner {
    owner() : memory(P::allocate(8, 8)) { made.set(1); }
    ~owner() {
      if (Freed) P::deallocate(memory, 8, 8);
    }
    P::plain<int> made{0};
    word uses{0U};
    void* memory;
  };
  static constexpr unsigned threads = 2;
  void thread(unsigned) {
    owner& ours = P::shared<owner>();
    if (ours.made.get() != 1) P::broken("it is made before it is used");
    ours.uses.fetch_add(1U, P::relaxed);
  }
  void after() {
    if (P::shared<owner>().uses.load(P::relaxed) != 2) P::broken("both threads used the same, made in this schedule");
  }
};

/// An exception's text belongs to the library, which allocates and frees it out of our sight, and by our operators.
struct text_of_an_exception {
  static constexpr unsigned threads = 2;
  void thread(unsigned) {
    x.fetch_add(1U, P::relaxed);
    std::logic_error const e(std::string(100, 'e'));
    std::logic_error const same = e;
    x.fetch_add(1U, P::relaxed);
    if (std::string_view(same.what()).size() != 100) P::broken("the text was lost");
  }
  void after() {}
  word x{0U};
};

/// An element that is not there. Before the first one there is something that looks right.
template <bool Before> struct outside_an_array {
  static constexpr unsigned threads = 2;
  void thread(unsigned) {
    x.fetch_add(1U, P::relaxed);
    for (std::uint64_t i = 0; i != 3; ++i) P::within(i, 3);
    P::within(Before ? ~std::uint64_t{0} : 3, 3);
  }
  void after() {}
  word x{0U};
};

enum class fault { null_pointer, no_stack, terminated };

template <fault What> struct crash {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    x.fetch_add(1U, P::relaxed);
    if (i == 0) return;
    if constexpr (What == fault::null_pointer) *nothing = 1;
    if constexpr (What == fault::no_stack) static_cast<void>(deeper(0));
    if constexpr (What == fault::terminated) terminates();
  }
  [[gnu::noinline]] int deeper(int depth) {
    char volatile frame_bytes[512];
    frame_bytes[0] = static_cast<char>(depth);
    return depth < 1'000'000 ? deeper(depth + 1) + frame_bytes[0] : 0;
  }
  [[gnu::noinline]] static void throws() { throw std::runtime_error("out of a noexcept function"); }
  [[gnu::noinline]] void terminates() noexcept { throws(); }
  void after() {}
  int volatile* nothing = nullptr;
  word x{0U};
};

verify::bounds const full{.search = scheduler::full, .schedules = 5'000'000, .seconds = 60};

verify::bounds const full_with_reuse{
    .search = scheduler::full, .schedules = 5'000'000, .seconds = 60, .reuse = true};

verify::suite const frames =
    verify::suite("engine/frame", "A thread uses data in a coroutine frame that another one destroys: is it noticed?")
        .add<frame<end::after_use, false>>({.variant = "plain"}, full)
        .add<frame<end::after_use, true>>({.variant = "atomic"}, full)
        .add<frame<end::during_use, true>>({.bug = "atomic_used_later", .expect = verdict::use_after_free}, full)
        .add<frame<end::during_use, false>>({.bug = "plain_used_later", .expect = verdict::use_after_free})
        .add<frame<end::never, false>>({.bug = "never_destroyed", .expect = verdict::leak}, full);

verify::suite const memories =
    verify::suite("engine/memory", "Is memory that is lost, freed twice or given out again noticed?")
        .add<memory<mistake::none>>({}, full)
        .add<memory<mistake::freed_twice>>({.bug = "freed_twice", .expect = verdict::double_free}, full)
        .add<memory<mistake::never_allocated>>({.bug = "never_allocated", .expect = verdict::double_free}, full)
        .add<memory<mistake::wrong_size>>({.bug = "wrong_size", .expect = verdict::double_free}, full)
        .add<memory<mistake::leaked>>({.bug = "leaked", .expect = verdict::leak}, full)
        .add<outside_an_array<true>>({.bug = "before_an_array", .expect = verdict::out_of_range}, full)
        .add<outside_an_array<false>>({.bug = "behind_an_array", .expect = verdict::out_of_range}, full)
        .add<text_of_an_exception>({.variant = "text_of_an_exception"})
        .add<operator_new<true>>({.variant = "operator_new"}, full)
        .add<operator_new<false>>(
            {.bug = "operator_new_leaked", .expect = verdict::leak, .on_graphs = verdict::pass}, full)
        .add<address_reuse>({.bug = "address_taken_for_identity", .expect = verdict::broken_law}, full_with_reuse);

verify::suite const threads_of_their_own =
    verify::suite("engine/threads", "Does each thread of a model have its own exceptions and storage?")
        .add<exceptions>({.variant = "exceptions"}, full)
        .add<exceptions>({.variant = "exceptions"})
        .add<own_storage>({.variant = "local"}, full)
        .add<left_behind>({.variant = "local_ends"}, full)
        .add<common_storage<true>>({.variant = "shared"}, full)
        .add<common_storage<false>>({.bug = "shared_leaks", .expect = verdict::leak}, full)
        .add<escape>({.bug = "exception_escapes", .expect = verdict::exception}, full);

verify::suite const crashes =
    verify::suite("engine/crash", "Is a fault of the program under test a finding, rather than the end of the search?")
        .add<crash<fault::null_pointer>>({.bug = "null_pointer", .expect = verdict::crash})
        .add<crash<fault::no_stack>>({.bug = "no_stack", .expect = verdict::crash})
        .add<crash<fault::terminated>>({.bug = "terminated", .expect = verdict::crash});

}  // namespace cases_of_engine_lifetime
