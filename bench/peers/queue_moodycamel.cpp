#include <surewake/bench/peers/queue_peer.hpp>

#include <concurrentqueue.h>

namespace surewake::bench {
namespace {

struct moodycamel_line {
  void push(void* item) { queue.enqueue(item); }
  void* try_pop() {
    void* item = nullptr;
    queue.try_dequeue(item);
    return item;
  }
  moodycamel::ConcurrentQueue<void*> queue;
};

}  // namespace

queue_peer moodycamel_queue() { return queue_table<moodycamel_line>("moodycamel::ConcurrentQueue", "concurrentqueue"); }

}  // namespace surewake::bench
