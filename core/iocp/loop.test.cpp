#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/coroutine/when_all.hpp>
#include <surewake/core/iocp/loop.hpp>
#include <surewake/core/iocp/pipe.test.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace iocp_loop_test {

using namespace surewake;
using namespace std::chrono_literals;

static_assert(executor<iocp_loop, std_platform>);

namespace {

using testing::pipe_pair;
using testing::plain;

HANDLE handle(io_result r) { return iocp_operation::to_handle(r.value()); }

/// The name of a file of this test's own, which is removed with this object.
struct scratch_file {
  scratch_file() {
    std::array<wchar_t, MAX_PATH> folder{}, name{};
    REQUIRE(::GetTempPathW(MAX_PATH, folder.data()) != 0);
    REQUIRE(::GetTempFileNameW(folder.data(), L"swk", 0, name.data()) != 0);
    path = name.data();
  }
  scratch_file(scratch_file const&) = delete;
  scratch_file& operator=(scratch_file const&) = delete;
  ~scratch_file() { ::DeleteFileW(path.c_str()); }
  std::wstring path;
};

struct counting_work : work<std_platform> {
  counting_work() : work<std_platform>([](work<std_platform>& w) noexcept { ++static_cast<counting_work&>(w).runs; }) {}
  int runs = 0;
};

}  // namespace

TEST_CASE("a thread has one loop, and knows it") {
  CHECK(iocp_loop::current() == nullptr);
  {
    iocp_loop loop;
    CHECK(iocp_loop::current() == &loop);
    CHECK_THROWS_WITH_AS(iocp_loop second, "surewake: this thread has an iocp_loop", std::logic_error);
    CHECK(iocp_loop::current() == &loop);
    std::jthread([&] {
      CHECK(iocp_loop::current() == nullptr);
      CHECK(!loop.on_own_thread());
      CHECK_THROWS_AS(loop.run(), std::logic_error);
    }).join();
  }
  CHECK(iocp_loop::current() == nullptr);
}

TEST_CASE("block_on yields what it awaits, or throws it") {
  iocp_loop loop;
  CHECK(loop.block_on([](iocp_loop& l) -> task<int> {
    co_await l.schedule();
    co_return 7;
  }(loop)) == 7);
  CHECK_THROWS_AS(loop.block_on([](iocp_loop& l) -> task<> {
    co_await l.schedule();
    throw std::runtime_error("no");
  }(loop)), std::runtime_error);
}

TEST_CASE("a file is written, closed, opened and read to its end") {
  iocp_loop loop;
  scratch_file const file;
  loop.block_on([](iocp_loop& l, std::wstring const& path) -> task<> {
    std::array<std::byte, 6> const text{std::byte{'w'}, std::byte{'a'}, std::byte{'k'}, std::byte{'i'}, std::byte{'n'},
                                        std::byte{'g'}};
    HANDLE const out = handle(co_await l.open(path.c_str(), GENERIC_WRITE, 0, CREATE_ALWAYS));
    CHECK((co_await l.write(out, text)).value() == 6);
    CHECK((co_await l.write(out, text, 6)).value() == 6);
    CHECK((co_await l.close(out)).value() == 0);
    HANDLE const in = handle(co_await l.open(path.c_str(), GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING));
    std::array<std::byte, 16> read{};
    CHECK((co_await l.read(in, read, 4)).value() == 8);
    CHECK(read[0] == std::byte{'n'});
    CHECK(read[2] == std::byte{'w'});
    CHECK((co_await l.read(in, read, 12)).value() == 0);
    CHECK((co_await l.close(in)).value() == 0);
  }(loop, file.path));
}

TEST_CASE("a stop cancels a read that waits, and the pipe goes on") {
  iocp_loop loop;
  pipe_pair p;
  loop.associate(p.ours);
  std::array<std::byte, 8> bytes{};
  for (bool const from_outside : {false, true}) {
    std::stop_source stop;
    std::jthread stopper;
    if (from_outside) {
      stopper = std::jthread([&] {
        std::this_thread::sleep_for(5ms);
        stop.request_stop();
      });
    } else {
      start_detached([](iocp_loop& l, std::stop_source& s) -> task<> {
        co_await l.sleep_for(2ms);
        s.request_stop();
      }(loop, stop));
    }
    CHECK(loop.block_on(loop.read(p.ours, bytes, 0, stop.get_token())).canceled());
  }
  p.write('y');
  CHECK(loop.block_on(loop.read(p.ours, bytes)).value() == 1);
}

TEST_CASE("a result that came before the stop wins, and a stop that came first ends it at once") {
  iocp_loop loop;
  pipe_pair p;
  loop.associate(p.ours);
  p.write('z');
  std::array<std::byte, 8> bytes{};
  int const read = loop.block_on([](iocp_loop& l, HANDLE file, std::span<std::byte> to) -> task<int> {
    std::stop_source stop;
    auto both = when_all(
        [](iocp_loop& m, HANDLE f, std::span<std::byte> t, std::stop_token s) -> task<int> {
          co_return (co_await m.read(f, t, 0, s)).value();
        }(l, file, to, stop.get_token()),
        [](std::stop_source& s) -> task<int> {
          s.request_stop();
          co_return 0;
        }(stop));
    co_return std::get<0>(co_await std::move(both));
  }(loop, p.ours, bytes));
  CHECK(read == 1);
  std::stop_source stopped;
  stopped.request_stop();
  CHECK(loop.block_on(loop.read(p.ours, bytes, 0, stopped.get_token())).canceled());
  scratch_file const file;
  CHECK(loop.block_on(loop.open(file.path.c_str(), GENERIC_READ, 0, OPEN_EXISTING, 0, stopped.get_token())).canceled());
}

