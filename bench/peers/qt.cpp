#include <surewake/bench/peers/thread_peer.hpp>
#include <surewake/bench/peers/compiled.hpp>

#include <QSemaphore>

namespace surewake::bench {
namespace {

struct qt_semaphore {
  static constexpr char const* name = "QSemaphore";
  static constexpr char const* package = "Qt";
  static constexpr char const* withdrawal = "time-out";
  explicit qt_semaphore(unsigned permits) : semaphore(static_cast<int>(permits)) {}
  void acquire() { semaphore.acquire(); }
  bool try_acquire() { return semaphore.tryAcquire(); }
  void release(unsigned n = 1) { semaphore.release(static_cast<int>(n)); }
  QSemaphore semaphore;
};

}  // namespace

peer qt_peer() { return thread_peer<qt_semaphore>(); }

}  // namespace surewake::bench
