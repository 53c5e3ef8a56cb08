#!/usr/bin/env bash
# The first MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED of a process takes milliseconds once it has a second thread.
#
# One would guess   Registering is a flag: microseconds, whenever it is done; so a library registers at first use.
# What happens      In a process of one thread it takes microseconds. With a second thread the kernel waits for a grace
#                   period of its scheduler's read-copy-update: some milliseconds, a thousand times as long, inside
#                   whatever call happened to be the first. Later commands cost microseconds again.
# Seen on           Linux 6.18, x86-64, 2 processors.
# Source            kernel/sched/membarrier.c: sync_runqueues_membarrier_state() returns early for a single user of the
#                   address space, and calls synchronize_rcu() otherwise.
#
# usage: membarrier_registration_waits.sh    exit status: 0 seen, or skipped without membarrier; 1 it changed
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >registration.c <<'C'
#define _GNU_SOURCE
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void *sleeps(void *unused) {
  pause();
  return unused;
}

int main(int argc, char **unused) {
  (void)unused;
  pthread_t t;
  if (argc > 1) pthread_create(&t, NULL, sleeps, NULL);
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  long const r = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
  clock_gettime(CLOCK_MONOTONIC, &b);
  if (r != 0) return 77;
  printf("%ld\n", (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000);
  fflush(stdout);
  _exit(0);
}
C
gcc -O1 registration.c -o registration -pthread
alone=() two=()
for _ in 1 2 3 4 5 6 7 8 9; do
  a=$(./registration) || { echo "skipped: no membarrier here"; exit 0; }
  alone+=("$a") two+=("$(./registration two)")
done
median() { printf '%s\n' "$@" | sort -n | sed -n 5p; }
echo "Linux $(uname -r): registration in microseconds, median of 9 processes"
echo "  one thread: $(median "${alone[@]}")   two threads: $(median "${two[@]}")"
least=$((20 * ($(median "${alone[@]}") + 1)))
[ "$(median "${two[@]}")" -gt "$least" ] || { echo "changed: a factor of 20 was expected"; exit 1; }
