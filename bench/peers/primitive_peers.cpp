#include <surewake/bench/peers/primitive_peer.hpp>
#include <surewake/bench/peers/rust.hpp>

#include <memory>
#include <mutex>
#include <shared_mutex>

#ifdef SUREWAKE_PEER_RUST
extern "C" surewake::bench::primitive_peer const* surewake_rust_primitives(std::size_t* count, std::size_t* size);
#endif

namespace surewake::bench {
namespace {

/// A lock of the standard library, as Hold takes it.
template <class Mutex, template <class> class Hold> struct standard {
  struct one {
    Mutex mutex{};
    std::uint64_t rounds = 0;
    std::unique_ptr<Hold<Mutex>> held{};  // after the mutex
  };
  static one& of(void* p) noexcept { return *static_cast<one*>(p); }
  static bool end(void* p) {
    std::unique_ptr<one> const it(&of(p));
    bool const is_free = it->mutex.try_lock();
    if (is_free) it->mutex.unlock();
    return is_free;
  }

  static constexpr peer_game game{
      .prepare = [](std::uint64_t rounds) -> void* { return new one{.rounds = rounds}; },
      .run =
          [](void* p) {
            one& it = of(p);
            for (std::uint64_t i = 0; i < it.rounds; ++i) Hold<Mutex> const hold(it.mutex);
          },
      .finish = &end};

  static constexpr primitive_peer table(char const* row, char const* name) {
    return {.row = row,
            .name = name,
            .package = "libstdc++",
            .game = &game,
            .make = []() -> void* {
              auto* const it = new one;
              it->held = std::make_unique<Hold<Mutex>>(it->mutex);
              return it;
            },
            .open = [](void* p) { of(p).held.reset(); },
            .contend =
                [](void* p, contention const* shared) {
                  for (std::uint64_t acquired = 0; !shared->stop->load(std::memory_order_relaxed);) {
                    Hold<Mutex> const hold(of(p).mutex);
                    if (shared->inside != nullptr) ++*shared->inside;
                    shared->acquired->store(++acquired, std::memory_order_relaxed);
                  }
                },
            .destroy = &end};
  }
};

}  // namespace

std::vector<primitive_peer> const& primitive_peers() {
  static std::vector<primitive_peer> const all = [] {
    std::vector<primitive_peer> made{standard<std::mutex, std::unique_lock>::table("mutex", "std::mutex"),
                                     standard<std::shared_mutex, std::shared_lock>::table("read", "std::shared_mutex")};
#ifdef SUREWAKE_PEER_RUST
    for (primitive_peer const& p : rust_tables(&surewake_rust_primitives, "primitive_peer.hpp")) made.push_back(p);
#endif
    return made;
  }();
  return all;
}

}  // namespace surewake::bench
