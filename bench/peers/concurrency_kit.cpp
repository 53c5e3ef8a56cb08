// surewake/bench/peers/concurrency_kit.cpp: the tables of Concurrency Kit's ring and hazard pointers.
#include <surewake/bench/peers/concurrency_kit.h>
#include <surewake/bench/peers/hazard_peer.hpp>
#include <surewake/bench/peers/queue_peer.hpp>

#include <new>

void* surewake_ck_new(std::size_t bytes) { return ::operator new(bytes); }
void surewake_ck_delete(void* memory) { ::operator delete(memory); }

namespace surewake::bench {

queue_peer ck_queue() {
  return {.name = "Concurrency Kit ring",
          .package = "Concurrency Kit",
          .make = &surewake_ck_ring_make,
          .destroy = &surewake_ck_ring_destroy,
          .push = &surewake_ck_ring_push,
          .pop = &surewake_ck_ring_pop,
          .push_pop = &surewake_ck_ring_push_pop};
}

hazard_peer ck_hazard_pointers() {
  return {.name = "Concurrency Kit hazard pointers",
          .package = "Concurrency Kit",
          .protect = &surewake_ck_protect,
          .retire = &surewake_ck_retire,
          .reclaim = &surewake_ck_reclaim};
}

}  // namespace surewake::bench
