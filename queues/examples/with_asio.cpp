// Asio's own coroutines under a limit: at most two are inside, and one of them waits no longer than it likes to.
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <surewake/asio.hpp>
#include <surewake/semaphore.hpp>

#include <chrono>
#include <cstdio>

namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using asio::use_awaitable;

asio::awaitable<void> fetch(surewake::semaphore& limit, int number) {
  auto const permit = co_await surewake::async_acquire(limit, use_awaitable);  // gives back when it ends
  asio::steady_timer request(co_await asio::this_coro::executor, 5ms);
  co_await request.async_wait(use_awaitable);
  if (limit.in_use() > 2) std::puts("never");
  std::printf("fetched %d\n", number);
}

asio::awaitable<void> hurry(surewake::semaphore& limit) {
  asio::steady_timer patience(co_await asio::this_coro::executor, 1ms);
  auto const first = co_await (surewake::async_acquire(limit, use_awaitable) || patience.async_wait(use_awaitable));
  std::puts(first.index() == 0 ? "never" : "gave up");  // its wait was withdrawn
}

}  // namespace

int main() {
  asio::io_context context;
  surewake::semaphore limit(2);
  for (int i = 0; i < 6; ++i) asio::co_spawn(context, fetch(limit, i), asio::detached);
  asio::co_spawn(context, hurry(limit), asio::detached);
  context.run();
  std::printf("%td of %td permits free\n", limit.available_permits(), limit.max_permits());
}
