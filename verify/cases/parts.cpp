// Parts of core that no semaphore executes: how coroutines end on other threads, what threads share, signals to a loop.
#include <surewake/models/lifetime/loop_signalled.hpp>
#include <surewake/models/lifetime/made_by_first.hpp>
#include <surewake/models/waking/release_in_window.hpp>
#include <surewake/models/waking/sync_wait_ends.hpp>
#include <surewake/models/waking/scope_ends.hpp>
#include <surewake/models/waking/when_all_ends.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace surewake::verify {

/// A platform on which a spin looks once, where the other ones do not look.
struct spinning_platform : checked_platform {
  template <class T, class Pred>
  static bool spin(atomic<T> const& word, Pred pred, order o, std::chrono::nanoseconds, where at = where::current()) {
    return pred(word.load(o, at));
  }
};

}  // namespace surewake::verify

namespace cases_of_parts {

using namespace surewake;
using namespace surewake::verify;
using models::loop_is;
using P = checked_platform;

suite const children_end =
    suite("when_all_ends").add<models::when_all_ends<P>>().add<models::when_all_ends<P>>({}, everything());

suite const scope_is_joined =
    suite("scope_ends").add<models::scope_ends<P>>().add<models::scope_ends<P>>({}, everything());

suite const blocked_ends =
    suite("sync_wait_ends").add<models::sync_wait_ends<P>>().add<models::sync_wait_ends<P>>({}, everything());

suite const shared =
    suite("made_by_first").add<models::made_by_first<P>>().add<models::made_by_first<P>>({}, everything());

suite const signals = suite("loop_signalled")
                          .add<models::loop_signalled<P, loop_is::stopped>>({.variant = "stopped"}, everything())
                          .add<models::loop_signalled<P, loop_is::posted_to>>({.variant = "posted_to"}, everything());

suite const spins =
    suite("release_in_window")
        .add<models::release_in_window<spinning_platform, mutex_deque>>(
            {.queue = "mutex_deque", .discipline = "hand_off", .variant = "spins"});

}  // namespace cases_of_parts
