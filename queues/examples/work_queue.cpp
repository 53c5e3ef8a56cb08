// A bounded queue of work: producers wait while it is full, workers while it is empty, and close() ends all when what
// is inside is done.
#include <surewake/channel.hpp>
#include <surewake/latch.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace {

using jobs = surewake::channel<std::string>;

surewake::task<> produce(jobs& queue, surewake::latch& producers, surewake::thread_pool& pool, std::string name) {
  co_await surewake::schedule(pool);
  for (int i = 0; i != 10; ++i) {
    auto const sent = co_await queue.send(name + std::to_string(i));  // waits while 3 are inside
    if (sent != surewake::channel_status::done) std::puts("never");
  }
  producers.count_down();
}

surewake::task<int> consume(jobs& queue, surewake::thread_pool& pool) {
  co_await surewake::schedule(pool);
  int done = 0;
  for (;;) {
    auto const job = co_await queue.receive();
    if (!job) co_return done;  // closed, and nothing is left
    ++done;
  }
}

surewake::task<int> close(jobs& queue, surewake::latch& producers) {
  co_await producers.wait();
  queue.close();
  co_return 0;
}

surewake::task<int> run(jobs& queue, surewake::latch& producers, surewake::thread_pool& pool) {
  std::vector<surewake::task<int>> all;
  all.push_back(consume(queue, pool));
  all.push_back(consume(queue, pool));
  all.push_back(close(queue, producers));
  int sum = 0;
  auto const done = co_await surewake::when_all(std::move(all));
  for (int const n : done) sum += n;
  co_return sum;
}

}  // namespace

int main() {
  surewake::thread_pool pool(2);
  jobs queue(3);
  surewake::latch producers(2);
  surewake::start_detached(produce(queue, producers, pool, "a"));
  surewake::start_detached(produce(queue, producers, pool, "b"));
  std::printf("%d jobs done\n", surewake::sync_wait(run(queue, producers, pool)));
}
