// surewake/bench/workloads/queue_alone.cpp: the strategies' queues without a semaphore around them: push + pop.
//
// One operation = one push and one pop. A push registers a waiter, a pop grants one: the waiter that is handed over
// does nothing but become the granter's next one to push. `empty`: the list holds no other waiter; `64 waiting`: that
// many. On two threads a grant can find a place whose waiter has yet to come, which then keeps it: the two trade
// waiters.
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/measure/two_threads.hpp>
#include <surewake/bench/peers/queue_peer.hpp>

#include <fmt/format.h>

#include <deque>
#include <memory>
#include <mutex>
#include <set>

namespace surewake::bench {
namespace {

/// A waiter that knows where its grant found it: on the thread that granted.
class item : public placed_waiter<std_platform> {
 public:
  item() : placed_waiter<std_platform>(&handed_over) {}
  [[nodiscard]] static item* take_popped() noexcept { return std::exchange(popped, nullptr); }

 private:
  static void handed_over(work<std_platform>& w) noexcept { popped = &static_cast<item&>(w); }
  static inline thread_local item* popped = nullptr;
};

/// The queue of a strategy.
template <class Queue>
class waiter_line {
 public:
  /// Returns false where a grant was there already: the item stays with the caller.
  bool push(item& i) noexcept {
    i.missing(1);
    return queue_.enqueue(i) == enqueued::waiting;
  }
  item* pop() noexcept {
    queue_.grant(1);
    return item::take_popped();
  }

 private:
  Queue queue_;
};

/// The plain alternative: a mutex and a deque.
class plain_line {
 public:
  bool push(item& i) {
    std::scoped_lock const hold(mutex_);
    deque_.push_back(&i);
    return true;
  }
  item* pop() {
    std::scoped_lock const hold(mutex_);
    item* const i = deque_.front();
    deque_.pop_front();
    return i;
  }

 private:
  std::mutex mutex_;
  std::deque<item*> deque_;
};

/// The items that a thread may push.
class stock {
 public:
  [[nodiscard]] item& next() {
    if (item* const i = std::exchange(first_, nullptr)) return *i;
    if (!more_.empty()) {
      item& i = *more_.back();
      more_.pop_back();
      return i;
    }
    return made_.emplace_back();
  }
  void keep(item* i) {
    if (i == nullptr) return;
    if (first_ != nullptr) more_.push_back(first_);
    first_ = i;
  }
  /// Returns how many are here, and how many were made.
  [[nodiscard]] std::size_t here() const noexcept { return more_.size() + (first_ != nullptr ? 1U : 0U); }
  [[nodiscard]] std::size_t made() const noexcept { return made_.size(); }

 private:
  item* first_ = nullptr;
  std::vector<item*> more_;
  std::deque<item> made_;
};

template <class Line>
[[gnu::noinline]] void push_pop(Line& line, stock& mine, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) {
    item& next = mine.next();
    if (!line.push(next)) mine.keep(&next);
    mine.keep(line.pop());
  }
}

template <class Line>
sample timed(unsigned threads, std::uint64_t others, std::uint64_t n) {
  auto const line = std::make_unique<Line>();
  std::vector<std::unique_ptr<stock>> stocks;
  for (unsigned t = 0; t < threads; ++t) stocks.push_back(std::make_unique<stock>());
  for (std::uint64_t i = 0; i < others; ++i) line->push(stocks[0]->next());
  sample const o = timed_together(threads, n * threads, [&](unsigned t) { push_pop(*line, *stocks[t], n); });
  // As many were pushed as popped: what is in the list now is what was there before, and no item is there twice.
  std::set<item*> left;
  for (std::uint64_t i = 0; i < others; ++i) left.insert(line->pop());
  std::size_t here = left.size();
  std::size_t made = 0;
  for (auto const& s : stocks) {
    here += s->here();
    made += s->made();
  }
  expect(!left.contains(nullptr) && left.size() == others && here == made, "every waiter was granted, once");
  return o;
}

sample timed_peer(queue_peer const& peer, unsigned threads, std::uint64_t others, std::uint64_t n) {
  std::vector<queue_item> items(others + threads);
  std::unique_ptr<void, void (*)(void*)> const line(peer.make(), peer.destroy);
  for (std::uint64_t i = 0; i < others; ++i) peer.push(line.get(), &items[threads + i]);
  std::vector<void*> in_hand(threads);
  sample const o = timed_together(threads, n * threads,
                                  [&](unsigned t) { in_hand[t] = peer.push_pop(line.get(), &items[t], n); });
  std::set<void*> left(in_hand.begin(), in_hand.end());
  for (std::uint64_t i = 0; i < others; ++i) left.insert(peer.pop(line.get()));
  expect(!left.contains(nullptr) && left.size() == items.size(), "every item was taken, once");
  return o;
}

}  // namespace

void add_queue_alone(scenarios& all, effort const&) {
  for (unsigned const threads : {1U, 2U}) {
    for (std::uint64_t const others : {0U, 64U}) {
      scenario add{.workload = "queue_alone",
                   .name = fmt::format("{} thread{}, {}", threads, threads == 1 ? "" : "s",
                                       others == 0 ? "empty" : "64 waiting"),
                   .threads = threads,
                   .permits = 0,
                   .waiters = others};
      add.contestants.push_back({"std::mutex + std::deque", kind::peer,
                                 [=](std::uint64_t n) { return timed<plain_line>(threads, others, n); }});
      for (queue_peer const& q : queue_peers()) {
        add.contestants.push_back(
            {q.name, kind::peer, [=, &q](std::uint64_t n) { return timed_peer(q, threads, others, n); }});
      }
      for_each_queue([&]<class Q>(queue_of<Q> const& q) {
        add.contestants.push_back({q.name, kind::strategy, [=](std::uint64_t n) {
                                     return timed<waiter_line<Q>>(threads, others, n);
                                   }});
      });
      all.push_back(std::move(add));
    }
  }
}

}  // namespace surewake::bench
