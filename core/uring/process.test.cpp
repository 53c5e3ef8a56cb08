// What the kernel keeps for a process as a whole, and what becomes of it: the table of its futex waits, when its first
// thread, its first worker or its child comes; and what a loop takes for granted of the real kernel.
//
// Each test is a process of its own that has made no thread, so nothing in this program makes one outside of them.
#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/uring/loop.hpp>
#include <surewake/core/uring/support.hpp>

#include <doctest/doctest.h>

#include <latch>
#include <memory>
#include <thread>
#include <vector>

namespace process_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

bool const no_ring = !uring_support::probe().ring;
bool const no_futex = !uring_support::probe().futex;
bool const no_calls = no_futex || !uring_support::probe().futex_calls;

int slots() { return uring_kernel::futex_hash(uring_abi::futex_hash_get_slots, 0); }
int set_slots(unsigned long n) { return uring_kernel::futex_hash(uring_abi::futex_hash_set_slots, n); }
/// Whether the kernel has no such table, or each process begins with a table, as under ThreadSanitizer, where each
/// begins with a thread.
bool const no_tables = in_a_child([] { return std::to_string(slots()); }) != "0";

long wake(uring_loop::word const& w, int n) {
  constexpr int flags = uring_abi::futex2_size_u32 | uring_abi::futex2_private;
  return ::syscall(uring_abi::sys_futex_wake, &w, uring_abi::futex_match_any, n, flags);
}

/// A ring as the kernel gives it, without what uring_ring ensures.
struct bare_ring {
  explicit bare_ring(unsigned flags = 0) {
    io_uring_params p{};
    p.flags = flags;
    if (uring_kernel::setup(64, ring, p) < 0) ::_exit(3);
    for (unsigned i = 0; i != ring.sq.ring_entries; ++i) ring.sq.array[i] = i;
  }
  bare_ring(bare_ring const&) = delete;
  bare_ring& operator=(bare_ring const&) = delete;
  ~bare_ring() { uring_kernel::teardown(ring); }

  io_uring_sqe& add(std::uint64_t name) {
    io_uring_sqe& s = ring.sq.sqes[*ring.sq.ktail & ring.sq.ring_mask];
    s = {};
    s.user_data = name;
    io_uring_smp_store_release(ring.sq.ktail, *ring.sq.ktail + 1);
    ++added;
    return s;
  }
  io_uring_sqe& last() { return ring.sq.sqes[(*ring.sq.ktail - 1) & ring.sq.ring_mask]; }
  void arm(uring_loop::word const& w, std::uint64_t name) {
    uring_abi::prepare_futex(add(name), uring_abi::op_futex_wait, &w, 0);
    last().user_data = name;
    submit();
  }
  void submit(unsigned wait_for = 0) {
    uring_kernel::enter(ring, std::exchange(added, 0U), wait_for, IORING_ENTER_GETEVENTS, nullptr, _NSIG / 8);
  }
  /// Returns what the completion of `name` says, which is there or comes.
  int result(std::uint64_t name) {
    for (;;) {
      unsigned const head = *ring.cq.khead;
      if (head == io_uring_smp_load_acquire(ring.cq.ktail)) {
        submit(1);
        continue;
      }
      io_uring_cqe const c = ring.cq.cqes[head & ring.cq.ring_mask];
      io_uring_smp_store_release(ring.cq.khead, head + 1);
      if (c.user_data == name) return c.res;
    }
  }

  io_uring ring{};
  unsigned added = 0;
};

void make_a_thread() {
  std::thread([] {}).join();
}
void make_many_threads() {
  std::latch all(40);
  std::vector<std::jthread> threads;
  for (int i = 0; i != 40; ++i) threads.emplace_back([&] { all.arrive_and_wait(); });
}
void make_a_worker() {
  bare_ring ring;
  io_uring_sqe& s = ring.add(1);
  s.opcode = IORING_OP_NOP;
  s.flags = IOSQE_ASYNC;
  ring.submit(1);
}
void make_a_polling_thread() { bare_ring const ring(IORING_SETUP_SQPOLL); }
void make_a_child() { static_cast<void>(in_a_child([] { return make_a_thread(), std::string(); })); }

struct event {
  char const* name;
  void (*happen)();
};
event const events[] = {
    {"nothing", [] {}},
    {"the first thread", make_a_thread},
    {"many threads", make_many_threads},
    {"the first worker of the kernel's", make_a_worker},
    {"a ring that the kernel polls", make_a_polling_thread},
    {"a child", make_a_child},
    {"a table of 1024", [] { static_cast<void>(set_slots(1024)); }},
    {"the table of all processes", [] { static_cast<void>(set_slots(0)); }},
    {"a table, then threads", [] { static_cast<void>(set_slots(16)), make_many_threads(); }},
};

