#!/usr/bin/env bash
# PR_FUTEX_HASH_GET_SLOTS answers 0 both for "no table yet" and for "never a table": only an attempt tells them apart.
#
# One would guess   A process asks with PR_FUTEX_HASH_GET_SLOTS whether its private futexes have a hash table of their
#                   own. 0 means that they have none now; a table comes with the first thread, or with
#                   PR_FUTEX_HASH_SET_SLOTS.
# What happens      0 is also the answer after PR_FUTEX_HASH_SET_SLOTS 0, which puts the process's futexes into the
#                   table of all processes for good: no thread brings a table any more, and SET_SLOTS 16 fails with
#                   EBUSY, as if it were in use. A forked child begins with 0 in the first sense again, whatever its
#                   parent had. So a library cannot look: it must try to set, and may change the process by doing so.
# Seen on           Linux 6.18, x86-64.
# Source            kernel/futex/core.c of Linux 6.17 and later: futex_hash_get_slots, futex_hash_allocate (custom and
#                   global tables); man 2 PR_FUTEX_HASH.
#
# usage: futex_hash_zero_means_two_things.sh    exit status: 0 seen, or skipped without the call;
#                   1 it changed
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >slots.c <<'C'
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { futex_hash = 78, set_slots = 1, get_slots = 2 };

static int get(void) { return prctl(futex_hash, get_slots, 0, 0, 0); }
static int set(unsigned long n) { return prctl(futex_hash, set_slots, n, 0, 0) == 0 ? 0 : errno; }
static void *nothing(void *unused) { return unused; }
static void thread(void) {
  pthread_t t;
  if (pthread_create(&t, NULL, nothing, NULL) == 0) pthread_join(t, NULL);
}

int main(void) {
  int const at_start = get();
  if (at_start < 0) return 77;
  int const chosen = set(0), after = get();
  thread();
  int const with_thread = get(), later = set(16);
  printf("%d | %d %d %d %s | ", at_start, chosen, after, with_thread, later == EBUSY ? "EBUSY" : "otherwise");
  fflush(stdout);
  pid_t const child = fork();
  if (child == 0) {
    int const begins = get();
    thread();
    printf("%d %s\n", begins, get() > 0 ? "some" : "none");
    fflush(stdout);
    _exit(0);
  }
  int status = 0;
  return child < 0 || waitpid(child, &status, 0) != child || status != 0;
}
C
gcc -O1 slots.c -o slots -pthread
seen=$(./slots) || { [ $? -eq 77 ] && echo "skipped: this kernel has no PR_FUTEX_HASH" && exit 0; exit 1; }
IFS='|' read -r start global child <<<"$seen"
echo "Linux $(uname -r): what PR_FUTEX_HASH says"
echo "  GET at the start of the process:                            $start"
echo "  SET 0, then GET, GET after the first thread, SET 16:       $global"
echo "  a forked child: GET, and whether its first thread brings any:$child"
[ "$seen" = "0 | 0 0 0 EBUSY | 0 some" ] || { echo "changed: 0 | 0 0 0 EBUSY | 0 some was expected"; exit 1; }
