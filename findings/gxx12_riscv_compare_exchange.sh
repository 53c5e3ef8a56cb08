#!/usr/bin/env bash
# g++ 12.2 drops the order of a compare-exchange on RISC-V where the failure order is weaker.
#
# One would guess   compare_exchange(e, d, release, relaxed) has a fence before its store, or a store with .rl, as
#                   exchange(d, release) has its fence; and (acquire, relaxed) a load with .aq.
# What happens      The failure order decides. (release, relaxed) and (seq_cst, relaxed) have neither fence nor .rl, and
#                   (acquire, relaxed) has .aq on its store-conditional alone, of which the architecture says that it
#                   need not order anything. (acquire, acquire) and (seq_cst, seq_cst) are right.
# Seen on           riscv64-linux-gnu-g++ 12.2.0 (Debian 12: g++-12-riscv64-linux-gnu 12.2.0-13cross1), -O2
# Source            gcc/config/riscv/sync.md of GCC 12, atomic_cas_value_strong; The RISC-V Instruction Set Manual,
#                   volume I, A extension, Load-Reserved/Store-Conditional
#
# usage: gxx12_riscv_compare_exchange.sh [COMPILER]    default: riscv64-linux-gnu-g++    exit status: 0 seen, or skipped
#                                                      without it or with another version; 1 it changed
set -euo pipefail
compiler=${1:-riscv64-linux-gnu-g++}
if ! command -v "$compiler" >/dev/null; then
  echo "skipped: no $compiler (Debian: g++-riscv64-linux-gnu)"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >exchanges.cpp <<'CPP'
#include <atomic>
#define EXCHANGE(success, failure)                                                          \
  extern "C" bool success##_##failure(std::atomic<long>& a, long& expected) {               \
    return a.compare_exchange_strong(expected, 1, std::memory_order_##success, std::memory_order_##failure); \
  }
EXCHANGE(release, relaxed)
EXCHANGE(seq_cst, relaxed)
EXCHANGE(acquire, relaxed)
EXCHANGE(acquire, acquire)
EXCHANGE(seq_cst, seq_cst)
extern "C" long exchange_release(std::atomic<long>& a) { return a.exchange(1, std::memory_order_release); }
CPP
"$compiler" -std=c++20 -O2 -S exchanges.cpp -o exchanges.s

# The instructions of a function that order: fence, or what has .aq or .rl.
ordering() {
  awk -v f="$1:" '$1 == f {on = 1} on {print} on && $1 == "ret" {exit}' exchanges.s |
    grep -oE '\bfence\b|\b(lr|sc|amo[a-z]+)\.d\.(aqrl|aq|rl)\b' | sort -u | paste -sd ' ' || true
}
for f in release_relaxed seq_cst_relaxed acquire_relaxed acquire_acquire seq_cst_seq_cst exchange_release; do
  eval "$f=\$(ordering $f)"
  eval "echo \"$f: \${$f:-nothing orders}\""
done
if [ "$exchange_release" != fence ] && [[ $exchange_release != *.rl* ]]; then
  echo "changed: an exchange that releases is not ordered either"
  exit 1
fi
if [ "$release_relaxed$seq_cst_relaxed$acquire_relaxed" = sc.d.aqsc.d.aq ]; then
  echo "seen: a compare-exchange with a relaxed failure order is hardly ordered at all"
elif [[ $("$compiler" -dumpfullversion) = 12.2.* ]]; then
  echo "changed: this g++ 12.2 orders it"
  exit 1
else
  echo "skipped: $compiler $("$compiler" -dumpfullversion) orders it"
fi
