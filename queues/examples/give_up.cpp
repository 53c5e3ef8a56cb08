// Three ways not to wait for ever: a time limit, a stop token, and not waiting at all. Nothing that was asked for is
// lost.
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/semaphore.hpp>

#include <cstdio>

namespace {

using namespace std::chrono_literals;

surewake::task<> patient(surewake::semaphore& limit, std::stop_token stop) {
  if (auto const both = co_await limit.acquire(stop, 2)) {
    std::puts("patient: got both");
  } else {
    std::puts("patient: was told to stop");
  }
}

surewake::task<> hurried(surewake::semaphore& limit) {
  if (auto const one = co_await limit.acquire_for(1ms)) {
    std::puts("hurried: got one");
  } else {
    std::puts("hurried: time is over");
  }
}

}  // namespace

int main() {
  surewake::semaphore limit(2);
  auto busy = limit.acquire_blocking(2);
  std::stop_source stop;
  surewake::start_detached(patient(limit, stop.get_token()));
  surewake::sync_wait(hurried(limit));
  std::printf("%zu waits\n", limit.waiters());
  stop.request_stop();
  if (auto const p = limit.try_acquire(); !p) std::puts("nothing free yet");
  busy.release();
  surewake::sync_wait(patient(limit, {}));
  std::printf("%td free\n", limit.available_permits());
}
