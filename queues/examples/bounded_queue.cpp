// A bounded queue of work, by a mutex and two condition variables: producers wait while it is full, consumers while it
// is empty. Once it is closed nothing more goes in, and what is inside can still be taken.
#include <surewake/condition_variable.hpp>

#include <cstdio>
#include <deque>
#include <optional>

namespace {

using surewake::task;
using namespace std::chrono_literals;

class work_queue {
 public:
  explicit work_queue(std::size_t room) : room_(room) {}

  /// Returns false where the queue is closed.
  task<bool> push(int item) {
    auto held = co_await mutex_.lock();
    co_await not_full_.wait(held, [this] { return closed_ || items_.size() < room_; });
    if (closed_) co_return false;
    items_.push_back(item);
    not_empty_.notify_one();
    co_return true;
  }

  /// Empty where the queue is closed and nothing is left, or the time has passed.
  task<std::optional<int>> pop(std::chrono::milliseconds limit) {
    auto held = co_await mutex_.lock();
    co_await not_empty_.wait_for(held, limit, [this] { return closed_ || !items_.empty(); });
    if (items_.empty()) co_return std::nullopt;
    int const item = items_.front();
    items_.pop_front();
    not_full_.notify_one();
    co_return item;
  }

  void close() {
    auto const held = mutex_.lock_blocking();
    closed_ = true;
    not_full_.notify_all();
    not_empty_.notify_all();
  }

 private:
  surewake::mutex mutex_;
  surewake::condition_variable not_full_, not_empty_;
  std::size_t const room_;
  std::deque<int> items_;  // guarded by mutex_, as is closed_
  bool closed_ = false;
};

task<> produce(work_queue& queue, int items) {
  for (int i = 1; i <= items; ++i) {
    co_await queue.push(i);
  }
  queue.close();
  bool const too_late = co_await queue.push(0);
  std::printf("producer: %s\n", too_late ? "never" : "closed");
}

task<> consume(work_queue& queue, int& sum) {
  while (auto const item = co_await queue.pop(10s)) sum += *item;
}

}  // namespace

int main() {
  work_queue queue(2);
  auto const nothing = surewake::sync_wait(queue.pop(1ms));
  std::puts(nothing ? "never" : "consumer: nothing in 1 ms");
  int first = 0, second = 0;
  surewake::sync_wait(surewake::when_all(consume(queue, first), consume(queue, second), produce(queue, 100)));
  std::printf("%d taken in all\n", first + second);
}
