#!/usr/bin/env bash
# The same program, the same kernel: with a newer liburing a documented-looking field of its ring is null.
#
# One would guess   io_uring_queue_init() fills struct io_uring in the same way in every library with the soname
#                   liburing.so.2; sq.array points to the index array that io_uring_setup(2) explains.
# What happens      Since 2.6 the library asks for IORING_SETUP_NO_SQARRAY where the kernel (6.6) has it, though the
#                   caller passed no flag: ring.flags shows the bit and ring.sq.array is null. A program that was built
#                   with 2.3 meets this the day the distribution upgrades the shared library.
# Seen on           Linux 6.18, liburing 2.3 (Debian 12, 2.3-3) and 2.9 (Debian 13, 2.9-1), x86-64.
# Source            src/setup.c of liburing: io_uring_queue_init_try_nosqarr.
#
# usage: liburing_leaves_the_index_array_null.sh    exit status: 0 seen, or skipped on an older kernel; 1 it changed
set -euo pipefail
release=$(uname -r)
IFS=.- read -r major minor _ <<<"$release"
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 6 ]; }; then
  echo "skipped: Linux $release has no IORING_SETUP_NO_SQARRAY"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
pool=http://deb.debian.org/debian/pool/main/libu/liburing
for version in 2.3-3 2.9-1; do
  for package in liburing2 liburing-dev; do
    curl -sSf -o "$package.deb" "$pool/${package}_${version}_amd64.deb"
    dpkg -x "$package.deb" "$version"
  done
done
cat >fields.c <<'C'
#include <liburing.h>
#include <stdio.h>

int main(void) {
  struct io_uring ring;
  if (io_uring_queue_init(4, &ring, 0) != 0) return 77;
  printf("%s %d\n", ring.sq.array == NULL ? "null" : "set", (ring.flags >> 16) & 1); /* IORING_SETUP_NO_SQARRAY */
  io_uring_queue_exit(&ring);
  return 0;
}
C
gcc -O1 fields.c -o fields -I 2.3-3/usr/include -L 2.3-3/usr/lib/x86_64-linux-gnu -l:liburing.so.2
look() { LD_LIBRARY_PATH=$folder/$1/usr/lib/x86_64-linux-gnu ./fields; }
old=$(look 2.3-3) || { echo "skipped: io_uring is not allowed here"; exit 0; }
new=$(look 2.9-1)
echo "Linux $release, one binary, built with liburing 2.3: sq.array, and the flag NO_SQARRAY"
echo "  with the library 2.3: $old"
echo "  with the library 2.9: $new"
[ "$old, $new" = "set 0, null 1" ] || { echo "changed: 'set 0' and 'null 1' were expected"; exit 1; }
