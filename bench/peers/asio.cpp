// surewake/bench/peers/asio.cpp: a semaphore of Asio: its experimental channel, whose messages are the free permits.
// Each carries a number that no code reads, because Asio 1.22 cannot compile a channel of error codes alone.
#include <surewake/bench/peers/compiled.hpp>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/channel.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

namespace surewake::bench {
namespace {

/// For the tasks of one thread.
struct channel_semaphore {
  explicit channel_semaphore(std::size_t permits) : free(context, most) { add(permits); }
  [[nodiscard]] asio::awaitable<int> acquire() { return free.async_receive(asio::use_awaitable); }
  bool try_acquire() {
    return free.try_receive([](asio::error_code, int) {});
  }
  void add(std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) free.try_send(asio::error_code{}, 0);
  }
  [[nodiscard]] std::size_t count() {
    std::size_t n = 0;
    while (try_acquire()) ++n;
    add(n);
    return n;
  }

  static constexpr std::size_t most = 1 << 20;  // permits
  asio::io_context context{1};
  asio::experimental::channel<void(asio::error_code, int)> free;
};

channel_semaphore& of(void* s) noexcept { return *static_cast<channel_semaphore*>(s); }

asio::awaitable<void> loop(channel_semaphore& s, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) {
    co_await s.acquire();
    s.add(1);
  }
}

struct channel_game {
  std::uint64_t rounds;
  unsigned ended = 0;
  asio::io_context context{1};
  asio::experimental::channel<void(asio::error_code, int)> there{context, 1};
  asio::experimental::channel<void(asio::error_code, int)> back{context, 1};
};

asio::awaitable<void> first(channel_game& g) {
  for (std::uint64_t i = 0; i < g.rounds; ++i) {
    g.there.try_send(asio::error_code{}, 0);
    co_await g.back.async_receive(asio::use_awaitable);
  }
  ++g.ended;
}

asio::awaitable<void> second(channel_game& g) {
  for (std::uint64_t i = 0; i < g.rounds; ++i) {
    co_await g.there.async_receive(asio::use_awaitable);
    g.back.try_send(asio::error_code{}, 0);
  }
  ++g.ended;
}

constexpr peer_game two_tasks{
    .prepare = [](std::uint64_t rounds) -> void* {
      auto* const game = new channel_game{.rounds = rounds};
      asio::co_spawn(game->context, second(*game), asio::detached);
      game->context.poll();
      game->context.restart();
      return game;
    },
    .run = [](void* g) {
      auto& game = *static_cast<channel_game*>(g);
      asio::co_spawn(game.context, first(game), asio::detached);
      game.context.run();
    },
    .finish = [](void* g) {
      auto* const game = static_cast<channel_game*>(g);
      bool const right = game->ended == 2;
      delete game;
      return right;
    }};

}  // namespace

peer asio_peer() {
  peer p{};
  p.name = "Asio experimental channel";
  p.package = "Asio";
  p.withdrawal = "cancellation slot";
  p.make = [](std::size_t permits) -> void* { return new channel_semaphore(permits); };
  p.destroy = [](void* s) { delete &of(s); };
  p.free_permits = [](void* s) { return of(s).count(); };
  p.release = [](void* s, std::size_t n) { of(s).add(n); };
  p.await_loop = [](void* s, std::uint64_t n) {
    asio::co_spawn(of(s).context, loop(of(s), n), asio::detached);
    of(s).context.run();
    of(s).context.restart();
  };
  p.two_semaphores = &two_tasks;
  return p;
}

}  // namespace surewake::bench
