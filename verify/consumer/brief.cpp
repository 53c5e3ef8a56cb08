// Waits once: enough to see that headers and flags are found in another way than that by which main.cpp is built.
#include <surewake/semaphore.hpp>

#include <cstdio>

long front_door_permits();

namespace {

surewake::task<> visit(surewake::semaphore& limit, int& visits) {
  auto permit = co_await limit.acquire();
  ++visits;
}

}  // namespace

int main() {
  surewake::semaphore limit(1);
  int visits = 0;
  surewake::sync_wait(visit(limit, visits));
  std::printf("consumer: %d visit\n", visits);
  return visits == 1 && front_door_permits() == 1 ? 0 : 1;
}