/// Returns how often a wait on a loop's ring ends when `e` happens between it and its wake.
std::string wait_over(event const& e) {
  uring_loop loop;
  uring_loop::word w{0};
  bool woke = false;
  auto const waits = [&]() -> task<> { woke = (co_await loop.futex_wait(w, 0)).has_value(); };
  auto const gives_up = [&](std::stop_token done) -> task<> {
    co_await loop.sleep_for(5s, done);
    loop.stop();
  };
  start_detached(waits());
  loop.poll();
  e.happen();
  w.store(1);
  std_platform::futex_wake(&w, 1);
  std::stop_source done;
  start_detached(gives_up(done.get_token()));
  for (auto const end = std_platform::now() + 2s; !woke && std_platform::now() < end;) loop.poll();
  done.request_stop();
  loop.poll();
  return woke ? "woke" : "lost";
}

}  // namespace

TEST_CASE("in which table the waits are is said where there is a ring, and only there") {
  uring_support const& s = uring_support::probe();
  CHECK(s.waits.empty() == !s.ring);
  if (s.ring) MESSAGE(s.waits);
}

TEST_CASE("a futex wait of a loop is woken, whatever comes between" * doctest::skip(no_futex)) {
  for (event const& e : events) CHECK_MESSAGE(in_a_child([&] { return wait_over(e); }) == "woke", e.name);
}

TEST_CASE("a table that the user has fixed or made before is left as it is" * doctest::skip(no_futex || no_tables)) {
  using detail::futex_table;
  for (auto const& [wanted, expected] : {std::pair(0UL, futex_table::fixed), std::pair(64UL, futex_table::present)}) {
    for (event const& e : events) {
      CHECK_MESSAGE(in_a_child([&, n = wanted, how = expected] {
                      if (set_slots(n) != 0) return std::string("not set");
                      detail::futex_table const found = uring_loop().ring().table();
                      return wait_over(e) + (found == how && slots() >= 0 ? ", kept" : ", changed");
                    }) == "woke, kept",
                    e.name);
    }
  }
}

TEST_CASE("where PR_FUTEX_HASH is forbidden, a loop's waits are woken all the same" * doctest::skip(no_futex)) {
  for (int const error : {EPERM, ENOSYS, EINVAL}) {
    for (event const& e : events) {
      CHECK_MESSAGE(in_a_child([&] {
                      forbid(error, {SYS_prctl});
                      return wait_over(e);
                    }) == "woke",
                    e.name);
    }
  }
}

TEST_CASE("where neither PR_FUTEX_HASH nor a thread is to be had, a loop is refused, and the reason said" *
          doctest::skip(no_futex)) {
  CHECK(in_a_child([] {
          forbid(EPERM, {SYS_prctl, SYS_clone, SYS_clone3});
          uring_support const s = uring_support::look();
          return std::string(s.ring ? "ring" : "no ring") + ": " + s.why;
        }) == "no ring: PR_FUTEX_HASH is refused, and no thread can be made: EPERM");
}

TEST_CASE("in which table the waits are is reported" * doctest::skip(no_futex || no_tables)) {
  auto const said = [](auto before) {
    return in_a_child([&] {
      before();
      return uring_support::look().waits;
    });
  };
  CHECK(said([] {}) == "a table of this process, asked for before the first wait");
  CHECK(said([] { make_a_thread(); }) == "a table of this process, which was there");
  CHECK(said([] { static_cast<void>(set_slots(0)); }) ==
        "fixed to the table of all processes (PR_FUTEX_HASH_SET_SLOTS 0)");
  CHECK(said([] { forbid(EPERM, {SYS_prctl}); }) ==
        "a table of this process, brought by a thread, since PR_FUTEX_HASH is refused");
}

// ---- what is taken for granted of the kernel ----