TEST_CASE("a file that was opened for a coroutine that has gone is closed again") {
  iocp_loop loop;
  scratch_file const file;
  {
    plain const opener = [](iocp_loop& l, wchar_t const* path) -> plain {
      co_await l.open(path, GENERIC_READ, 0, OPEN_EXISTING);  // nobody else may have it open
    }(loop, file.path.c_str());
  }
  HANDLE const again = handle(loop.block_on(loop.open(file.path.c_str(), GENERIC_WRITE, 0, OPEN_EXISTING)));
  {
    plain const closer = [](iocp_loop& l, HANDLE h) -> plain { co_await l.close(h); }(loop, again);
  }
  CHECK(handle(loop.block_on(loop.open(file.path.c_str(), GENERIC_WRITE, 0, OPEN_EXISTING))) != nullptr);
}

TEST_CASE("timers fire in the order of their deadlines, never early") {
  iocp_loop loop;
  std::vector<int> order;
  auto const start = std_platform::now();
  auto const sleeper = [](iocp_loop& l, std::vector<int>& o, int n) -> task<> {
    co_await l.sleep_for(std::chrono::milliseconds(n));
    o.push_back(n);
  };
  start_detached(sleeper(loop, order, 12));
  start_detached(sleeper(loop, order, 3));
  loop.run();
  CHECK(order == std::vector{3, 12});
  CHECK(std_platform::now() - start >= 12ms);
  auto const then = std::chrono::system_clock::now() + 3ms;
  CHECK(*loop.block_on(loop.sleep_until(then)) == 0);
  CHECK(std::chrono::system_clock::now() >= then);
  std::stop_source stop;
  start_detached([](iocp_loop& l, std::stop_source& s) -> task<> {
    co_await l.schedule();
    s.request_stop();
  }(loop, stop));
  CHECK(loop.block_on(loop.sleep_for(1h, stop.get_token())).canceled());
}

TEST_CASE("work that other threads post runs on the loop's thread, also when it sleeps, and can be withdrawn") {
  iocp_loop loop;
  std::array<counting_work, 3> items;
  counting_work never;
  loop.post(never);
  CHECK(loop.withdraw(never));
  CHECK_FALSE(loop.withdraw(never));
  std::jthread poster([&] {
    for (counting_work& w : items) {
      std::this_thread::sleep_for(2ms);
      loop.post(w);
    }
    std::this_thread::sleep_for(2ms);
    loop.stop();
  });
  detail::timer stays{[](detail::timer&) noexcept {}};
  loop.arm(stays, detail::timer::time_point::max());
  loop.run();
  CHECK(loop.disarm(stays));
  for (counting_work const& w : items) CHECK(w.runs == 1);
  CHECK(never.runs == 0);
}

TEST_CASE("many threads post, and every item runs once") {
  iocp_loop loop;
  std::vector<std::unique_ptr<counting_work>> items(4 * 500);
  for (auto& w : items) w = std::make_unique<counting_work>();
  {
    std::vector<std::jthread> posters;
    std::atomic<int> left{4};
    for (std::size_t t = 0; t < 4; ++t) {
      posters.emplace_back([&, t] {
        for (std::size_t i = 0; i < 500; ++i) loop.post(*items[t * 500 + i]);
        if (--left == 0) loop.stop();
      });
    }
    detail::timer stays{[](detail::timer&) noexcept {}};
    loop.arm(stays, detail::timer::time_point::max());
    loop.run();
    loop.disarm(stays);
  }
  loop.poll();
  for (auto const& w : items) CHECK(w->runs == 1);
}

TEST_CASE("a loop that is destroyed cancels what waits on it, and resumes it") {
  std::vector<io_result> results;
  pipe_pair p;
  std::array<std::byte, 8> bytes{};
  {
    iocp_loop loop;
    loop.associate(p.ours);
    start_detached([](iocp_loop& l, HANDLE file, std::span<std::byte> to, std::vector<io_result>& r) -> task<> {
      r.push_back(co_await l.read(file, to));
      r.push_back(co_await l.sleep_for(1ms));
    }(loop, p.ours, bytes, results));
    loop.poll();
    CHECK(results.empty());
  }
  REQUIRE(results.size() == 2);
  for (io_result const r : results) CHECK(r.canceled());
}

TEST_CASE("what is awaited on another thread brings the coroutine to the loop's") {
  iocp_loop loop;
  std::thread::id ran;
  detail::timer stays{[](detail::timer&) noexcept {}};
  loop.arm(stays, detail::timer::time_point::max());
  std::jthread([&] {
    start_detached([](iocp_loop& l, std::thread::id& r) -> task<> {
      co_await l.sleep_for(1ms);
      r = std::this_thread::get_id();
      l.stop();
    }(loop, ran));
  }).join();
  loop.run();
  loop.disarm(stays);
  CHECK(ran == std::this_thread::get_id());
}

}  // namespace iocp_loop_test
