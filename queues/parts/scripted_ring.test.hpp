// surewake/queues/parts/scripted_ring.test.hpp: a ring for the layouts of uring_futex, whose kernel is the test. Not
// installed.
#pragma once

#include <surewake/core/platform/std_platform.hpp>
#include <surewake/queues/parts/futex_ring.hpp>

#include <algorithm>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace surewake::testing {

/// The machine, with a count of what the layouts have allocated.
struct ring_platform : std_platform {
  static void* allocate(std::size_t n, std::size_t align) {
    ++allocated;
    return std_platform::allocate(n, align);
  }
  static void deallocate(void* p, std::size_t n, std::size_t align) noexcept {
    --allocated;
    std_platform::deallocate(p, n, align);
  }
  static inline std::atomic<int> allocated{0};
};

/// A thread's ring. Its waits end when the test says so, by run() or complete(), and with the ring.
class scripted_ring {
  using P = ring_platform;

 public:
  class operation : public work<P> {
   public:
    explicit operation(action completed) noexcept : work<P>(completed) {}
    [[nodiscard]] int result() const noexcept { return result_; }

   private:
    friend scripted_ring;
    int result_ = 0;
  };
  static constexpr bool completes_in_order = true;

  scripted_ring() {
    mine() = this;
    lose_wakes();
  }
  scripted_ring(scripted_ring const&) = delete;
  scripted_ring& operator=(scripted_ring const&) = delete;
  ~scripted_ring() {
    while (!armed_.empty()) complete(0, -ECANCELED);
    mine() = nullptr;
  }

  [[nodiscard]] static scripted_ring* current() noexcept { return mine(); }
  void wait(operation& op, P::atomic<std::uint32_t>& word, std::uint32_t v) noexcept {
    armed_.push_back({&op, &word, [&word, v] { return word.load(P::acquire) == v; }});
  }
  void watch(operation& op, P::atomic<std::uintptr_t>& word, std::uint32_t v) noexcept {
    armed_.push_back({&op, &word, [&word, v] { return static_cast<std::uint32_t>(word.load(P::acquire)) == v; }});
  }
  void cancel(operation& op) noexcept {
    if (auto const at = find(op); at != armed_.end()) at->cancelled = true;
  }
  void wake(void const* address) noexcept { wake_now(address), ++by_ring; }
  static void wake_now(void const* address) noexcept {
    std::lock_guard const lock(wakes_mutex);
    wakes.push_back(address);
  }
  [[nodiscard]] static void const* address(auto const& word) noexcept { return &word; }
  void keep(int n) noexcept { kept += n; }

  /// How many waits are armed.
  [[nodiscard]] std::size_t armed() const noexcept { return armed_.size(); }
  /// Ends wait number `i` with `result`.
  void complete(std::size_t i, int result) noexcept {
    operation& op = *armed_[i].op;
    armed_.erase(armed_.begin() + static_cast<std::ptrdiff_t>(i));
    op.result_ = result;
    op.run();
  }
  /// Has the kernel look at the words of the waits that were armed since its last look, and lets those sleep whose word
  /// has the value that they wait for. From then on only a wake or a cancellation ends them.
  void look() noexcept {
    for (sleep& s : armed_) s.asleep = s.asleep || s.waits();
  }
  /// Looks, and ends, in order, the waits that were cancelled, that were woken, and that could not sleep; not those
  /// that begin meanwhile. Returns how many.
  std::size_t run() noexcept {
    look();
    std::vector<std::pair<operation*, int>> over;
    for (sleep const& s : armed_) {
      if (s.cancelled) {
        over.emplace_back(s.op, -ECANCELED);
      } else if (take_wake(s.word)) {
        over.emplace_back(s.op, 0);
      } else if (!s.asleep) {
        over.emplace_back(s.op, -EAGAIN);
      }
    }
    for (auto const& [op, result] : over) complete(static_cast<std::size_t>(find(*op) - armed_.begin()), result);
    return over.size();
  }

  /// Returns how many wakes, of all threads and since a ring was made, have ended no wait yet.
  static std::size_t wakes_out() noexcept {
    std::lock_guard const lock(wakes_mutex);
    return wakes.size();
  }
  static void lose_wakes() noexcept {
    std::lock_guard const lock(wakes_mutex);
    wakes.clear();
  }

  int kept = 0;
  int by_ring = 0;  // wakes that were made through this ring

 private:
  struct sleep {
    operation* op;
    void const* word;
    std::function<bool()> waits;
    bool cancelled = false;
    bool asleep = false;
  };

  std::vector<sleep>::iterator find(operation const& op) noexcept {
    return std::find_if(armed_.begin(), armed_.end(), [&op](sleep const& s) { return s.op == &op; });
  }
  static scripted_ring*& mine() noexcept {
    thread_local scripted_ring* it = nullptr;
    return it;
  }
  static bool take_wake(void const* word) noexcept {
    std::lock_guard const lock(wakes_mutex);
    auto const at = std::find(wakes.begin(), wakes.end(), word);
    if (at == wakes.end()) return false;
    wakes.erase(at);
    return true;
  }

  static inline std::mutex wakes_mutex;
  static inline std::vector<void const*> wakes;
  std::vector<sleep> armed_;
};
static_assert(futex_ring<scripted_ring, ring_platform>);

/// A waiter that resumes a coroutine, and notes on which thread it was handed over.
struct ring_guest : placed_waiter<ring_platform> {
  ring_guest() : placed_waiter<ring_platform>(&note) {
    this->missing(1);
    this->set_handle(std::noop_coroutine());
  }
  static void note(work<ring_platform>& w) noexcept {
    auto& g = static_cast<ring_guest&>(w);
    ++g.handed;
    g.where = std::this_thread::get_id();
    if (g.then) g.then();
  }
  [[nodiscard]] bool here() const { return handed == 1 && where == std::this_thread::get_id(); }

  int handed = 0;
  std::thread::id where{};
  std::function<void()> then{};
};

/// Registers `g` on this thread, as a wait list would, and the kernel has its wait.
template <class Layout> void sleeps(ring_guest& g) {
  Layout::entered(Layout::enter(g));
  if (scripted_ring* const ring = scripted_ring::current()) ring->look();
}

/// Calls f on another thread, and waits for its end.
template <class F> void elsewhere(F f) { std::thread(std::move(f)).join(); }

}  // namespace surewake::testing