TEST_CASE("the kernel: a wait in the process's own table is found for ever; one that was there before is not" *
          doctest::skip(no_calls || no_tables)) {
  auto const woken = [](auto before, auto after) {
    return in_a_child([&] {
      bare_ring ring;
      uring_loop::word w{0};
      before();
      ring.arm(w, 7);
      after();
      return std::to_string(wake(w, 1));
    });
  };
  auto const nothing = [] {};
  auto const table = [](unsigned long n) { return [n] { static_cast<void>(set_slots(n)); }; };
  CHECK(woken(nothing, nothing) == "1");
  CHECK(woken(table(16), make_many_threads) == "1");
  CHECK(woken(table(16), table(1024)) == "1");
  CHECK(woken(table(16), table(0)) == "1");
  CHECK(woken(table(0), make_many_threads) == "1");
  CHECK(woken(make_a_thread, make_many_threads) == "1");
  CHECK(woken(make_a_thread, make_a_worker) == "1");
  // This is why the loop does all this. If a kernel does better one day, nothing is lost.
  for (event const& e : {events[1], events[3], events[4], events[6]}) {
    std::string const n = woken(nothing, e.happen);
    if (n != "0") MESSAGE("a wait that was armed before " << e.name << " is found: " << n);
  }
}

TEST_CASE("the kernel: SET_SLOTS 0 is for good, and a child starts without a table" *
          doctest::skip(no_futex || no_tables)) {
  CHECK(in_a_child([] {
          int const first = set_slots(0);
          return std::to_string(first) + " " + std::to_string(set_slots(16)) + " " + std::to_string(slots());
        }) == "0 -16 0");
  CHECK(in_a_child([] {
          make_a_thread();
          bool const has = slots() > 0;
          return std::string(has ? "has, " : "has none, ") + in_a_child([] { return std::to_string(slots()); });
        }) == "has, 0");
}

TEST_CASE("the kernel: a flag says that task work is left, however little an enter brings" * doctest::skip(no_calls)) {
  CHECK(in_a_child([] {
          make_a_thread();
          uring_loop loop;
          uring_loop::word w{0};
          int woke = 0;
          auto const waits = [&]() -> task<> {
            if (co_await loop.futex_wait(w, 0)) ++woke;
          };
          for (int i = 0; i != 200; ++i) start_detached(waits());
          loop.poll();
          std::thread([&] { wake(w, 1000); }).join();
          loop.poll();  // one, not ten
          return std::to_string(woke);
        }) == "200");
}

TEST_CASE("the kernel: a cancellation that finds nothing says so, and the wait that is named later is not touched" *
          doctest::skip(no_calls)) {
  CHECK(in_a_child([] {
          make_a_thread();
          bare_ring ring;
          uring_loop::word w{0};
          ::io_uring_prep_cancel64(&ring.add(1), 7, 0);
          ring.last().user_data = 1;
          ring.submit();
          ring.arm(w, 7);
          int const cancelled = ring.result(1);
          long const woken = wake(w, 1);
          return std::to_string(cancelled == -ENOENT) + " " + std::to_string(woken) + " " +
                 std::to_string(ring.result(7));
        }) == "1 1 0");
}

TEST_CASE("the kernel: what is linked to a futex wait runs although the wait was cancelled" * doctest::skip(no_calls)) {
  // So nothing of ours is linked to a wait. If a kernel does otherwise one day, nothing is lost.
  std::string const said = in_a_child([] {
    make_a_thread();
    bare_ring ring;
    uring_loop::word w{0};
    uring_abi::prepare_futex(ring.add(7), uring_abi::op_futex_wait, &w, 0);
    ring.last().user_data = 7;
    ring.last().flags = IOSQE_IO_LINK;
    ring.add(8).opcode = IORING_OP_NOP;
    ring.submit();
    ::io_uring_prep_cancel64(&ring.add(1), 7, 0);
    ring.last().user_data = 1;
    ring.submit();
    return std::to_string(ring.result(8));
  });
  CHECK((said == "0" || said == std::to_string(-ECANCELED)));
  if (said != "0") MESSAGE("it does not run: " << said);
}

TEST_CASE("the kernel: a ring that was closed with a wait may swallow a wake; then it is gone" *
          doctest::skip(no_calls)) {
  // So a loop cancels its waits, and takes their completions, before it closes its ring.
  CHECK(in_a_child([] {
          make_a_thread();
          uring_loop::word w{0};
          bare_ring stays;
          {
            bare_ring goes;
            goes.arm(w, 1);
          }
          stays.arm(w, 2);
          long woken = 0;
          for (int i = 0; i != 2; ++i) woken += wake(w, 1);
          return std::string(woken >= 1 && stays.result(2) == 0 ? "woken by the second at the latest" : "lost");
        }) == "woken by the second at the latest");
}

