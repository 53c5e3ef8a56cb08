// surewake/bench/peers/queue_peer.hpp: a queue of another project, as a table of functions; and the table of a class
// with `push` and `pop`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace surewake::bench {

/// What is pushed and popped.
struct alignas(64) queue_item {
  std::byte memory[64];
};

struct queue_peer {
  char const* name;
  char const* package;  // whose version is recorded
  void* (*make)();
  void (*destroy)(void* queue);
  void (*push)(void* queue, void* item);  // `item`: memory that the queue may use meanwhile
  void* (*pop)(void* queue);  // waits until there is one
  /// n times: pushes the item in hand, and takes another one. Returns the last. It starts with `mine`.
  void* (*push_pop)(void* queue, void* mine, std::uint64_t n);
};

/// `Queue` has push(void*) and try_pop(), which returns null where it found nothing.
template <class Queue>
[[nodiscard]] constexpr queue_peer queue_table(char const* name, char const* package) {
  return {.name = name,
          .package = package,
          .make = []() -> void* { return new Queue; },
          .destroy = [](void* q) { delete static_cast<Queue*>(q); },
          .push = [](void* q, void* item) { static_cast<Queue*>(q)->push(item); },
          .pop =
              [](void* q) {
                for (;;) {
                  if (void* const item = static_cast<Queue*>(q)->try_pop()) return item;
                }
              },
          .push_pop =
              [](void* q, void* mine, std::uint64_t n) {
                Queue& queue = *static_cast<Queue*>(q);
                for (std::uint64_t i = 0; i < n; ++i) {
                  queue.push(mine);
                  while ((mine = queue.try_pop()) == nullptr) {
                  }
                }
                return mine;
              }};
}

/// All that this program was built with.
[[nodiscard]] std::vector<queue_peer> const& queue_peers();

// One per file.
[[nodiscard]] queue_peer ring_queue();
#ifdef SUREWAKE_PEER_MOODYCAMEL
[[nodiscard]] queue_peer moodycamel_queue();
#endif
#ifdef SUREWAKE_PEER_TBB
[[nodiscard]] queue_peer tbb_queue();
#endif
#ifdef SUREWAKE_PEER_URCU
[[nodiscard]] queue_peer urcu_queue();
#endif
#ifdef SUREWAKE_PEER_CDS
[[nodiscard]] queue_peer cds_queue();
#endif
#ifdef SUREWAKE_PEER_CK
[[nodiscard]] queue_peer ck_queue();
#endif

}  // namespace surewake::bench
