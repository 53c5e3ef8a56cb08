// surewake/bench/workloads/fairness.cpp: which thread gets the permit when some ask sooner again?
//
// One operation = one blocking acquire and release of the one permit. The parties are threads that think between their
// operations for different times, the first not at all. Each sample is one window of time. Recorded are the shares of
// the parties, and which request overtook which: each one takes a number before it asks, and leaves it in a list while
// it holds the permit. (A thread that is preempted between its number and its request looks overtaken: compare with
// hand_off, where that is all there is.)
//
// Of our semaphores the overtakings of the first waiter are counted besides, without that doubt, in a second window,
// which is not timed: a party tries before it waits, and the holder of the permit looks whether anybody waits. From
// then on every try that succeeds overtakes the first waiter, until a party gets the permit that had to wait.
#include <surewake/bench/measure/affinity.hpp>
#include <surewake/bench/measure/fairness.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>

#include <fmt/format.h>

#include <barrier>
#include <thread>

namespace surewake::bench {
namespace {

template <class Semaphore> struct ours {
  template <class... Discipline> explicit ours(Discipline... d) : semaphore(1, d...) {}
  template <class Section> void with_permit(Section section) {
    auto const permit = semaphore.acquire_blocking();
    section();
  }
  static void set(metrics&) {}  // `counted` does
  [[nodiscard]] bool all_back() const { return semaphore.available_permits() == 1 && semaphore.waiters() == 0; }
  Semaphore semaphore;
};

template <class Semaphore> struct counted : ours<Semaphore> {
  using ours<Semaphore>::ours;
  template <class Section> void with_permit(Section section) {
    auto permit = this->semaphore.try_acquire();
    bool const at_once = permit.has_value();
    if (!at_once) permit = this->semaphore.acquire_blocking();
    overtakings.got(at_once, this->semaphore.waiters() != 0);
    section();
  }
  void set(metrics& m) const { m.set("longest_bypass_of_first", static_cast<double>(overtakings.longest())); }
  first_bypass overtakings;
};

template <class Peer> struct theirs {
  template <class Section> void with_permit(Section section) {
    semaphore.acquire();
    section();
    semaphore.release();
  }
  static void set(metrics&) {}  // nobody can be asked whether it waits
  [[nodiscard]] bool all_back() { return free_permits(semaphore) == 1; }
  Peer semaphore{1};
};

/// Of one window, which ends when there have been that many: a thread that is alone in it makes one in 10 ns or so.
constexpr std::size_t most_requests = std::size_t{1} << 19;

/// What the parties of one window share.
struct record {
  explicit record(std::size_t parties) : shares(parties) { served.reserve(most_requests); }

  alignas(64) std::atomic<std::uint32_t> requests{0};
  alignas(64) std::atomic<bool> over{false};
  std::vector<std::uint32_t> served;  // written by the holder of the permit
  std::vector<double> shares;         // likewise
};

void think(std::chrono::nanoseconds d) {
  if (d == d.zero()) return;
  for (auto const end = bench_clock::now() + d; bench_clock::now() < end;) std_platform::relax();
}

template <class Subject, class... Discipline>
sample window(std::vector<std::chrono::nanoseconds> const& thinks, std::chrono::milliseconds length, Discipline... d) {
  static std::vector<int> const cpus = one_cpu_per_core();
  bool const pin = thinks.size() <= cpus.size();
  Subject subject(d...);
  record all(thinks.size());
  stopwatch watch;
  std::barrier ready(static_cast<std::ptrdiff_t>(thinks.size()) + 1);
  std::vector<std::jthread> parties;
  for (std::size_t i = 0; i < thinks.size(); ++i) {
    parties.emplace_back([&, i] {
      if (pin) bind_to(cpus[i]);
      ready.arrive_and_wait();
      while (!all.over.load(std::memory_order_relaxed)) {
        // relaxed: a number; the permit orders what is written under it.
        std::uint32_t const me = all.requests.fetch_add(1, std::memory_order_relaxed);
        if (me >= most_requests) {
          all.over.store(true, std::memory_order_relaxed);
          break;
        }
        subject.with_permit([&] {
          all.served.push_back(me);
          ++all.shares[i];
        });
        think(thinks[i]);
      }
    });
  }
  watch.start();  // before they start: on a busy machine they may be at their ends when this thread runs again
  ready.arrive_and_wait();
  for (auto const end = bench_clock::now() + length; bench_clock::now() < end && !all.over.load();) {
    std::this_thread::sleep_for(std::chrono::microseconds{100});
  }
  all.over.store(true, std::memory_order_relaxed);
  parties.clear();
  watch.stop(static_cast<double>(all.served.size()));
  expect(subject.all_back(), "the permit is back, and nobody waits");
  expect(all.served.size() == std::min<std::size_t>(all.requests.load(), most_requests), "every request was served");
  sample o = watch.total();
  o.jain = jain_index(all.shares);
  o.pinned = pin ? static_cast<unsigned>(thinks.size()) : 0;
  set_fairness(o.metrics, all.shares, all.served);
  subject.set(o.metrics);
  return o;
}

template <class Semaphore, class... Discipline>
sample both_windows(std::vector<std::chrono::nanoseconds> const& thinks, std::chrono::milliseconds length,
                    Discipline... d) {
  sample timed = window<ours<Semaphore>>(thinks, length, d...);
  char const* const exact = "longest_bypass_of_first";
  timed.metrics.set(exact, window<counted<Semaphore>>(thinks, length, d...).metrics.get(exact));
  return timed;
}

}  // namespace

void add_fairness(scenarios& all, effort const& e) {
  using namespace std::chrono_literals;
  std::chrono::milliseconds const length = e.smoke ? 1ms : 5ms;
  struct group {
    char const* name;
    std::vector<std::chrono::nanoseconds> thinks;
  };
  for (group const& g : {group{"2 threads, think 0 and 2 µs", {0us, 2us}},
                         group{"4 threads, think 0, 1, 2, 4 µs", {0us, 1us, 2us, 4us}}}) {
    scenario add{.workload = "fairness",
                 .name = g.name,
                 .threads = static_cast<unsigned>(g.thinks.size()),
                 .operations = 1,  // a window is as long as it is
                 .weight = 2,
                 .max_repeats = 20};
    for_each_semaphore([&]<class M>(M const& m) {
      using semaphore = typename M::semaphore;
      if constexpr (!std::string_view(semaphore::queue_type::name).starts_with("uring")) {
        add.contestants.push_back({m.name, kind::strategy, [=](std::uint64_t) {
                                     return both_windows<semaphore>(g.thinks, length);
                                   }});
      }
    });
    for (std::int64_t const k : dial) {
      add.contestants.push_back({name_on_dial(k), kind::strategy, [=](std::uint64_t) {
                                   return both_windows<bounded_semaphore>(g.thinks, length, bounded_barging<>{.k = k});
                                 }});
    }
    for_each_peer([&]<class Peer>() {
      add.contestants.push_back(
          {Peer::name, kind::peer, [=](std::uint64_t) { return window<theirs<Peer>>(g.thinks, length); }});
    });
    all.push_back(std::move(add));
  }
}

}  // namespace surewake::bench
