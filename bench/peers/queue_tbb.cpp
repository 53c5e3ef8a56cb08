#include <surewake/bench/peers/queue_peer.hpp>

#include <oneapi/tbb/concurrent_queue.h>

namespace surewake::bench {
namespace {

struct tbb_line {
  void push(void* item) { queue.push(item); }
  void* try_pop() {
    void* item = nullptr;
    queue.try_pop(item);
    return item;
  }
  tbb::concurrent_queue<void*> queue;
};

}  // namespace

queue_peer tbb_queue() { return queue_table<tbb_line>("tbb::concurrent_queue", "oneTBB"); }

}  // namespace surewake::bench