TEST_CASE("a loop that has gone swallows no wake" * doctest::skip(no_calls)) {
  CHECK(in_a_child([] {
          int got = 0;
          for (int round = 0; round != 50; ++round) {
            uring_loop loop;
            uring_loop::word w{0};
            auto const waits = [&](uring_loop& on) -> task<> {
              if (co_await on.futex_wait(w, 0)) ++got;
            };
            std::thread([&] {
              uring_loop first_in_line;
              start_detached(waits(first_in_line));
              first_in_line.poll();
            }).join();
            start_detached(waits(loop));
            loop.poll();
            if (wake(w, 1) != 1) return std::string("not found");
            loop.run();
          }
          return std::to_string(got);
        }) == "50");
}

TEST_CASE("a static loop ends with the process, whatever waits there" * doctest::skip(no_futex)) {
  CHECK(in_a_child([]() -> std::string {
          static uring_loop loop;
          static uring_loop::word w{0};
          auto const waits = [&]() -> task<> {
            if (!(co_await loop.futex_wait(w, 0)).canceled()) ::_exit(5);
          };
          auto const sleeps = [&]() -> task<> {
            if (!(co_await loop.sleep_for(1h)).canceled()) ::_exit(6);
          };
          start_detached(waits());
          start_detached(sleeps());
          loop.poll();
          ::close(STDOUT_FILENO);  // what the parent has buffered is the parent's to write
          std::exit(0);
        }) == "");
}

// ---- fork ----

namespace {

/// Makes a loop of the parent's, at work, and returns what a child says in which f(loop) was called.
template <class F> std::string in_a_child_of_a_loop(F f) {
  return in_a_child([&] {
    auto loop = std::make_unique<uring_loop>();
    uring_loop::word w{0};
    int woke = 0;
    auto const waits = [&]() -> task<> {
      if (co_await loop->futex_wait(w, 0)) ++woke;
    };
    auto const sleeps = [&]() -> task<> { co_await loop->sleep_for(1ms); };
    start_detached(waits());
    start_detached(sleeps());
    loop->poll();
    std::string const said = in_a_child([&] { return f(loop); });
    // The parent's loop does not notice.
    w.store(1);
    std_platform::futex_wake(&w, 1);
    loop->run();
    return said + (woke == 1 && loop->block_on(loop->nop()).has_value() ? "" : ", and the parent's loop is broken");
  });
}
struct nothing_to_do : work<std_platform> {
  nothing_to_do() : work<std_platform>([](work<std_platform>&) noexcept {}) {}
};

}  // namespace

TEST_CASE("a forked child that runs its parent's loop is told so" * doctest::skip(no_ring || no_futex)) {
  std::string const sentence = "surewake: this uring_loop is the parent process's: a forked child makes its own";
  auto const refused = [](auto call) {
    return in_a_child_of_a_loop([&](std::unique_ptr<uring_loop>& loop) {
      try {
        call(*loop);
      } catch (std::logic_error const& e) {
        return std::string(e.what());
      }
      return std::string("it ran");
    });
  };
  CHECK(refused([](uring_loop& loop) { loop.run(); }) == sentence);
  CHECK(refused([](uring_loop& loop) { loop.poll(); }) == sentence);
  CHECK(refused([](uring_loop& loop) { loop.block_on(loop.nop()); }) == sentence);
}

TEST_CASE("a forked child that posts to its parent's loop ends with a message" * doctest::skip(no_ring || no_futex)) {
  std::string const said = in_a_child_of_a_loop([](std::unique_ptr<uring_loop>& loop) {
    nothing_to_do w;
    loop->post(w);
    return std::string("posted");
  });
  CHECK_MESSAGE(said.find("a forked child posted to a uring_loop of its parent's") != std::string::npos, said);
  CHECK_MESSAGE(said.ends_with(" [signal 6]"), said);
}

TEST_CASE("a forked child has no loop, may destroy its parent's, and makes its own" *
          doctest::skip(no_ring || no_futex)) {
  for (bool const destroys : {false, true}) {
    CHECK(in_a_child_of_a_loop([=](std::unique_ptr<uring_loop>& parents) {
            std::string said = uring_loop::current() == nullptr ? "none" : "one";
            nothing_to_do w;
            parents->stop();
            said += parents->withdraw(w) ? ", withdrawn" : "";
            if (destroys) parents.reset();
            said += ", " + wait_over(events[1]);
            uring_loop own;
            return said + (own.block_on(own.nop()).has_value() ? ", works" : ", broken");
          }) == "none, woke, works");
  }
}

