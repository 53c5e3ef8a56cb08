// At most two requests at a time, first come, first served: the first thing a semaphore is for.
#include <surewake/semaphore.hpp>

#include <cstdio>
#include <vector>

namespace {

surewake::task<> fetch(surewake::semaphore& limit, surewake::thread_pool& pool, int number) {
  auto const permit = co_await limit.acquire_on(pool);  // goes on on the pool; gives back when it ends
  co_await pool.sleep_for(std::chrono::milliseconds(1));
  if (limit.in_use() > 2) std::puts("never");
  std::printf("fetched %d\n", number);
}

}  // namespace

int main() {
  surewake::thread_pool pool(2);
  surewake::semaphore limit(2);
  std::vector<surewake::task<>> requests;
  for (int i = 0; i < 8; ++i) requests.push_back(fetch(limit, pool, i));
  surewake::sync_wait(surewake::when_all(std::move(requests)));
  std::printf("%td of %td permits free\n", limit.available_permits(), limit.max_permits());
}
