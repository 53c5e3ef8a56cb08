// surewake/models/uring/uring_queues.hpp: uring_futex over the modelled kernel: `modelled_uring<per_ring>::queue`.
#pragma once

#include <surewake/models/uring/kernel.hpp>
#include <surewake/queues/parts/uring_wait_list.hpp>
#include <surewake/queues/parts/uring_per_ring.hpp>
#include <surewake/queues/parts/uring_per_waiter.hpp>

namespace surewake::models {

struct per_ring {
  template <platform P, class Ring> using layout = uring_per_ring<P, Ring>;
};
struct per_waiter {
  template <platform P, class Ring> using layout = uring_per_waiter<P, Ring>;
};

template <class Layout, ring_rules Kernel = ring_rules{}> struct modelled_uring {
  template <platform P> using ring = kernel_ring<P, Kernel>;
  template <platform P> class queue : public uring_wait_list<P, typename Layout::template layout<P, ring<P>>> {
   public:
    using ring_type = ring<P>;
  };
};

}  // namespace surewake::models
