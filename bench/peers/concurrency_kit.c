// surewake/bench/peers/concurrency_kit.c: the loops.
#include "concurrency_kit.h"

#include <ck_hp.h>
#include <ck_pr.h>
#include <ck_ring.h>

enum { ring_size = 1024, threshold = 64 };

struct ring {
  ck_ring_t ends;
  ck_ring_buffer_t places[ring_size];
};

void* surewake_ck_ring_make(void) {
  struct ring* const r = surewake_ck_new(sizeof *r);
  ck_ring_init(&r->ends, ring_size);
  return r;
}

void surewake_ck_ring_destroy(void* ring) { surewake_ck_delete(ring); }

void surewake_ck_ring_push(void* ring, void* item) {
  struct ring* const r = ring;
  while (!ck_ring_enqueue_mpmc(&r->ends, r->places, item)) ck_pr_stall();
}

void* surewake_ck_ring_pop(void* ring) {
  struct ring* const r = ring;
  void* item = NULL;
  while (!ck_ring_dequeue_mpmc(&r->ends, r->places, &item)) ck_pr_stall();
  return item;
}

void* surewake_ck_ring_push_pop(void* ring, void* mine, uint64_t n) {
  for (uint64_t i = 0; i < n; ++i) {
    surewake_ck_ring_push(ring, mine);
    mine = surewake_ck_ring_pop(ring);
  }
  return mine;
}

struct object {
  ck_hp_hazard_t hazard;
  uint64_t value;
};

static uint64_t destroyed;

static void destroy(void* object) {
  ++destroyed;
  surewake_ck_delete(object);
}

// The domain, and the one thread's record in it.
static ck_hp_record_t* record(void) {
  static ck_hp_t domain;
  static ck_hp_record_t mine;
  static void* pointers[1];
  static int ready = 0;
  if (!ready) {
    ck_hp_init(&domain, 1, threshold, destroy);
    ck_hp_register(&domain, &mine, pointers);
    ready = 1;
  }
  return &mine;
}

uint64_t surewake_ck_protect(uint64_t n) {
  ck_hp_record_t* const mine = record();
  struct object objects[2] = {{.value = 1}, {.value = 1}};
  struct object* sources[2] = {&objects[0], &objects[1]};
  uint64_t sum = 0;
  for (uint64_t i = 0; i < n; ++i) {
    struct object* seen;
    do {
      seen = ck_pr_load_ptr(&sources[i % 2]);
      ck_hp_set_fence(mine, 0, seen);
    } while (seen != ck_pr_load_ptr(&sources[i % 2]));
    sum += ck_pr_load_64(&seen->value);
    ck_hp_set(mine, 0, NULL);
  }
  return sum;
}

void surewake_ck_retire(uint64_t n) {
  ck_hp_record_t* const mine = record();
  for (uint64_t i = 0; i < n; ++i) {
    struct object* const o = surewake_ck_new(sizeof *o);
    o->value = 1;
    ck_hp_free(mine, &o->hazard, o, o);
  }
}

uint64_t surewake_ck_reclaim(void) {
  ck_hp_reclaim(record());
  return destroyed;
}
