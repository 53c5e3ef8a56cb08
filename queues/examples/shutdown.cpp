// A pool of connections that is shut down: requests come as tasks of a scope, and a plain thread takes connections too.
// The shutdown refuses newcomers, stops what waits, and goes on once every connection is back.
#include <surewake/semaphore.hpp>

#include <atomic>
#include <cstdio>
#include <thread>

namespace {

using namespace std::chrono_literals;

struct connections {
  surewake::semaphore free{2};
  surewake::thread_pool threads{2};
  surewake::async_scope requests;
  std::atomic<int> served{0}, refused{0};
};

/// Waits for a connection at most a second, or until it is stopped, and goes on on the pool: in one call.
surewake::task<> request(connections& pool, std::stop_token stop) {
  try {
    auto const connection = co_await pool.free.acquire_on(pool.threads, stop, 1s);
    if (!connection) {
      ++pool.refused;
      co_return;
    }
    co_await pool.threads.sleep_for(1ms);
    ++pool.served;
  } catch (surewake::closed_error const&) {
    ++pool.refused;
  }
}

void plain_thread(connections& pool, std::stop_token stop) {
  try {
    while (auto const connection = pool.free.acquire_blocking(stop)) ++pool.served;
  } catch (surewake::closed_error const&) {
  }
  ++pool.refused;
}

}  // namespace

int main() {
  connections pool;
  for (int i = 0; i != 20; ++i) {
    pool.requests.spawn([&](std::stop_token stop) { return request(pool, stop); });
  }
  std::jthread const thread([&](std::stop_token stop) { plain_thread(pool, stop); });
  std::this_thread::sleep_for(3ms);

  pool.free.close(surewake::close_reason{1});
  if (pool.requests.spawn(request(pool, {}))) {  // the scope still takes it; the pool does not
    pool.requests.request_stop();
  }
  if (!pool.free.drain_blocking(1s)) std::puts("never");
  surewake::sync_wait(pool.requests.joined());
  if (pool.served + pool.refused < 21) std::puts("never");
  std::printf("%td connections in use, %zu requests wait\n", pool.free.in_use(), pool.free.waiters());
}
