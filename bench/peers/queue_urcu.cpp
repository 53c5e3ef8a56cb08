// surewake/bench/peers/queue_urcu.cpp: liburcu's wait-free push; threads that pop exclude each other by its mutex. An
// item's memory is its node.
#include <surewake/bench/peers/queue_peer.hpp>

#include <urcu/wfcqueue.h>

#include <new>

namespace surewake::bench {
namespace {

class urcu_line {
 public:
  urcu_line() { cds_wfcq_init(&head_, &tail_); }
  urcu_line(urcu_line const&) = delete;
  urcu_line& operator=(urcu_line const&) = delete;
  ~urcu_line() { cds_wfcq_destroy(&head_, &tail_); }
  void push(void* item) {
    auto* const node = ::new (item) cds_wfcq_node;
    cds_wfcq_node_init(node);
    cds_wfcq_enqueue(head(), &tail_, node);
  }
  void* try_pop() { return cds_wfcq_dequeue_blocking(&head_, &tail_); }

 private:
  cds_wfcq_head_ptr_t head() noexcept {
    cds_wfcq_head_ptr_t p;
    p.h = &head_;
    return p;
  }

  cds_wfcq_head head_{};
  cds_wfcq_tail tail_{};
};

}  // namespace

queue_peer urcu_queue() { return queue_table<urcu_line>("liburcu wfcqueue", "liburcu"); }

}  // namespace surewake::bench
