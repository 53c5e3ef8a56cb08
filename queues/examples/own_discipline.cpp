// A discipline of one's own: hand_off that counts how many acquires had to wait, for a monitor to read. It is a class
// that models `discipline` (core/semaphore/discipline.hpp). The semaphore is made with one that says where to count.
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/semaphore.hpp>

#include <atomic>
#include <cstdio>

namespace mine {

using namespace surewake;

struct contention {
  std::atomic<unsigned> acquires{0}, waited{0};
};

struct counted_hand_off : hand_off {
  static constexpr char const* name = "counted_hand_off";
  contention* seen = nullptr;  // null: nothing is counted

  template <platform P> class counter : public hand_off::counter<P> {
   public:
    counter(std::int64_t permits, counted_hand_off d) noexcept : hand_off::counter<P>(permits), seen_(d.seen) {}

    [[nodiscard]] std::int64_t take(std::int64_t n) noexcept {
      std::int64_t const owed = hand_off::counter<P>::take(n);
      if (seen_ != nullptr) {
        seen_->acquires.fetch_add(1, std::memory_order_relaxed);
        if (owed > 0) seen_->waited.fetch_add(1, std::memory_order_relaxed);
      }
      return owed;
    }

   private:
    contention* const seen_;
  };
};
static_assert(discipline<counted_hand_off, std_platform>);

}  // namespace mine

namespace {

using limited = surewake::basic_semaphore<surewake::intrusive_list, surewake::std_platform, mine::counted_hand_off>;

surewake::task<> visit(limited& limit, int i) {
  auto const permit = co_await limit.acquire();
  std::printf("visitor %d is in\n", i);
}

}  // namespace

int main() {
  mine::contention seen;
  limited limit(2, {{}, &seen});
  auto held = limit.acquire_blocking();
  auto also_held = limit.acquire_blocking();
  for (int i = 1; i <= 2; ++i) start_detached(visit(limit, i));
  held.release();
  also_held.release();
  start_detached(visit(limit, 3));
  std::printf("%u of %u acquires waited\n", seen.waited.load(), seen.acquires.load());
}
