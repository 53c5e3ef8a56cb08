// surewake/bench/peers/queue_cds.cpp: libcds's Michael-Scott queue, whose nodes its hazard pointers keep.
#include <surewake/bench/peers/cds_library.hpp>
#include <surewake/bench/peers/queue_peer.hpp>

#include <cds/container/msqueue.h>

namespace surewake::bench {
namespace {

struct cds_line {
  cds_line() : queue((attach_to_cds(), 0)) {}
  void push(void* item) {
    attach_to_cds();
    queue.queue.enqueue(item);
  }
  void* try_pop() {
    void* item = nullptr;
    queue.queue.dequeue(item);
    return item;
  }
  struct after_attaching {
    explicit after_attaching(int) {}
    cds::container::MSQueue<cds::gc::HP, void*> queue;
  } queue;
};

}  // namespace

queue_peer cds_queue() { return queue_table<cds_line>("libcds MSQueue", "libcds"); }

}  // namespace surewake::bench
