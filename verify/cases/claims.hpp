// surewake/verify/cases/claims.hpp: what headers claim of the progress of their operations: the words behind `Progress`
// at their top, up to the first full stop. verify/checks/progress.py compares the two; verify/engine/progress.hpp has the
// grammar.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace surewake::verify {

struct header_claims {
  std::string_view header;
  std::string_view claims;
};

inline constexpr std::array claims_of_headers{
    header_claims{"core/semaphore/semaphore.hpp",
                  "hand_off: acquire and release wait-free in 1 step; barging: acquire and release lock-free; "
                  "try_acquire lock-free"},
    header_claims{"core/semaphore/hand_off.hpp", "take, put and refund wait-free in 1 step; try_take and reduce lock-free"},
    header_claims{"core/semaphore/barging.hpp", "take, put, refund, try_take and reduce lock-free"},
    header_claims{"core/semaphore/monitor_synchronizer.hpp",
                  "open: take and give_back wait-free in 1 step; many: take wait-free in 2 steps; many: give_back "
                  "blocking under spin_lock; wait, withdraw and close blocking under spin_lock; try_take and reduce "
                  "lock-free"},
    header_claims{"queues/intrusive_list.hpp", "enqueue, grant, withdraw and close blocking under spin_lock"},
    header_claims{"queues/mutex_deque.hpp", "enqueue, grant, withdraw and close blocking under mutex"},
    header_claims{"queues/segmented_queue.hpp",
                  "enqueue, grant and withdraw lock-free; close blocking under segmented_queue"},
    header_claims{"queues/parts/uring_per_ring.hpp", "enqueue, grant, withdraw and close blocking under spin_lock"},
    header_claims{"queues/parts/uring_per_waiter.hpp", "enqueue, grant, withdraw and close blocking under spin_lock"},
    header_claims{"queues/waker_hybrid.hpp",
                  "single: enqueue, grant and withdraw lock-free; many: enqueue, grant and withdraw blocking under "
                  "futex_lock or waker_hybrid; closing: enqueue, withdraw and close blocking under futex_lock or "
                  "waker_hybrid"},
};

[[nodiscard]] inline std::string claims_of(std::string_view header) {
  for (header_claims const& h : claims_of_headers) {
    if (h.header == header) return std::string(h.claims);
  }
  return "";  // the case that needs them says what is missing
}

}  // namespace surewake::verify
