// surewake/bench/peers/fiber.cpp: a semaphore of Boost.Fiber: its mutex and condition variable around a count.
#include <surewake/bench/peers/compiled.hpp>
#include <surewake/bench/peers/mutex_condvar.hpp>
#include <surewake/bench/peers/thread_peer.hpp>

#include <boost/fiber/condition_variable.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/mutex.hpp>

namespace surewake::bench {
namespace {

struct fiber_semaphore : condition_semaphore<boost::fibers::mutex, boost::fibers::condition_variable> {
  static constexpr char const* name = "Boost.Fiber mutex + condition";
  static constexpr char const* package = "Boost";
  using condition_semaphore::condition_semaphore;
};

/// Two fibers of one thread that wake each other; the first one is the caller.
struct fiber_game {
  std::uint64_t rounds;
  std::uint64_t answers = 0;
  fiber_semaphore there{0};
  fiber_semaphore back{0};
  boost::fibers::fiber other{};
};

constexpr peer_game two_fibers{
    .prepare = [](std::uint64_t rounds) -> void* {
      auto* const game = new fiber_game{.rounds = rounds};
      game->other = boost::fibers::fiber(boost::fibers::launch::dispatch, [game] {  // it runs until it waits
        for (std::uint64_t i = 0; i < game->rounds; ++i) {
          game->there.acquire();
          ++game->answers;
          game->back.release();
        }
      });
      return game;
    },
    .run = [](void* g) {
      auto& game = *static_cast<fiber_game*>(g);
      for (std::uint64_t i = 0; i < game.rounds; ++i) {
        game.there.release();
        game.back.acquire();
      }
    },
    .finish = [](void* g) {
      auto* const game = static_cast<fiber_game*>(g);
      game->other.join();
      bool const right = game->answers == game->rounds && free_permits(game->there) + free_permits(game->back) == 0;
      delete game;
      return right;
    }};

}  // namespace

peer fiber_peer() {
  peer p = thread_peer<fiber_semaphore>();
  p.two_semaphores = &two_fibers;
  return p;
}

}  // namespace surewake::bench
