// surewake/bench/workloads/withdraw.cpp: n coroutines wait, and all give up, in some order.
//
// One operation = one waiter that leaves. `withdraw`: its coroutine is destroyed where it is suspended; frames come
// from an arena, so no allocator is timed. `withdraw_stop`: it waits with a stop_token, and its stop_source is asked to
// stop; timed is request_stop, which withdraws and resumes it with an empty result.
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/strategies.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <stop_token>

namespace surewake::bench {
namespace {

template <class Semaphore>
probe wait_for_ever(frame_arena&, Semaphore& s, std::uint64_t& granted) {
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

template <class Semaphore>
sample timed_destruction(frame_arena& arena, std::vector<std::uint64_t> const& places, std::uint64_t operations) {
  stopwatch watch;
  std::uint64_t const n = places.size();
  std::vector<probe> line;
  std::vector<probe> leave;  // the same ones, in the order in which they leave
  line.reserve(n);
  leave.reserve(n);
  while (watch.operations() < static_cast<double>(operations)) {
    Semaphore s(1);
    auto held = s.try_acquire();
    std::uint64_t granted = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
      line.push_back(wait_for_ever(arena, s, granted));
      line.back().start();
    }
    for (std::uint64_t const place : places) leave.push_back(std::move(line[place]));
    expect(s.waiters() == n, "all wait");
    watch.start();
    for (probe& p : leave) p.destroy();
    watch.stop(static_cast<double>(n));
    expect(s.waiters() == 0 && granted == 0, "all have left, none with a permit");
    held.reset();
    expect(s.available_permits() == 1, "the permit is back, once");
    line.clear();
    leave.clear();
    arena.reset();
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

void add_withdraw(scenarios& all, effort const& e) {
  std::vector<std::uint64_t> sizes{1'000, 10'000, 100'000};
  if (e.smoke) sizes = {100};
  for (bool const by_stop : {false, true}) {
    for (std::uint64_t const n : sizes) {
      if (by_stop && n > 1'000) continue;
      for (std::string const order : orders) {
        scenario add{.workload = by_stop ? "withdraw_stop" : "withdraw",
                     .name = fmt::format("{}, n = {}", order, n),
                     .waiters = n,
                     .order = order,
                     .operations = e.smoke ? 1 : std::max<std::uint64_t>(n, 5'000)};
        auto const arena = std::make_shared<frame_arena>(n * 768);
        auto const places = std::make_shared<std::vector<std::uint64_t> const>(leaving(order, n, e.seed));
        if (by_stop) {
          add.contestants.push_back(
              {"request_stop only", kind::floor, [=](std::uint64_t operations) { return bare_stop(n, operations); }});
        }
        for_each_semaphore([&]<class M>(M const& m) {
          using semaphore = typename M::semaphore;
          if (leaves_too_slowly(M::cost, semaphore::queue_type::first_come_first_served, n, order == "fifo")) {
            add.left_out += (add.left_out.empty() ? "" : ", ") + m.name;
            return;
          }
          add.contestants.push_back({m.name, kind::strategy, [=](std::uint64_t operations) {
                                       return by_stop ? timed_stop<semaphore>(*arena, *places, operations)
                                                      : timed_destruction<semaphore>(*arena, *places, operations);
                                     }});
        });
        if (!add.left_out.empty()) add.left_out += ": giving up costs a step for each waiter, n² in all";
        all.push_back(std::move(add));
      }
    }
  }
}

}  // namespace surewake::bench
