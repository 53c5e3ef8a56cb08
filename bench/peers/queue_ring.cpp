// surewake/bench/peers/queue_ring.cpp: the bounded queue of Dmitry Vyukov (1024cores.net), written here in a few lines:
// the least that several producers and consumers need. A cell's turn says which thread may use it next.
#include <surewake/bench/peers/queue_peer.hpp>

#include <array>
#include <atomic>

namespace surewake::bench {
namespace {

class ring {
 public:
  ring() noexcept {
    for (std::size_t i = 0; i < size; ++i) cells_[i].turn.store(i, std::memory_order_relaxed);
  }

  void push(void* item) noexcept {
    std::size_t const place = take(tail_, 0);
    cell& c = cells_[place % size];
    c.item = item;
    c.turn.store(place + 1, std::memory_order_release);
  }

  /// Never null: it waits for an item.
  void* try_pop() noexcept {
    std::size_t const place = take(head_, 1);
    cell& c = cells_[place % size];
    void* const item = c.item;
    c.turn.store(place + size, std::memory_order_release);
    return item;
  }

 private:
  static constexpr std::size_t size = 1'024;
  struct cell {
    std::atomic<std::size_t> turn;
    void* item;
  };

  /// Takes the next place of `end`, when the turn of its cell has come.
  std::size_t take(std::atomic<std::size_t>& end, std::size_t ahead) noexcept {
    for (std::size_t place = end.load(std::memory_order_relaxed);;) {
      std::size_t const turn = cells_[place % size].turn.load(std::memory_order_acquire);
      if (turn == place + ahead) {
        if (end.compare_exchange_weak(place, place + 1, std::memory_order_relaxed)) return place;
      } else {
        place = end.load(std::memory_order_relaxed);
      }
    }
  }

  std::array<cell, size> cells_;
  alignas(64) std::atomic<std::size_t> tail_{0};
  alignas(64) std::atomic<std::size_t> head_{0};
};

}  // namespace

queue_peer ring_queue() { return queue_table<ring>("Vyukov ring", "surewake"); }

}  // namespace surewake::bench
