// Four workers meet: an event says that the settings are there, a latch that all are ready, and a barrier ends each
// round. None of the waits blocks a thread of the pool.
#include <surewake/barrier.hpp>
#include <surewake/event.hpp>
#include <surewake/latch.hpp>

#include <cstdio>
#include <vector>

namespace {

constexpr int workers = 4, rounds = 3;

struct count_round {
  int* done;
  void operator()() const noexcept { std::printf("round %d is over\n", ++*done); }
};

struct work_place {
  surewake::manual_reset_event settings_read;
  surewake::latch all_ready{workers};
  int done = 0;
  surewake::barrier<count_round> round_over{workers, {&done}};
};

surewake::task<> work(work_place& w, surewake::thread_pool& pool) {
  co_await surewake::schedule(pool);
  co_await w.settings_read.wait();  // goes on on the pool
  w.all_ready.count_down();
  for (int round = 0; round != rounds; ++round) {
    if (w.done != round) std::puts("never");
    co_await w.round_over.arrive_and_wait();
  }
}

surewake::task<> direct(work_place& w) {
  w.settings_read.set();
  bool const in_time = co_await w.all_ready.wait_for(std::chrono::minutes(1));
  if (!in_time) std::puts("never");
}

}  // namespace

int main() {
  surewake::thread_pool pool(2);
  work_place w;
  std::vector<surewake::task<>> crew;
  for (int i = 0; i != workers; ++i) crew.push_back(work(w, pool));
  crew.push_back(direct(w));
  surewake::sync_wait(surewake::when_all(std::move(crew)));
  std::printf("%d rounds\n", w.done);
}
