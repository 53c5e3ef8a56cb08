#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/iocp/loop.hpp>
#include <surewake/core/iocp/pipe.test.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <memory>
#include <thread>

namespace iocp_requests_test {

using namespace surewake;
using namespace std::chrono_literals;
using testing::pipe_pair;
using testing::plain;

TEST_CASE("what Windows refuses is a result, with its own error") {
  iocp_loop loop;
  io_result const none = loop.block_on(loop.open(L"C:\\no\\such\\file", GENERIC_READ, 0, OPEN_EXISTING));
  REQUIRE_FALSE(none);
  CHECK(none.error().value() == ERROR_PATH_NOT_FOUND);
  CHECK(none.error() == std::errc::no_such_file_or_directory);
  CHECK_FALSE(none.canceled());
  std::array<std::byte, 4> bytes{};
  CHECK(loop.block_on(loop.read(nullptr, bytes)).error().value() == ERROR_INVALID_HANDLE);
  CHECK_THROWS_AS(loop.associate(nullptr), std::system_error);
}

TEST_CASE("a handle belongs to one port") {
  iocp_loop loop;
  pipe_pair p;
  loop.associate(p.ours);
  std::jthread([&] {
    iocp_loop other;
    CHECK_THROWS_AS(other.associate(p.ours), std::system_error);
  }).join();
}

TEST_CASE("a read of a pipe ends when something was written, and with an error when the other end has gone") {
  iocp_loop loop;
  pipe_pair p;
  loop.associate(p.ours);
  std::array<std::byte, 8> bytes{};
  std::jthread writer([&] {
    std::this_thread::sleep_for(5ms);
    p.write('x');
  });
  CHECK(loop.block_on(loop.read(p.ours, bytes)).value() == 1);
  CHECK(bytes[0] == std::byte{'x'});
  writer.join();
  p.drop();
  CHECK(loop.block_on(loop.read(p.ours, bytes)).error().value() == ERROR_BROKEN_PIPE);
}

TEST_CASE("a coroutine that is destroyed while its read waits leaves nothing behind in Windows") {
  iocp_loop loop;
  pipe_pair p;
  loop.associate(p.ours);
  auto bytes = std::make_unique<std::array<std::byte, 8>>();
  {
    plain const reader = [](iocp_loop& l, HANDLE file, std::span<std::byte> to) -> plain {
      co_await l.read(file, to);
    }(loop, p.ours, *bytes);
    loop.poll();
  }
  bytes.reset();
  p.write('n');  // would be read into the buffer that is gone
  std::array<std::byte, 8> others{};
  CHECK(loop.block_on(loop.read(p.ours, others)).value() == 1);
}

}  // namespace iocp_requests_test
