#!/usr/bin/env bash
# A private futex wait that io_uring holds is out of a wake's reach once the process starts its first thread.
#
# One would guess   IORING_OP_FUTEX_WAIT with FUTEX2_PRIVATE, then futex_wake() on the same word with the same flags:
#                   the wake finds the wait and returns 1, whatever the process does in between.
# What happens      Since Linux 6.16 a process gets a futex hash table of its own when it creates its first thread. A
#                   wait that a ring armed before that stays in the global table; a later wake looks in the private one
#                   and returns 0. The same wait armed after the first thread is woken, and so is one without
#                   FUTEX2_PRIVATE. Waits of the futex system call cannot meet this: a thread that sleeps in the kernel
#                   creates no thread, a ring's waits outlive the call.
# Seen on           Linux 6.18, liburing 2.3 (Debian 12: liburing-dev, liburing2 2.3-3), x86-64.
# Source            kernel/fork.c and kernel/futex/core.c of Linux 6.16 (futex_hash_allocate_default, called at
#                   clone with CLONE_THREAD); man 2 PR_FUTEX_HASH.
#
# usage: ring_futex_wait_before_first_thread.sh    exit status: 0 seen, or skipped on an older kernel or
#                   without the packages; 1 it changed
set -euo pipefail
release=$(uname -r)
IFS=.- read -r major minor _ <<<"$release"
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 16 ]; }; then
  echo "skipped: Linux $release has one futex table for all processes; private tables came with 6.16"
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
cat >wait.c <<'C'
#define _GNU_SOURCE
#include <liburing.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *nothing(void *unused) { return unused; }

static void first_thread(void) {
  pthread_t t;
  if (pthread_create(&t, NULL, nothing, NULL) == 0) pthread_join(t, NULL);
}

int main(int argc, char **argv) {
  int const thread_before = argc > 1 && strchr(argv[1], 'b') != NULL;
  unsigned const flags = 0x02u | (argc > 1 && strchr(argv[1], 's') != NULL ? 0u : 0x80u); /* 32 bits, private */
  static uint32_t word = 0;
  struct io_uring ring;
  if (thread_before) first_thread();
  if (io_uring_queue_init(4, &ring, 0) != 0) return 77;
  struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
  memset(sqe, 0, sizeof *sqe);
  sqe->opcode = 51; /* IORING_OP_FUTEX_WAIT */
  sqe->fd = (int)flags;
  sqe->addr = (uintptr_t)&word;
  sqe->off = 0;
  sqe->addr3 = 0xffffffffu;
  io_uring_submit(&ring);
  struct io_uring_cqe *cqe;
  if (io_uring_peek_cqe(&ring, &cqe) == 0) return 77; /* refused: no such operation */
  if (!thread_before) first_thread();
  printf("%ld\n", syscall(454, &word, 0xffffffffUL, 1, flags)); /* futex_wake */
  fflush(stdout);
  _exit(0);
}
C
gcc -O1 wait.c -o wait -I usr/include -L usr/lib/*-linux-gnu -l:liburing.so.2 -pthread
run() { LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu) ./wait "$1"; }
private_first=$(run a) || { echo "skipped: io_uring or its futex operations are not allowed here"; exit 0; }
thread_first=$(run b)
shared=$(run s)
echo "Linux $release: waits woken by one futex_wake()"
echo "  private wait armed before the process's first thread: $private_first"
echo "  private wait armed after it:                          $thread_first"
echo "  shared wait armed before it:                          $shared"
[ "$private_first $thread_first $shared" = "0 1 1" ] || { echo "changed: 0, 1, 1 were expected"; exit 1; }
