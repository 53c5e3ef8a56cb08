// surewake/bench/workloads/swimlane.cpp: who holds, who waits and who overtakes, in one small run?
//
// Four threads share two permits, ten acquires each, and hold them for times that differ. The first two have their
// permits when the other two come, and keep them for long: so the last thread, which waits for a short time only, gives
// up. Nothing is timed: each event is stamped and recorded (results/swimlane.hpp), and the whole is checked. A peer
// that has no wait with a limit waits on.
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>

#include <latch>
#include <thread>

namespace surewake::bench {
namespace {

using std::chrono::microseconds;

constexpr unsigned tasks = 4;
constexpr unsigned all_permits = 2;
constexpr unsigned rounds = 10;  // of each task
constexpr microseconds short_time{300};
constexpr microseconds first_hold{1'000};
// Of lengths that do not divide each other, so that the tasks meet in changing order.
constexpr std::array holds{microseconds{70}, microseconds{190}, microseconds{110}, microseconds{310}, microseconds{50}};
constexpr std::array thinks{microseconds{0}, microseconds{90}, microseconds{40}};

/// A semaphore of ours.
template <class Semaphore>
class ours {
 public:
  using permit = typename Semaphore::optional_permit;
  permit acquire() { return semaphore_.acquire_blocking(); }
  permit acquire_for(microseconds limit) { return semaphore_.try_acquire_for(limit); }
  void release(permit& p) { p->release(); }
  [[nodiscard]] bool all_back() const {
    return semaphore_.available_permits() == all_permits && semaphore_.waiters() == 0;
  }

 private:
  Semaphore semaphore_{all_permits};
};

/// A semaphore of a peer, whose permits are no objects.
template <class Peer>
class theirs {
 public:
  bool acquire() { return semaphore_.acquire(), true; }
  bool acquire_for(microseconds limit) requires requires(Peer& p) { p.acquire_for(limit); }
  { return semaphore_.acquire_for(limit); }
  void release(bool) { semaphore_.release(); }
  [[nodiscard]] bool all_back() { return free_permits(semaphore_) == all_permits; }

 private:
  Peer semaphore_{all_permits};
};

/// What one task did, stamped by its own thread.
class lane {
 public:
  explicit lane(unsigned task) : task_(task) { events_.reserve(3 * rounds); }
  void note(lane_step s) { events_.push_back({nanoseconds(bench_clock::now().time_since_epoch()), task_, s}); }
  [[nodiscard]] std::vector<lane_event> const& events() const noexcept { return events_; }

 private:
  unsigned task_;
  std::vector<lane_event> events_;
};

/// One round, in which `hold` runs with the permit. That is stamped as given back before it is, so that no other task
/// can have it earlier.
template <class Subject, class Hold>
void take_a_turn(Subject& s, lane& mine, bool impatient, Hold hold) {
  mine.note(lane_step::asks);
  auto permit = [&] {
    if constexpr (requires { s.acquire_for(short_time); }) {
      if (impatient) return s.acquire_for(short_time);
    }
    return s.acquire();
  }();
  mine.note(permit ? lane_step::gets : lane_step::gives_up);
  if (!permit) return;
  hold();
  mine.note(lane_step::gives_back);
  s.release(permit);
}

template <class Subject>
sample one_run(std::string const& name) {
  Subject s;
  std::vector<lane> lanes;
  for (unsigned t = 0; t < tasks; ++t) lanes.emplace_back(t);
  std::latch first_have(all_permits);
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < tasks; ++t) {
      threads.emplace_back([&, t] {
        bool const first = t < all_permits;
        if (!first) first_have.wait();
        for (unsigned i = 0; i < rounds; ++i) {
          if (i > 0) std::this_thread::sleep_for(thinks[(t + i) % thinks.size()]);
          take_a_turn(s, lanes[t], t == tasks - 1 && i == 0, [&] {
            if (first && i == 0) first_have.arrive_and_wait();
            std::this_thread::sleep_for(first && i == 0 ? first_hold : holds[(2 * t + i) % holds.size()]);
          });
        }
      });
    }
  }
  expect(s.all_back(), "every permit is back, and nobody waits");
  swimlane all{.contestant = name, .tasks = tasks, .permits = all_permits};
  for (lane const& l : lanes) all.events.insert(all.events.end(), l.events().begin(), l.events().end());
  put_in_order(all);
  std::string const broken = broken_law(all);
  expect(broken.empty(), broken.c_str());
  return {.lanes = std::move(all)};
}

}  // namespace

void add_swimlane(scenarios& all, effort const&) {
  scenario add{.workload = "swimlane",
               .name = "4 threads, 2 permits",
               .threads = tasks,
               .permits = all_permits,
               .operations = 1,  // a run is as long as it is
               .weight = 0.1,
               .max_repeats = 1};
  auto const enter = [&]<class Subject>(std::string name, kind what) {
    add.contestants.push_back({name, what, [name](std::uint64_t) { return one_run<Subject>(name); }});
  };
  for_each_semaphore(
      [&]<class M>(M const& m) { enter.template operator()<ours<typename M::semaphore>>(m.name, kind::strategy); });
  for_each_peer([&]<class Peer>() { enter.template operator()<theirs<Peer>>(Peer::name, kind::peer); });
  all.push_back(std::move(add));
}

}  // namespace surewake::bench
