#!/usr/bin/env bash
# One io_uring_enter of a DEFER_TASKRUN ring brings at most some twenty futex completions, though all of them are ready.
#
# One would guess   io_uring_get_events() (an enter with IORING_ENTER_GETEVENTS) moves everything that is ready into the
#                   completion queue, so a loop that polls once and finds the queue empty has nothing left to do.
# What happens      Task work of a DEFER_TASKRUN ring that nobody waits for is run in portions of 20: 100 futex waits,
#                   all woken before, arrive in five enters. IORING_SQ_TASKRUN stays set meanwhile, and only it says
#                   that more is to come.
# Seen on           Linux 6.18, liburing 2.3 (Debian 12: liburing-dev, liburing2 2.3-3), x86-64.
# Source            io_uring/io_uring.c of Linux 6.13 and later: io_run_local_work, IO_LOCAL_TW_DEFAULT_MAX.
#
# usage: ring_brings_twenty.sh    exit status: 0 seen, or skipped on an older kernel or
#                   without the packages; 1 it changed
set -euo pipefail
release=$(uname -r)
IFS=.- read -r major minor _ <<<"$release"
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 13 ]; }; then
  echo "skipped: Linux $release runs all task work at once; portions came with 6.13"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if ! apt-get download -q liburing-dev=2.3-3 liburing2=2.3-3 >/dev/null 2>&1; then
  echo "skipped: the packages of Debian 12 cannot be had here"
  exit 0
fi
for package in ./*.deb; do dpkg -x "$package" .; done
cat >portions.c <<'C'
#define _GNU_SOURCE
#include <liburing.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { waits = 100 };
static uint32_t words[waits];

static void *wakes(void *unused) {
  for (int i = 0; i < waits; ++i) syscall(454, &words[i], 0xffffffffUL, 1, 0x02); /* futex_wake, shared */
  return unused;
}

int main(void) {
  struct io_uring ring;
  if (io_uring_queue_init(256, &ring, IORING_SETUP_SINGLE_ISSUER | (1U << 13) /* DEFER_TASKRUN */) != 0) return 77;
  for (int i = 0; i < waits; ++i) {
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    memset(sqe, 0, sizeof *sqe);
    sqe->opcode = 51; /* IORING_OP_FUTEX_WAIT */
    sqe->fd = 0x02;
    sqe->addr = (uintptr_t)&words[i];
    sqe->addr3 = 0xffffffffu;
  }
  if (io_uring_submit(&ring) != waits || io_uring_cq_ready(&ring) != 0) return 77;
  pthread_t t;
  pthread_create(&t, NULL, wakes, NULL);
  pthread_join(t, NULL);
  unsigned seen = 0;
  for (int enter = 0; enter < 2 * waits && seen < waits; ++enter) {
    io_uring_get_events(&ring);
    unsigned const now = io_uring_cq_ready(&ring);
    printf("%u ", now - seen);
    seen = now;
  }
  printf("\n");
  return 0;
}
C
gcc -O1 portions.c -o portions -I usr/include -L usr/lib/*-linux-gnu -l:liburing.so.2 -pthread
seen=$(LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu) ./portions) ||
  { echo "skipped: io_uring, DEFER_TASKRUN or the futex operations are not allowed here"; exit 0; }
echo "Linux $release: completions that each io_uring_get_events() brought, 100 being ready: $seen"
read -r first second _ <<<"$seen"
[ "$first" -lt 100 ] && [ "${second:-0}" -gt 0 ] || { echo "changed: several portions were expected"; exit 1; }
