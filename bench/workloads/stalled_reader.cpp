// surewake/bench/workloads/stalled_reader.cpp: how much memory waits to be reclaimed while one reader stands still?
//
// One operation = a thread replaces an object of 64 bytes, and retires the old one. Meanwhile another thread protects
// the first of them and stands still until the end. Recorded is the most objects that were retired and still there, and
// what the reclaimer promises at most.
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/core/reclaim/reclaimer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace surewake::bench {
namespace {

using P = std_platform;

template <class Reclaimer> struct object : Reclaimer::template object<object<Reclaimer>> {
  explicit object(std::uint64_t& count) : alive(count) { ++alive; }
  object(object const&) = delete;
  object& operator=(object const&) = delete;
  ~object() { --alive; }
  std::uint64_t& alive;  // counted by the thread that retires, which is the one that reclaims
  char fill[64 - 4 * sizeof(void*)]{};
};

/// Protects what `source` leads to until it ends, on a thread of its own.
template <class Reclaimer> class stalled_reader {
  using source = P::atomic<object<Reclaimer>*>;

 public:
  stalled_reader(typename Reclaimer::domain& domain, source const& from) {
    thread_ = std::jthread([&domain, &from, this] {
      auto guard = Reclaimer::make_guard(domain);
      static_cast<void>(guard.protect(from));
      stands_.test_and_set();
      stands_.notify_all();
      over_.wait(false);
    });
    stands_.wait(false);
  }
  ~stalled_reader() {
    over_.test_and_set();
    over_.notify_all();
  }

 private:
  std::atomic_flag stands_{};
  std::atomic_flag over_{};
  std::jthread thread_;
};

template <class Reclaimer> sample timed_replacements(std::uint64_t n) {
  std::uint64_t alive = 0;
  std::uint64_t most = 0;
  stopwatch watch;
  double bound = std::numeric_limits<double>::quiet_NaN();
  {
    typename Reclaimer::domain domain;
    typename P::template atomic<object<Reclaimer>*> current{new object<Reclaimer>(alive)};
    {
      stalled_reader<Reclaimer> const reader(domain, current);
      watch.start();
      for (std::uint64_t i = 0; i < n; ++i) {
        // acq_rel: publishes the new object, and sees the old one.
        current.exchange(new object<Reclaimer>(alive), P::acq_rel)->retire(domain);
        most = std::max(most, alive - 1);
      }
      watch.stop(static_cast<double>(n));
      if constexpr (requires { domain.most_unreclaimed(); }) bound = static_cast<double>(domain.most_unreclaimed());
    }
    current.load(P::acquire)->retire(domain);
  }
  expect(alive == 0, "every object was reclaimed, once");
  sample o = watch.total();
  o.metrics.set("unreclaimed_objects", static_cast<double>(most));
  if (!std::isnan(bound)) {
    expect(static_cast<double>(most) <= bound, "no more waits than the bound says");
    o.metrics.set("unreclaimed_bound", bound);
  }
  return o;
}

}  // namespace

void add_stalled_reader(scenarios& all, effort const& e) {
  std::uint64_t const n = e.smoke ? 500 : 20'000;
  scenario add{.workload = "stalled_reader",
               .name = fmt::format("n = {}", n),
               .permits = 0,
               .operations = n,
               .weight = 0.5,
               .max_repeats = 20};
  add.contestants.push_back({"hazard pointers", kind::strategy, [=](std::uint64_t) {
                               return timed_replacements<hazard_reclaimer<std_platform>>(n);
                             }});
  add.contestants.push_back({"nothing reclaimed before the end", kind::floor, [=](std::uint64_t) {
                               return timed_replacements<leaking_reclaimer<std_platform>>(n);
                             }});
  all.push_back(std::move(add));
}

}  // namespace surewake::bench
