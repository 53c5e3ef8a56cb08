// io_uring is switched off while the program runs: after the probe, between two loops, under a loop that is working.
// Each test is a process of its own, because a filter is for good.
#include <surewake/core/uring/open_descriptors.test.hpp>
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/uring/loop.hpp>
#include <surewake/core/uring/support.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <thread>

namespace switched_off_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

bool const no_ring = !uring_support::probe().ring;
bool const no_futex = !uring_support::probe().futex;
std::vector<long> const all_calls{SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register};
std::vector<long> const futex2_calls{uring_abi::sys_futex_wake, uring_abi::sys_futex_wait,
                                     uring_abi::sys_futex_requeue};

/// `none`, or what its constructor threw.
std::string made_a_loop() {
  try {
    uring_loop const loop;
    return "none";
  } catch (std::system_error const& e) {
    return e.what();
  }
}

std::string yes_or_no(bool b) { return b ? "yes" : "no"; }

/// One of each kind, so that nothing on the way is left out.
bool works(uring_loop& loop) {
  if (!loop.block_on(loop.nop()).has_value() || !loop.block_on(loop.sleep_for(1ms)).has_value()) return false;
  io_result const fd = loop.block_on(loop.openat(AT_FDCWD, "/proc/self/stat", O_RDONLY));
  std::byte b[16];
  if (!fd.has_value()) return false;
  io_result const n = loop.block_on(loop.read(*fd, b));
  return n.has_value() && *n == sizeof b && loop.block_on(loop.close(*fd)).has_value();
}

}  // namespace

TEST_CASE("after the probe: a loop cannot be made, its constructor says why, and the thread can still have none" *
          doctest::skip(no_ring)) {
  CHECK(in_a_child([] {
          forbid(EPERM, all_calls);
          uring_support const now = uring_support::look();
          return yes_or_no(uring_support::probe().ring) + " then, " + yes_or_no(now.ring) + " now: " + now.why;
        }) == "yes then, no now: io_uring_setup: EPERM (seccomp)");
  CHECK(in_a_child([] {
          forbid(EPERM, all_calls);
          return made_a_loop() + "; " + made_a_loop() + "; " + yes_or_no(uring_loop::current() != nullptr);
        }) == "surewake: io_uring_setup: Operation not permitted; "
              "surewake: io_uring_setup: Operation not permitted; no");
}

TEST_CASE("io_uring_enter alone: a loop cannot be made either, nothing is left behind, and what waits does so without" *
          doctest::skip(no_ring)) {
  for (int const error : {EPERM, ENOSYS, EACCES}) {
    CHECK(in_a_child([error] {
            forbid(error, {SYS_io_uring_enter});
            auto const before = open_descriptors();
            std::string const said = made_a_loop();
            uring_support const now = uring_support::look();
            if (now.why.find("io_uring_enter: E") != 0) return "why: " + now.why;
            return yes_or_no(now.ring || now.futex) + yes_or_no(open_descriptors() == before) +
                   said.substr(0, said.rfind(':'));
          }) == "noyessurewake: io_uring_enter");
  }
}

TEST_CASE("between two loops: the one that is there works on, the next one is refused" * doctest::skip(no_ring)) {
  CHECK(in_a_child([] {
          uring_loop loop;
          forbid(EPERM, {SYS_io_uring_setup, SYS_io_uring_register});
          std::string elsewhere;
          std::thread([&] { elsewhere = made_a_loop(); }).join();  // a thread inherits the filter
          return yes_or_no(works(loop)) + "; " + elsewhere;
        }) == "yes; surewake: io_uring_setup: Operation not permitted");
}

TEST_CASE("on one thread only: the loops of others work, and so do posts between them" * doctest::skip(no_ring)) {
  CHECK(in_a_child([] {
          uring_loop loop;
          std::string elsewhere;
          std::thread([&] {
            forbid(EPERM, all_calls);
            elsewhere = made_a_loop();
            loop.stop();  // wakes it
          }).join();
          loop.run();
          return yes_or_no(works(loop)) + "; " + elsewhere;
        }) == "yes; surewake: io_uring_setup: Operation not permitted");
}

TEST_CASE("without io_uring_register the operations are tried instead of asked for" * doctest::skip(no_futex)) {
  CHECK(in_a_child([] {
          forbid(EPERM, {SYS_io_uring_register});
          uring_loop loop;
          return yes_or_no(works(loop)) + ", futex: " + yes_or_no(uring_support::look().futex);
        }) == "yes, futex: yes");
}

TEST_CASE("under a working loop: the process ends with a message, since the kernel may write to its frames for ever" *
          doctest::skip(no_ring)) {
  for (int const error : {EPERM, ENOSYS, EACCES}) {
    for (bool const in_flight : {false, true}) {
      std::string const said = in_a_child([&] {
        uring_loop loop;
        int ends[2];
        if (::pipe(ends) != 0) return std::string("pipe");
        std::byte b[8];
        uring_operation reads([](work<std_platform>&) noexcept {});
        ::io_uring_prep_read(&reads.request(), ends[0], b, sizeof b, 0);
        if (in_flight) {
          loop.start(reads);
          loop.poll();
        }
        forbid(error, {SYS_io_uring_enter});
        return yes_or_no(loop.block_on(loop.nop()).has_value());
      });
      CHECK_MESSAGE(said.find("io_uring_enter") != std::string::npos, said);
      CHECK_MESSAGE(said.ends_with(" [signal 6]"), said);
    }
  }
}

TEST_CASE("the futex2 calls switched off: a thread without a ring still wakes a loop's waits" *
          doctest::skip(no_futex)) {
  CHECK(in_a_child([] {
          uring_loop loop;
          forbid(EPERM, futex2_calls);
          std_platform::atomic<std::uint32_t> word{0};
          std::thread waker([&] {
            std::this_thread::sleep_for(5ms);
            word.store(1);
            std_platform::futex_wake(&word, 1);
          });
          io_result const r = loop.block_on(loop.futex_wait(word, 0));
          waker.join();
          return yes_or_no(r.has_value() || r.error() == std::errc::resource_unavailable_try_again);
        }) == "yes");
}

}  // namespace switched_off_test
