// surewake/bench/workloads/ring.cpp: what an operation of the event loop costs, and how a post wakes a loop.
//
// One operation = one request and its completion, alone or as one of 64 that go to the kernel together; reads are of 4
// KiB that are in the page cache, beside pread. `post, and back`: one loop posts to another one, on another thread,
// which posts back; both sleep in between. There the loop's own way (an eventfd that the ring polls) is compared with
// IORING_OP_MSG_RING, which a bare ring sends in the system call by which it then waits.
#include <surewake/bench/measure/two_threads.hpp>
#include <surewake/bench/measure/workload.hpp>
#include <surewake/core/uring/loop.hpp>
#include <surewake/core/uring/support.hpp>

#include <array>
#include <barrier>
#include <cstdio>
#include <deque>
#include <thread>

namespace surewake::bench {
namespace {

constexpr std::size_t page = 4096;

/// A file of one page, in the page cache.
class cached_page {
 public:
  cached_page() : file_(std::tmpfile()) {
    expect(file_ != nullptr, "a temporary file can be made");
    std::array<char, page> const content{};
    expect(std::fwrite(content.data(), page, 1, file_) == 1 && std::fflush(file_) == 0, "and written");
  }
  cached_page(cached_page const&) = delete;
  cached_page& operator=(cached_page const&) = delete;
  ~cached_page() { std::fclose(file_); }
  [[nodiscard]] int fd() const noexcept { return ::fileno(file_); }

 private:
  std::FILE* file_;
};

enum class request { nop, read };

task<std::uint64_t> one_by_one(uring_loop& loop, request what, int fd, std::span<std::byte> to, std::uint64_t n) {
  std::uint64_t good = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    io_result const r = what == request::nop ? co_await loop.nop() : co_await loop.read(fd, to, 0);
    good += *r == (what == request::nop ? 0 : static_cast<int>(page)) ? 1U : 0U;
  }
  co_return good;
}

sample alone(request what, std::uint64_t n) {
  uring_loop loop;
  cached_page const file;
  std::vector<std::byte> buffer(page);
  stopwatch watch;
  watch.start();
  std::uint64_t const good = loop.block_on(one_by_one(loop, what, file.fd(), buffer, n));
  watch.stop(static_cast<double>(n));
  expect(good == n, "every operation came to what it should");
  return watch.total();
}

sample in_batches(request what, std::uint64_t n) {
  struct counted : uring_operation {
    counted() : uring_operation([](work<std_platform>& w) noexcept { ++static_cast<counted&>(w).done; }) {}
    std::uint64_t done = 0;
  };
  constexpr std::size_t together = 64;
  uring_loop loop;
  cached_page const file;
  std::vector<std::byte> buffer(page * together);
  std::deque<counted> operations(together);
  for (std::size_t i = 0; i < together; ++i) {
    io_uring_sqe& sqe = operations[i].request();
    what == request::nop ? ::io_uring_prep_nop(&sqe)
                         : ::io_uring_prep_read(&sqe, file.fd(), buffer.data() + page * i, page, 0);
  }
  std::uint64_t const rounds = (n + together - 1) / together;
  stopwatch watch;
  watch.start();
  for (std::uint64_t r = 0; r < rounds; ++r) {
    for (counted& o : operations) loop.start(o);
    loop.run();
  }
  watch.stop(static_cast<double>(rounds * together));
  for (counted const& o : operations) expect(o.done == rounds, "every operation was completed once a round");
  return watch.total();
}

sample by_pread(std::uint64_t n) {
  cached_page const file;
  std::vector<std::byte> buffer(page);
  std::uint64_t good = 0;
  stopwatch watch;
  watch.start();
  for (std::uint64_t i = 0; i < n; ++i) good += ::pread(file.fd(), buffer.data(), page, 0) == page ? 1U : 0U;
  watch.stop(static_cast<double>(n));
  expect(good == n, "every read gave a page");
  return watch.total();
}

/// Awaited: posted to the other loop, and posted back.
struct there_and_back : work<std_platform> {
  there_and_back(uring_loop& home, uring_loop& there) noexcept
      : work<std_platform>(&arrived), home_(home), there_(there) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) noexcept {
    set_handle(h);
    there_.post(*this);
  }
  void await_resume() const noexcept {}

