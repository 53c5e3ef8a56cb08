#!/usr/bin/env bash
# A futex wait that io_uring cancels does not break its link: the request that was linked to it runs.
#
# One would guess   A request chained by IOSQE_IO_LINK starts only if the one before it succeeded. A cancelled wait ends
#                   with -ECANCELED, so the linked request ends with -ECANCELED too, as it does after a cancelled
#                   timeout or read.
# What happens      The futex wait completes with -ECANCELED, and its linked request runs as if the wait had been woken.
#                   A program that links "wake the next one" or "write the answer" to a wait does so although nothing
#                   was granted. A linked request after a cancelled timeout is cancelled with it.
# Seen on           Linux 6.18, liburing 2.3 (Debian 12: liburing-dev, liburing2 2.3-3), x86-64.
# Source            io_uring/futex.c of Linux 6.7 and later: the cancellation sets the result and does not mark the
#                   request as failed, which is what cuts a link (req_set_fail in io_uring/timeout.c).
#
# usage: cancelled_futex_wait_keeps_its_link.sh    exit status: 0 seen, or skipped where io_uring or the packages cannot
#                   be had; 1 it changed
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if ! apt-get download -q liburing-dev=2.3-3 liburing2=2.3-3 >/dev/null 2>&1; then
  echo "skipped: the packages of Debian 12 cannot be had here"
  exit 0
fi
for package in ./*.deb; do dpkg -x "$package" .; done
cat >link.c <<'C'
#include <liburing.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { first = 1, linked = 2, cancel = 3 };

int main(int argc, char **argv) {
  int const timeout = argc > 1 && strcmp(argv[1], "timeout") == 0;
  static uint32_t word = 0;
  struct __kernel_timespec hour = {.tv_sec = 3600};
  struct io_uring ring;
  if (io_uring_queue_init(8, &ring, 0) != 0) return 77;

  struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
  if (timeout) {
    io_uring_prep_timeout(sqe, &hour, 0, 0);
  } else {
    memset(sqe, 0, sizeof *sqe);
    sqe->opcode = 51; /* IORING_OP_FUTEX_WAIT */
    sqe->fd = 0x02;   /* 32 bits, shared: found before and after the process's first thread */
    sqe->addr = (uintptr_t)&word;
    sqe->addr3 = 0xffffffffu;
  }
  sqe->flags |= IOSQE_IO_LINK;
  sqe->user_data = first;
  sqe = io_uring_get_sqe(&ring);
  io_uring_prep_nop(sqe);
  sqe->user_data = linked;
  io_uring_submit(&ring);

  struct io_uring_cqe *cqe;
  if (io_uring_peek_cqe(&ring, &cqe) == 0) return 77; /* refused: no such operation */
  sqe = io_uring_get_sqe(&ring);
  io_uring_prep_cancel64(sqe, first, 0);
  sqe->user_data = cancel;
  io_uring_submit(&ring);

  int result[4] = {0};
  for (int i = 0; i < 3; ++i) {
    if (io_uring_wait_cqe(&ring, &cqe) != 0) return 1;
    result[cqe->user_data] = cqe->res;
    io_uring_cqe_seen(&ring, cqe);
  }
  printf("%d %d\n", result[first], result[linked]);
  return 0;
}
C
gcc -O1 link.c -o link -I usr/include -L usr/lib/*-linux-gnu -l:liburing.so.2
run() { LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu) ./link "$1"; }
wait=$(run wait) || { echo "skipped: io_uring or its futex operations are not allowed here"; exit 0; }
timeout=$(run timeout)
echo "Linux $(uname -r): results of a cancelled request and of the one linked to it (-125 is -ECANCELED)"
echo "  a futex wait: $wait"
echo "  a timeout:    $timeout"
[ "$wait, $timeout" = "-125 0, -125 -125" ] || { echo "changed: -125 0 and -125 -125 were expected"; exit 1; }
