// Uses the event loop, and says why where the kernel has none to offer.
#include <surewake/core/uring/loop.hpp>
#include <surewake/core/uring/support.hpp>
#include <surewake/semaphore.hpp>

#include <cstdio>
#include <string>

namespace {

surewake::task<std::string> first_line(surewake::uring_loop& loop, surewake::semaphore& limit, char const* path) {
  auto const permit = co_await limit.acquire_on(loop);
  auto const fd = co_await loop.openat(AT_FDCWD, path, O_RDONLY);
  std::string text(4096, ' ');
  auto const n = co_await loop.read(fd.value(), std::as_writable_bytes(std::span(text)));
  (void)co_await loop.close(*fd);
  text.resize(static_cast<std::size_t>(n.value()));
  co_return text.substr(0, text.find('\n'));
}

}  // namespace

int main() {
  surewake::uring_support const& support = surewake::uring_support::probe();
  if (!support.ring) {
    std::printf("consumer: no ring: %s\n", support.why.c_str());
    return support.why.empty() ? 1 : 0;
  }
  surewake::uring_loop loop;
  surewake::semaphore limit(1);
  std::string const line = loop.block_on(first_line(loop, limit, "/proc/version"));
  std::printf("consumer: %s\n", line.c_str());
  return line.starts_with("Linux") ? 0 : 1;
}