 private:
  static void arrived(work<std_platform>& w) noexcept {
    auto& self = static_cast<there_and_back&>(w);
    self.set_action(&work<std_platform>::resume_handle);
    self.home_.post(self);
  }
  uring_loop& home_;
  uring_loop& there_;
};

task<> trips(uring_loop& home, uring_loop& there, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) co_await there_and_back(home, there);
}

sample by_post(std::uint64_t n) {
  std::barrier ready(2);
  uring_loop* other = nullptr;
  auto const asks = [&] {
    uring_loop loop;
    ready.arrive_and_wait();
    stopwatch watch;
    watch.start();
    loop.block_on(trips(loop, *other, n));
    watch.stop(static_cast<double>(n));
    other->stop();
    ready.arrive_and_wait();
    return watch.total();
  };
  auto const answers = [&] {
    uring_loop loop;
    other = &loop;
    detail::timer keeps_it_running([](detail::timer&) noexcept {});
    loop.arm(keeps_it_running, detail::timer::time_point::max());
    ready.arrive_and_wait();
    loop.run();
    ready.arrive_and_wait();
    loop.disarm(keeps_it_running);
  };
  return on_two_threads(asks, answers);
}

sample by_msg_ring(std::uint64_t n) {
  using ring_type = detail::uring_ring<uring_kernel>;
  std::barrier ready(2);
  int fds[2]{};
  // Sends, and waits, in one system call; the party that answers waits first.
  auto const party = [&](std::size_t me, auto between) {
    ring_type ring(8, 0);
    fds[me] = ring.fd();
    ready.arrive_and_wait();
    std::uint64_t received = 0;
    auto const receive = [&](std::uint64_t until) {
      while (received < until) {
        ring.enter(1, nullptr);
        ring.reap([&](std::uint64_t what, int, unsigned) { received += what; });
      }
    };
    between([&] {
      for (std::uint64_t i = 0; i < n; ++i) {
        if (me == 1) receive(i + 1);
        io_uring_sqe* const sqe = ring.next();
        ::io_uring_prep_msg_ring(sqe, fds[1 - me], 0, 1, 0);
        sqe->user_data = 0;
        sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
        if (me == 0) receive(i + 1);
      }
    });
    ring.enter(0, nullptr);
    ready.arrive_and_wait();
  };
  stopwatch watch;
  auto const asks = [&] {
    party(0, [&](auto go) {
      watch.start();
      go();
      watch.stop(static_cast<double>(n));
    });
    return watch.total();
  };
  return on_two_threads(asks, [&] { party(1, [](auto go) { go(); }); });
}

}  // namespace

void add_ring(scenarios& all, effort const&) {
  if (!uring_support::probe().ring) return;
  for (request const what : {request::nop, request::read}) {
    char const* const name = what == request::nop ? "nop" : "read of 4 KiB";
    scenario s{.workload = "ring", .name = name, .permits = 0};
    s.contestants.push_back({"uring_loop, alone", kind::experiment, [=](std::uint64_t n) { return alone(what, n); }});
    s.contestants.push_back(
        {"uring_loop, 64 together", kind::experiment, [=](std::uint64_t n) { return in_batches(what, n); }});
    if (what == request::read) s.contestants.push_back({"pread", kind::floor, &by_pread});
    all.push_back(std::move(s));
  }
  scenario posts{.workload = "ring", .name = "post, and back", .threads = 2, .permits = 0};
  posts.contestants.push_back({"uring_loop (eventfd)", kind::experiment, &by_post});
  posts.contestants.push_back({"bare rings, MSG_RING", kind::experiment, &by_msg_ring});
  all.push_back(std::move(posts));
}

}  // namespace surewake::bench