TEST_CASE("a coroutine that waits on its parent's loop may be destroyed in a forked child" * doctest::skip(no_ring)) {
  CHECK(in_a_child([] {
          int ends[2];
          if (::pipe(ends) != 0) return std::string("pipe");
          uring_loop loop;
          std::byte b[4];
          bool was_read = false;
          auto const reads = [&]() -> plain {
            io_result const n = co_await loop.read(ends[0], b);
            was_read = n.has_value();
            loop.stop();
          };
          std::unique_ptr<plain> reader(new plain(reads()));
          loop.poll();
          std::string const child = in_a_child([&] {
            reader.reset();
            return std::string("destroyed");
          });
          auto const writes = [](uring_loop& on, int fd) -> task<> {
            co_await on.sleep_for(1ms);
            if (::write(fd, "x", 1) != 1) ::_exit(4);
          };
          start_detached(writes(loop, ends[1]));
          loop.run();
          return child + (was_read ? ", read" : ", lost");
        }) == "destroyed, read");
}

// Whatever the result of its wait is, only the parent's loop runs it.
TEST_CASE("a coroutine of its parent's loop may be destroyed in a forked child, before the loop or after it" *
          doctest::skip(no_ring)) {
  for (bool const loop_first : {false, true}) {
    CHECK(in_a_child([=] {
            auto loop = std::make_unique<uring_loop>();
            scripted s(0);
            auto const sleeps = [&]() -> plain { co_await loop->sleep_for(1h); };
            auto const hops = [&]() -> plain { co_await loop->schedule(); };
            auto const waits = [&]() -> plain { static_cast<void>(co_await s.acquire()); };
            auto const waits_an_hour = [&]() -> plain { static_cast<void>(co_await s.acquire_for(1h)); };
            std::vector<std::unique_ptr<plain>> mine;
            for (int i = 0; i != 2; ++i) {
              mine.emplace_back(new plain(waits()));
              mine.emplace_back(new plain(waits_an_hour()));
            }
            std::thread([&] { s.add_permits(2); }).join();  // the first two are on their way home
            std::vector<std::unique_ptr<plain>> of_the_loop;
            of_the_loop.emplace_back(new plain(sleeps()));
            of_the_loop.emplace_back(new plain(hops()));
            return in_a_child([&] {
              if (!loop_first) {
                mine.clear();
                of_the_loop.clear();
              }
              loop.reset();
              mine.clear();
              for (auto& p : of_the_loop) static_cast<void>(p.release());  // they must not outlive it
              return std::string();
            });
          }) == "");
  }
}

TEST_CASE("a loop that runs while a coroutine forks says in the child whose it is, and touches the ring no more" *
          doctest::skip(no_futex)) {
  for (bool const blocks : {false, true}) {
    CHECK(in_a_child([=] {
            uring_loop loop;
            int child_ran = 0;
            bool in_child = false;
            std::string child;
            auto const other = [&]() -> task<> {
              for (int i = 0; i != 3; ++i) {
                co_await loop.nop();
                child_ran += in_child ? 1 : 0;
              }
            };
            auto const forks = [&]() -> task<> {
              co_await loop.nop();
              start_detached(other());  // its request is not submitted yet
              pid_t const id = ::fork();
              in_child = id == 0;
              if (in_child) co_return;
              int status = 0;
              ::waitpid(id, &status, 0);
              child += how_it_ended(status);
              co_await loop.nop();
            };
            std::string said;
            try {
              if (blocks) {
                loop.block_on(forks());
              } else {
                start_detached(forks());
                loop.run();
              }
            } catch (std::logic_error const&) {
              said = "told";
            }
            if (in_child) ::_exit(child_ran == 0 && said == (blocks ? "" : "told") ? 0 : 1);
            loop.run();
            return child + said;
          }) == "exit 0");
  }
}

TEST_CASE("in a child that a coroutine forked, the child's own loop is the home of what waits there" *
          doctest::skip(no_ring)) {
  CHECK(in_a_child([] {
          uring_loop loop;
          std::string child;
          auto const waits = [](scripted& s, uring_loop& own, std::string& said) -> task<> {
            static_cast<void>(co_await s.acquire());
            said = own.on_own_thread() ? "at home" : "elsewhere";
          };
          auto const forks = [&]() -> task<> {
            co_await loop.schedule();
            child = in_a_child([&] {
              uring_loop own;
              scripted s(0);
              std::string said = "nowhere";
              start_detached(waits(s, own, said));
              std::thread([&] { s.add_permits(1); }).join();
              own.run();
              return said;
            });
          };
          loop.block_on(forks());
          return child;
        }) == "at home");
}

}  // namespace process_test
