// Three ways not to wait for ever: a time limit, a stop token, and not waiting at all. Nothing that was asked for is
// lost.
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/semaphore.hpp>

#include <cstdio>

namespace {

using namespace std::chrono_literals;

surewake::task<> patient(surewake::semaphore& gate, std::stop_token stop) {
  if (auto const both = co_await gate.acquire(stop, 2)) {
    std::puts("patient: got both");
  } else {
    std::puts("patient: was told to stop");
  }
}

surewake::task<> hurried(surewake::semaphore& gate) {
  if (auto const one = co_await gate.acquire_for(1ms)) {
    std::puts("hurried: got one");
  } else {
    std::puts("hurried: time is over");
  }
}

}  // namespace

int main() {
  surewake::semaphore gate(2);
  auto busy = gate.acquire_blocking(2);
  std::stop_source stop;
  surewake::start_detached(patient(gate, stop.get_token()));
  surewake::sync_wait(hurried(gate));
  std::printf("%zu waits\n", gate.waiters());
  stop.request_stop();
  if (auto const p = gate.try_acquire(); !p) std::puts("nothing free yet");
  busy.release();
  surewake::sync_wait(patient(gate, {}));
  std::printf("%td free\n", gate.available_permits());
}
