#include <surewake/core/uring/open_descriptors.test.hpp>
#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/uring/loop.hpp>
#include <surewake/core/uring/support.hpp>

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace awaiter_test {

using namespace surewake;
using testing::open_descriptors;
using namespace surewake::testing;
using namespace std::chrono_literals;
using word = uring_loop::word;

namespace {

bool const no_ring = !uring_support::probe().ring;
bool const no_futex = !uring_support::probe().futex;

/// A pipe; nobody writes to it unless told.
struct quiet_pipe {
  quiet_pipe() { REQUIRE(::pipe(ends) == 0); }
  quiet_pipe(quiet_pipe const&) = delete;
  quiet_pipe& operator=(quiet_pipe const&) = delete;
  ~quiet_pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void put(char c) const { REQUIRE(::write(ends[1], &c, 1) == 1); }
  [[nodiscard]] int from() const { return ends[0]; }
  int ends[2];
};

/// Operations that wait for something that does not happen; started by wait(loop, kind, stop).
enum class kind { sleep, pipe_read, futex };
std::vector<kind> waiting_kinds() {
  return no_futex ? std::vector{kind::sleep, kind::pipe_read} : std::vector{kind::sleep, kind::pipe_read, kind::futex};
}

struct never {
  quiet_pipe pipe;
  word w{0};
};

/// Waits for what never comes; `came` says what came.
plain wait(uring_loop& loop, kind k, never& n, std::stop_token stop, std::vector<io_result>& came) {
  std::byte b[64];
  if (k == kind::sleep) came.push_back(co_await loop.sleep_for(1h, stop));
  if (k == kind::pipe_read) came.push_back(co_await loop.read(n.pipe.from(), b, loop.current_position, stop));
  if (k == kind::futex) came.push_back(co_await loop.futex_wait(n.w, 0, stop));
}

}  // namespace

TEST_CASE("an operation that waits is stopped by its token, from its own thread and from another" *
          doctest::skip(no_ring)) {
  for (kind const k : waiting_kinds()) {
    for (bool const from_another_thread : {false, true}) {
      uring_loop loop;
      never n;
      std::stop_source source;
      std::vector<io_result> came;
      plain const p = wait(loop, k, n, source.get_token(), came);
      loop.poll();
      std::jthread other;
      if (from_another_thread) {
        other = std::jthread([&] {
          std::this_thread::sleep_for(1ms);
          source.request_stop();
        });
      } else {
        source.request_stop();
      }
      loop.run();
      REQUIRE(came.size() == 1);
      CHECK(came[0].canceled());
    }
  }
}

TEST_CASE("what was stopped before it began never begins" * doctest::skip(no_ring)) {
  uring_loop loop;
  std::stop_source source;
  source.request_stop();
  std::stop_token const stop = source.get_token();
  std::ptrdiff_t const before = open_descriptors();
  std::byte b[8];
  struct ::statx about {};
  word w{0};
  quiet_pipe p;
  CHECK(loop.block_on(loop.openat(AT_FDCWD, "/", O_RDONLY, 0, stop)).canceled());
  CHECK(loop.block_on(loop.read(p.from(), b, 0, stop)).canceled());
  CHECK(loop.block_on(loop.write(p.ends[1], b, 0, stop)).canceled());
  CHECK(loop.block_on(loop.statx(AT_FDCWD, "/", 0, STATX_SIZE, about, stop)).canceled());
  CHECK(loop.block_on(loop.close(p.from(), stop)).canceled());
  CHECK(loop.block_on(loop.nop(stop)).canceled());
  CHECK(loop.block_on(loop.sleep_for(1h, stop)).canceled());
  CHECK(loop.block_on(loop.sleep_until(std_platform::now() + 1h, stop)).canceled());
  CHECK(loop.block_on(loop.futex_wait(w, 0, stop)).canceled());
  CHECK(loop.block_on(loop.futex_wake(w, 1, stop)).canceled());
  CHECK(open_descriptors() == before + 2);
}

TEST_CASE("a result that came before the stop is the result" * doctest::skip(no_ring)) {
  uring_loop loop;
  int ends[2];  // a socket's, because before Linux 6.4 a worker reads a pipe, when it comes to it
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  std::stop_source source;
  std::vector<io_result> came;
  auto const reads = [&]() -> plain {
    std::byte b[8];
    came.push_back(co_await loop.read(ends[0], b, loop.current_position, source.get_token()));
  };
  plain const p = reads();
  loop.flush();  // the kernel has it, and has done it
  source.request_stop();
  loop.run();
  REQUIRE(came.size() == 1);
  CHECK(came[0].value() == 1);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a stop that races with the result of another thread loses nothing" * doctest::skip(no_ring)) {
  // Either the byte came with the result, or it is still in the pipe.
  uring_loop loop;
  int stopped = 0;
  for (int i = 0; i < 400; ++i) {
    quiet_pipe pipe;
    std::stop_source source;
    auto const reads = [&]() -> task<io_result> {
      std::byte b[8];
      co_return co_await loop.read(pipe.from(), b, loop.current_position, source.get_token());
    };
    std::jthread const writer([&] { pipe.put('x'); });
    std::jthread const stopper([&] { source.request_stop(); });
    io_result const r = loop.block_on(reads());
    std::byte b[8];
    stopped += r.canceled() ? 1 : 0;
    CHECK((r.canceled() ? loop.block_on(loop.read(pipe.from(), b)) : r).value() == 1);
  }
  MESSAGE(stopped << " of 400 stopped");
}

TEST_CASE("a coroutine may be destroyed while its operation is in flight: the kernel forgets its frame" *
          doctest::skip(no_ring)) {
  for (kind const k : waiting_kinds()) {
    for (bool const submitted : {false, true}) {
      uring_loop loop;
      never n;
      std::vector<io_result> came;
      std::stop_source source;
      {
        plain const p = wait(loop, k, n, source.get_token(), came);
        if (submitted) loop.poll();
      }
      loop.run();  // nothing is left
      CHECK(came.empty());
      n.pipe.put('x');
      char c = 0;
      CHECK(::read(n.pipe.from(), &c, 1) == 1);  // and nobody took it
      source.request_stop();
      loop.poll();
    }
  }
}

TEST_CASE("a coroutine may be destroyed when its operation is complete, and before it was resumed" *
          doctest::skip(no_ring)) {
  uring_loop loop;
  std::ptrdiff_t const before = open_descriptors();
  int resumed = 0;
  auto const opens = [&]() -> plain {
    io_result const fd = co_await loop.openat(AT_FDCWD, "/", O_RDONLY);
    ++resumed;
    CHECK(fd.has_value());
  };
  {
    plain const p = opens();
    loop.flush();
    CHECK(open_descriptors() == before + 1);
  }
  CHECK(open_descriptors() == before);  // what was opened for nobody was closed
  { plain const p = opens(); }          // the same if the destructor is the first to submit
  CHECK(open_descriptors() == before);
  loop.run();
  CHECK(resumed == 0);
  int const fd = ::open("/", O_RDONLY);
  auto const closes = [&]() -> plain { co_await loop.close(fd); };
  { plain const p = closes(); }
  CHECK(open_descriptors() == before);  // a close is not called off
}

TEST_CASE("a coroutine that was asked for by another thread may be destroyed before the loop heard of it" *
          doctest::skip(no_ring)) {
  uring_loop loop;
  never n;
  std::vector<io_result> came;
  for (kind const k : waiting_kinds()) {
    std::stop_source source;
    std::unique_ptr<plain> p;
    std::jthread([&] { p = std::unique_ptr<plain>(new plain(wait(loop, k, n, source.get_token(), came))); }).join();
    std::jthread([&] { p.reset(); }).join();
    loop.run();
    // Stopped on the way to the loop, it is cancelled there.
    std::jthread([&] { p = std::unique_ptr<plain>(new plain(wait(loop, k, n, source.get_token(), came))); }).join();
    source.request_stop();
    loop.run();
    REQUIRE(came.size() == 1);
    CHECK(came[0].canceled());
    came.clear();
  }
}

TEST_CASE("a loop that is destroyed tells every waiter, and takes nothing new" * doctest::skip(no_ring)) {
  never n;
  std::vector<io_result> came;
  std::vector<std::unique_ptr<plain>> frames;
  struct counting_work : work<std_platform> {
    counting_work()
        : work<std_platform>([](work<std_platform>& w) noexcept { ++static_cast<counting_work&>(w).runs; }) {}
    int runs = 0;
  } posted;
  int tried_again = 0;
  auto const tries_again = [&](uring_loop& loop) -> plain {
    io_result const first = co_await loop.sleep_for(1h);
    CHECK(first.canceled());
    CHECK(loop.closing());
    std::byte b[8];
    io_result const second = co_await loop.read(n.pipe.from(), b);
    CHECK(second.canceled());
    io_result const third = co_await loop.nop();
    CHECK(third.canceled());
    ++tried_again;
  };
  {
    uring_loop loop;
    for (kind const k : waiting_kinds()) {
      frames.push_back(std::unique_ptr<plain>(new plain(wait(loop, k, n, {}, came))));
      loop.poll();
      frames.push_back(std::unique_ptr<plain>(new plain(wait(loop, k, n, {}, came))));
    }
    frames.push_back(std::unique_ptr<plain>(new plain(tries_again(loop))));
    loop.post(posted);
  }
  CHECK(posted.runs == 1);
  CHECK(tried_again == 1);
  CHECK(came.size() == 2 * waiting_kinds().size());
  for (io_result const r : came) CHECK(r.canceled());
}

TEST_CASE("random operations, stops and drops on many coroutines lose nobody" * doctest::skip(no_ring)) {
  struct state {
    never n;
    long finished = 0, dropped = 0, begun = 0;
  } s;
  unsigned random = 12345;
  auto const next = [&random](unsigned below) { return (random = random * 1664525 + 1013904223) / 65536 % below; };
  std::vector<std::stop_source> sources(8);
  auto const goes = [](uring_loop& l, state& st, unsigned what, std::stop_token stop) -> plain {
    std::byte b[16];
    struct ::statx about {};
    if (what == 0) co_await l.nop(stop);
    if (what == 1) co_await l.sleep_for(50us, stop);
    if (what == 2) co_await l.read(st.n.pipe.from(), b, l.current_position, stop);
    if (what == 3) co_await l.statx(AT_FDCWD, "/", 0, STATX_SIZE, about, stop);
    if (what == 4) co_await l.futex_wait(st.n.w, 0, stop);
    if (what == 5) {
      io_result const fd = co_await l.openat(AT_FDCWD, "/", O_RDONLY, 0, stop);
      if (fd) co_await l.close(*fd);
    }
    if (what == 6) co_await l.schedule();
    ++st.finished;
  };
  std::ptrdiff_t const before = open_descriptors();
  {
    std::vector<std::unique_ptr<plain>> live(64);
    uring_loop loop({.entries = 8, .completions = 16});
    for (int i = 0; i < 20'000; ++i) {
      std::unique_ptr<plain>& p = live[next(64)];
      if (p != nullptr && !p->frame.done()) ++s.dropped;
      p.reset();
      ++s.begun;
      p = std::unique_ptr<plain>(new plain(goes(loop, s, next(7), sources[next(8)].get_token())));
      if (next(4) == 0) loop.poll();
      if (next(16) == 0) {
        std::stop_source& stopped = sources[next(8)];
        stopped.request_stop();
        stopped = std::stop_source();
      }
      if (next(16) == 0) s.n.pipe.put('x');
      if (next(16) == 0) std_platform::futex_wake(&s.n.w, 1);
    }
    for (std::unique_ptr<plain>& p : live) {
      if (p == nullptr || next(2) == 0) continue;
      if (!p->frame.done()) ++s.dropped;
      p.reset();
    }
    // The loop is destroyed first, and tells the rest.
  }
  CHECK(s.finished + s.dropped == s.begun);
  CHECK(open_descriptors() == before);
}

TEST_CASE("a close that is dropped closes nevertheless, wherever it was asked for" * doctest::skip(no_ring)) {
  auto const is_open = [](int fd) { return ::fcntl(fd, F_GETFD) != -1; };
  auto const closes = [](uring_loop& on, int fd, std::stop_token stop) -> plain { co_await on.close(fd, stop); };
  for (bool const stopped : {false, true}) {
    uring_loop loop;
    std::stop_source source;
    if (stopped) source.request_stop();
    int const elsewhere = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    std::thread([&] { plain const c = closes(loop, elsewhere, source.get_token()); }).join();
    CHECK(is_open(elsewhere) == stopped);
    int const here = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    {
      plain const c = closes(loop, here, source.get_token());
    }
    loop.run();
    CHECK(is_open(here) == stopped);
    if (stopped) ::close(elsewhere), ::close(here);
  }
}

}  // namespace awaiter_test
