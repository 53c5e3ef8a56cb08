// A limit that changes while it is in use, as an adaptive limiter does it: up where all is well, down where it is not,
// whatever is out. Then it is closed, with a reason, and drained.
#include <surewake/semaphore.hpp>

#include <cstdio>

namespace {

void show(char const* what, surewake::semaphore const& limit) {
  std::printf("%s: limit %td, %td in use, %td free\n", what, limit.max_permits(), limit.in_use(),
              limit.available_permits());
}

constexpr surewake::close_reason maintenance{7};

}  // namespace

int main() {
  surewake::semaphore limit(4);
  auto mine = limit.acquire_blocking(3);
  auto helpers = mine.split(2);  // two of the three go to a helper
  show("at first", limit);

  limit.set_limit(6);
  show("raised", limit);
  limit.set_limit(1);  // three are out: two of them must not be given to anybody again
  show("lowered", limit);
  helpers.release();
  show("two came back", limit);

  limit.close(maintenance);
  try {
    auto const late = surewake::sync_wait(limit.acquire());
  } catch (surewake::closed_error const& e) {
    std::printf("%s, for reason %d\n", e.what(), static_cast<int>(e.reason()));
  }
  if (!limit.drain_blocking(std::chrono::milliseconds(1))) std::puts("one is still out");
  mine.release();
  limit.drain_blocking();  // now nobody is inside, and the semaphore may go
  show("drained", limit);
}
