// surewake/bench/workloads/wake_chain.cpp: how much stack does a chain of wakes take?
//
// n coroutines wait for one permit, and each gives it back when it has run: the first release starts a chain of n wakes
// on one thread. One operation = one wake of the chain. Recorded is the most stack that it took, from the release on.
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>

#include <fmt/format.h>
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace surewake::bench {
namespace {

/// The least address of the stack that was seen.
struct depth {
  std::uintptr_t deepest = ~std::uintptr_t{0};
  std::uint64_t woken = 0;
};

[[gnu::noinline]] void note(depth& d) {
  d.deepest = std::min(d.deepest, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
  ++d.woken;
}

template <class Semaphore> probe link_of_chain(frame_arena&, Semaphore& s, depth& d) {
  auto const permit = co_await s.acquire();
  note(d);
}

template <class Semaphore> sample timed_chain(frame_arena& arena, std::uint64_t n) {
  Semaphore s(1);
  auto held = s.try_acquire();
  depth d;
  std::vector<probe> chain;
  chain.reserve(n);
  for (std::uint64_t i = 0; i < n; ++i) {
    chain.push_back(link_of_chain(arena, s, d));
    chain.back().start();
  }
  stopwatch watch;
  auto const base = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  watch.start();
  held->release();
  watch.stop(static_cast<double>(n));
  expect(d.woken == n, "every waiter was woken, once");
  for (probe const& p : chain) expect(p.done(), "every coroutine reached its end");
  chain.clear();
  expect(s.available_permits() == 1 && s.waiters() == 0, "the permit is back, and nobody waits");
  arena.reset();
  sample o = watch.total();
  o.metrics.set("stack_bytes", static_cast<double>(base - d.deepest));
  return o;
}

/// Memory for the stack of one thread, of which is known afterwards how much was used.
class fresh_stack {
 public:
  fresh_stack()
      : base_(static_cast<std::byte*>(
            ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {
    if (base_ == MAP_FAILED) throw std::bad_alloc{};
  }
  fresh_stack(fresh_stack const&) = delete;
  fresh_stack& operator=(fresh_stack const&) = delete;
  ~fresh_stack() { ::munmap(base_, size); }

  /// Runs f on it, on a thread of its own.   Returns  the most bytes between f's caller and what f wrote last.
  template <class F> double used_by(F f) {
    struct call {
      F& f;
      std::byte* from;
    } c{f, nullptr};
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstack(&attributes, base_, size);
    pthread_t thread{};
    auto const body = [](void* p) -> void* {
      auto& it = *static_cast<call*>(p);
      it.from = static_cast<std::byte*>(__builtin_frame_address(0));
      it.f();
      return nullptr;
    };
    int const error = ::pthread_create(&thread, &attributes, body, &c);
    ::pthread_attr_destroy(&attributes);
    expect(error == 0, "a thread with a stack of its own starts");
    ::pthread_join(thread, nullptr);
    auto const* const deepest = std::find_if(base_, base_ + size, [](std::byte b) { return b != std::byte{0}; });
    return static_cast<double>(c.from - deepest);
  }

 private:
  static constexpr std::size_t size = std::size_t{8} << 20;
  std::byte* base_;
};

/// A peer's tasks are polled one after the other, by its executor: their stack is read off its memory.
sample peer_chain(peer_crowd const& p, std::uint64_t n) {
  waiting_crowd const crowd(p, n, 1, false, crowd_ending::releases);
  p.enqueue(crowd.object);
  fresh_stack stack;
  stopwatch watch;
  double const bytes = stack.used_by([&] {
    watch.start();
    p.wake_one(crowd.object);
    watch.stop(static_cast<double>(n));
  });
  expect(p.woken(crowd.object) == n, "every waiter was woken, once");
  expect(p.end(crowd.object) == 1, "the permit is back");
  sample o = watch.total();
  o.metrics.set("stack_bytes", bytes);
  return o;
}

}  // namespace

void add_wake_chain(scenarios& all, effort const& e) {
  std::uint64_t const n = e.smoke ? 1'000 : e.large ? 1'000'000 : 100'000;
  auto const arena = std::make_shared<frame_arena>(n * 512);
  scenario add{.workload = "wake_chain",
               .name = fmt::format("n = {}", n),
               .waiters = n,
               .operations = n,
               .weight = 4,
               .max_repeats = 5};
  for_each_semaphore([&]<class M>(M const& m) {
    using semaphore = typename M::semaphore;
    add.contestants.push_back(
        {m.name, kind::strategy, [=](std::uint64_t) { return timed_chain<semaphore>(*arena, n); }});
  });
  for (peer const& p : peers()) {
    if (p.crowd == nullptr) continue;
    add.contestants.push_back({p.name, kind::peer, [=, &p](std::uint64_t) { return peer_chain(*p.crowd, n); }});
  }
  all.push_back(std::move(add));
}

}  // namespace surewake::bench
