// A limit that changes while it is in use: permits are added, taken away, forgotten, split between helpers, and closed.
#include <surewake/semaphore.hpp>

#include <cstdio>

int main() {
  surewake::semaphore limit(4);
  auto mine = limit.acquire_blocking(3);
  auto helpers = mine.split(2);  // two of the three go to a helper
  std::printf("mine %td, helper's %td, free %td\n", mine.count(), helpers.count(), limit.available_permits());

  limit.add_permits(2);
  std::printf("raised: %td of %td free\n", limit.available_permits(), limit.max_permits());
  std::ptrdiff_t const taken = limit.reduce_permits(10);  // takes what is free, and says how much
  helpers.forget();                                      // and these never come back
  std::printf("lowered by %td and 2: %td of %td free\n", taken, limit.available_permits(), limit.max_permits());

  mine.release();
  limit.close();
  try {
    auto const late = surewake::sync_wait(limit.acquire());
  } catch (surewake::closed_error const& e) {
    std::puts(e.what());
  }
}
