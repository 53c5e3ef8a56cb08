// surewake/bench/measure/allocation.cpp: the counting operator new and delete.
#include <surewake/bench/measure/allocation.hpp>

#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace surewake::bench {
namespace {

// relaxed throughout: counters that are read when the threads that allocate have been joined or are idle.
std::atomic<bool> counting{false};
std::atomic<std::uint64_t> calls{0};
std::atomic<std::uint64_t> bytes{0};
std::atomic<std::int64_t> live_bytes{0};

}  // namespace

void* counted_take(std::size_t n, std::size_t align) noexcept {
  n = n == 0 ? 1 : n;
  void* const p =
      align <= alignof(std::max_align_t) ? std::malloc(n) : std::aligned_alloc(align, (n + align - 1) / align * align);
  if (p != nullptr && counting.load(std::memory_order_relaxed)) {
    calls.fetch_add(1, std::memory_order_relaxed);
    bytes.fetch_add(n, std::memory_order_relaxed);
    live_bytes.fetch_add(static_cast<std::int64_t>(::malloc_usable_size(p)), std::memory_order_relaxed);
  }
  return p;
}

namespace {

void* take_or_throw(std::size_t n, std::size_t align) {
  if (void* const p = counted_take(n, align)) return p;
  throw std::bad_alloc{};
}

}  // namespace

void counted_give(void* p) noexcept {
  if (p != nullptr && counting.load(std::memory_order_relaxed)) {
    live_bytes.fetch_sub(static_cast<std::int64_t>(::malloc_usable_size(p)), std::memory_order_relaxed);
  }
  std::free(p);
}

allocation_count allocations() noexcept {
  return {calls.load(std::memory_order_relaxed), bytes.load(std::memory_order_relaxed),
          live_bytes.load(std::memory_order_relaxed)};
}

count_allocations::count_allocations() noexcept { counting.store(true, std::memory_order_relaxed); }
count_allocations::~count_allocations() { counting.store(false, std::memory_order_relaxed); }

}  // namespace surewake::bench

// The array and nothrow forms of the standard library call these.
void* operator new(std::size_t n) { return surewake::bench::take_or_throw(n, 0); }
void* operator new(std::size_t n, std::align_val_t a) {
  return surewake::bench::take_or_throw(n, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { surewake::bench::counted_give(p); }
void operator delete(void* p, std::size_t) noexcept { surewake::bench::counted_give(p); }
void operator delete(void* p, std::align_val_t) noexcept { surewake::bench::counted_give(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { surewake::bench::counted_give(p); }
