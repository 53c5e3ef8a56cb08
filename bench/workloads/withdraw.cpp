// surewake/bench/workloads/withdraw.cpp: n coroutines wait, and all give up, in some order.
//
// One operation = one waiter that leaves. `withdraw`: its coroutine is destroyed where it is suspended; frames come
// from an arena, so no allocator is timed. `withdraw_freed`: frames come from the heap, and go back there in the timed
// part. A peer's futures are dropped. `withdraw_stop`: it waits with a stop_token, and its stop_source is asked to
// stop; timed is request_stop, which withdraws and resumes it with an empty result.
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <stop_token>
#include <type_traits>

namespace surewake::bench {
namespace {

template <class Semaphore>
lean_probe wait_for_ever(Semaphore& s, std::uint64_t& granted) {
  auto const permit = co_await s.acquire();
  ++granted;
}

/// The same with its frame on the heap.
template <class Semaphore>
heap_probe wait_on_heap(Semaphore& s, std::uint64_t& granted) {
  auto const permit = co_await s.acquire();
  ++granted;
}

template <class Semaphore>
probe wait_until_stopped(frame_arena&, Semaphore& s, std::stop_token stop, std::uint64_t& stopped) {
  auto const permit = co_await s.acquire(std::move(stop));
  stopped += static_cast<std::uint64_t>(!permit);
}

constexpr std::array orders{"fifo", "lifo", "random"};

/// Returns which waiter leaves first, second, … : places in the list of n.
std::vector<std::uint64_t> leaving(std::string const& order, std::uint64_t n, std::uint64_t seed) {
  std::vector<std::uint64_t> places(n);
  std::iota(places.begin(), places.end(), 0);
  if (order == "lifo") std::ranges::reverse(places);
  if (order == "random") std::ranges::shuffle(places, std::mt19937_64(seed));
  return places;
}

/// Sets a list of waiters up by `before_all` and n times `wait`, times their destruction in the order of `places`, and
/// checks.
template <class Semaphore, class BeforeAll, class Wait>
sample timed_destruction(BeforeAll before_all, Wait wait, std::vector<std::uint64_t> const& places,
                         std::uint64_t operations) {
  stopwatch watch;
  std::uint64_t const n = places.size();
  using waiter = std::invoke_result_t<Wait&, Semaphore&, std::uint64_t&>;
  std::vector<waiter> line;
  std::vector<waiter> leave;  // the same ones, in the order in which they leave
  line.reserve(n);
  leave.reserve(n);
  while (watch.operations() < static_cast<double>(operations)) {
    Semaphore s(1);
    auto held = s.try_acquire();
    std::uint64_t granted = 0;
    before_all();
    for (std::uint64_t i = 0; i < n; ++i) {
      line.push_back(wait(s, granted));
      line.back().start();
    }
    for (std::uint64_t const place : places) leave.push_back(std::move(line[place]));
    expect(s.waiters() == n, "all wait");
    watch.start();
    for (waiter& p : leave) p.destroy();
    watch.stop(static_cast<double>(n));
    expect(s.waiters() == 0 && granted == 0, "all have left, none with a permit");
    held.reset();
    expect(s.available_permits() == 1, "the permit is back, once");
    line.clear();
    leave.clear();
  }
  return watch.total();
}

template <class Semaphore>
sample destroyed_in_arena(frame_arena& arena, std::vector<std::uint64_t> const& places, std::uint64_t operations) {
  auto const wait = [](Semaphore& s, std::uint64_t& granted) { return wait_for_ever(s, granted); };
  in_arena const around(arena);
  return timed_destruction<Semaphore>([&] { arena.reset(); }, wait, places, operations);
}

template <class Semaphore>
sample destroyed_on_heap(std::vector<std::uint64_t> const& places, std::uint64_t operations) {
  auto const wait = [](Semaphore& s, std::uint64_t& granted) { return wait_on_heap(s, granted); };
  return timed_destruction<Semaphore>([] {}, wait, places, operations);
}

sample peer_withdrawal(peer_crowd const& p, std::vector<std::uint64_t> const& places, bool on_heap,
                       std::uint64_t operations) {
  stopwatch watch;
  while (watch.operations() < static_cast<double>(operations)) {
    waiting_crowd const crowd(p, places.size(), 1, on_heap, crowd_ending::holds);
    p.enqueue(crowd.object);
    p.arrange(crowd.object, places.data(), places.size());
    watch.start();
    p.leave(crowd.object);
    watch.stop(static_cast<double>(places.size()));
    expect(p.woken(crowd.object) == 0 && p.end(crowd.object) == 0, "all have left, none with a permit");
  }
  return watch.total();
}

template <class Semaphore>
sample timed_stop(frame_arena& arena, std::vector<std::uint64_t> const& places, std::uint64_t operations) {
  stopwatch watch;
  std::uint64_t const n = places.size();
  std::vector<probe> line;
  line.reserve(n);
  while (watch.operations() < static_cast<double>(operations)) {
    Semaphore s(1);
    auto held = s.try_acquire();
    std::uint64_t stopped = 0;
    std::vector<std::stop_source> sources(n);
    std::vector<std::stop_source> leave;
    for (std::uint64_t i = 0; i < n; ++i) {
      line.push_back(wait_until_stopped(arena, s, sources[i].get_token(), stopped));
      line.back().start();
    }
    for (std::uint64_t const place : places) leave.push_back(sources[place]);
    expect(s.waiters() == n, "all wait");
    watch.start();
    for (std::stop_source& source : leave) source.request_stop();
    watch.stop(static_cast<double>(n));
    expect(s.waiters() == 0 && stopped == n, "all have left with nothing");
    held.reset();
    expect(s.available_permits() == 1, "the permit is back, once");
    line.clear();
    arena.reset();
  }
  return watch.total();
}

/// Destroys itself when called, as the callback of a coroutine that is resumed by it does.
struct counting_callback {
  std::optional<std::stop_callback<counting_callback>>* self;
  std::uint64_t* called;
  void operator()() const noexcept {
    ++*called;
    self->reset();
  }
};

/// Measures what request_stop costs with nothing after it.
sample bare_stop(std::uint64_t n, std::uint64_t operations) {
  stopwatch watch;
  while (watch.operations() < static_cast<double>(operations)) {
    std::uint64_t called = 0;
    std::vector<std::stop_source> sources(n);
    std::vector<std::optional<std::stop_callback<counting_callback>>> callbacks(n);
    for (std::uint64_t i = 0; i < n; ++i) {
      callbacks[i].emplace(sources[i].get_token(), counting_callback{&callbacks[i], &called});
    }
    watch.start();
    for (std::stop_source& s : sources) s.request_stop();
    watch.stop(static_cast<double>(n));
    expect(called == n, "every callback ran");
  }
  return watch.total();
}

}  // namespace

namespace {

/// How waiters leave: the three workloads.
enum class way { destroyed, destroyed_and_freed, stopped };
constexpr char const* workload_of(way w) {
  return w == way::destroyed ? "withdraw" : w == way::stopped ? "withdraw_stop" : "withdraw_freed";
}

using order_of_leaving = std::shared_ptr<std::vector<std::uint64_t> const>;

void add_ours(scenario& to, way w, order_of_leaving const& places, std::shared_ptr<frame_arena> const& arena) {
  for_each_semaphore([&]<class M>(M const& m) {
    using semaphore = typename M::semaphore;
    bool const first_come = semaphore::queue_type::first_come_first_served;
    if (leaves_too_slowly(M::cost, first_come, places->size(), to.order == "fifo")) {
      to.left_out += (to.left_out.empty() ? "" : ", ") + m.name;
      return;
    }
    to.contestants.push_back({m.name, kind::strategy, [=](std::uint64_t operations) {
                                if (w == way::stopped) return timed_stop<semaphore>(*arena, *places, operations);
                                return w == way::destroyed ? destroyed_in_arena<semaphore>(*arena, *places, operations)
                                                           : destroyed_on_heap<semaphore>(*places, operations);
                              }});
  });
  if (!to.left_out.empty()) to.left_out += ": giving up costs a step for each waiter, n² in all";
}

void add_peers(scenario& to, way w, order_of_leaving const& places) {
  for (peer const& p : peers()) {
    if (p.crowd == nullptr) continue;
    to.contestants.push_back({p.name, kind::peer, [=, &p](std::uint64_t operations) {
                                return peer_withdrawal(*p.crowd, *places, w == way::destroyed_and_freed, operations);
                              }});
  }
}

}  // namespace

void add_withdraw(scenarios& all, effort const& e) {
  std::vector<std::uint64_t> sizes{1'000, 10'000, 100'000};
  if (e.smoke) sizes = {100};
  for (way const w : {way::destroyed, way::destroyed_and_freed, way::stopped}) {
    for (std::uint64_t const n : sizes) {
      if ((w == way::stopped && n > 1'000) || (w == way::destroyed_and_freed && n == 10'000)) continue;
      for (std::string const order : orders) {
        scenario add{.workload = workload_of(w),
                     .name = fmt::format("{}, n = {}", order, n),
                     .waiters = n,
                     .order = order,
                     .operations = e.smoke ? 1 : std::max<std::uint64_t>(n, 5'000)};
        auto const places = std::make_shared<std::vector<std::uint64_t> const>(leaving(order, n, e.seed));
        if (w == way::stopped) {
          add.contestants.push_back(
              {"request_stop only", kind::floor, [=](std::uint64_t operations) { return bare_stop(n, operations); }});
        } else {
          add_peers(add, w, places);
        }
        add_ours(add, w, places, std::make_shared<frame_arena>(n * 768));
        all.push_back(std::move(add));
      }
    }
  }
}

}  // namespace surewake::bench
