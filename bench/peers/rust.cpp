#include <surewake/bench/measure/allocation.hpp>
#include <surewake/bench/peers/rust.hpp>

extern "C" surewake::bench::peer const* surewake_rust_peers(std::size_t* count, std::size_t* size);

// The library takes its memory here, so that it is counted as everybody's.
extern "C" void* surewake_bench_take(std::size_t size, std::size_t alignment) {
  return surewake::bench::counted_take(size, alignment <= alignof(std::max_align_t) ? 0 : alignment);
}
extern "C" void surewake_bench_give(void* p) { surewake::bench::counted_give(p); }

namespace surewake::bench {

std::span<peer const> rust_peers() {
  static std::span<peer const> const all = rust_tables(&surewake_rust_peers, "peer.hpp");
  return all;
}

}  // namespace surewake::bench
