// surewake/bench/peers/concurrency_kit.h: loops over Concurrency Kit. Its headers are C that no C++ compiler takes, so
// that concurrency_kit.c has the loops, and concurrency_kit.cpp makes tables of them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A ring of several producers and consumers: queue_peer.hpp says what each does.
void* surewake_ck_ring_make(void);
void surewake_ck_ring_destroy(void* ring);
void surewake_ck_ring_push(void* ring, void* item);
void* surewake_ck_ring_pop(void* ring);
void* surewake_ck_ring_push_pop(void* ring, void* mine, uint64_t n);

// Hazard pointers, of one thread: hazard_peer.hpp.
uint64_t surewake_ck_protect(uint64_t n);
void surewake_ck_retire(uint64_t n);
uint64_t surewake_ck_reclaim(void);

// Memory as C++ takes it, so that it is counted (measure/allocation.hpp).
void* surewake_ck_new(size_t bytes);
void surewake_ck_delete(void* memory);

#ifdef __cplusplus
}
#endif
