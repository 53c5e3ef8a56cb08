// Published mistakes of other projects: each fails as published and passes repaired, in the same shape.
// `@sc` tells whether it takes weak memory.
#include <surewake/models/published/cancel_after_commit.hpp>
#include <surewake/models/published/coalescing_notify.hpp>
#include <surewake/models/published/count_before_enqueue.hpp>
#include <surewake/models/published/dropped_over_stored.hpp>
#include <surewake/models/published/flag_of_waiters.hpp>
#include <surewake/models/published/notified_in_batches.hpp>
#include <surewake/models/published/notify_on_first.hpp>
#include <surewake/models/published/overwritten_state.hpp>
#include <surewake/models/published/pop_by_several.hpp>
#include <surewake/models/published/post_touches_after.hpp>
#include <surewake/models/published/protected_while_read.hpp>
#include <surewake/models/published/pushed_back_late.hpp>
#include <surewake/models/published/signal_of_before.hpp>
#include <surewake/models/published/sleep_on_any_value.hpp>
#include <surewake/models/published/store_load_fence.hpp>
#include <surewake/models/published/wake_not_passed_on.hpp>
#include <surewake/verify/engine/case.hpp>

namespace cases_of_published_others {

using namespace surewake;
using namespace surewake::models::published;
using P = verify::checked_platform;
using verify::suite;
using verify::verdict;

constexpr verify::bounds all{.search = verify::scheduler::full, .schedules = 5'000'000, .seconds = 60};
constexpr verify::bounds two{
    .search = verify::scheduler::bound, .schedules = 1'000'000, .seconds = 60, .context_bound = 2};
[[nodiscard]] constexpr verify::bounds sequential(verify::bounds b) {
  b.model = verify::memory::sequential;
  return b;
}

/// A mistake that fails under sequential consistency too.
template <template <platform, form> class Model>
[[nodiscard]] suite mistake(char const* name, char const* question, verdict fails, verify::bounds limits,
                            std::uint64_t samples = 20'000) {
  suite s(std::string("published/") + name, question);
  s.add<Model<P, form::as_published>>({.bug = "as_published", .expect = fails});
  s.add<Model<P, form::as_published>>({.bug = "as_published", .expect = fails}, sequential(limits));
  s.add<Model<P, form::repaired>>({.variant = "repaired"}, {.schedules = samples});
  s.add<Model<P, form::repaired>>({.variant = "repaired"}, limits);
  return s;
}

suite const fence =
    suite("published/store_load_fence", "The listener says that it listens, then looks: does it need a full fence?")
        .add<store_load_fence<P, form::as_published>>({.bug = "as_published", .expect = verdict::deadlock}, all)
        .add<store_load_fence<P, form::as_published>>({.variant = "as_published"}, sequential(all))
        .add<store_load_fence<P, form::repaired>>({.variant = "repaired"}, all);

suite const enqueue = mistake<count_before_enqueue>(
    "count_before_enqueue", "The counter says that somebody waits before the list has him: whom does the release find?",
    verdict::broken_law, all);

suite const first = mistake<notify_on_first>(
    "notify_on_first", "A release wakes somebody only when the count leaves 0: who wakes the second sleeper?",
    verdict::deadlock, two);

suite const value = mistake<sleep_on_any_value>(
    "sleep_on_any_value", "A loser of the race for a permit sleeps on the value it saw: what if that is not 0?",
    verdict::deadlock, all);

suite const coalescing = mistake<coalescing_notify>(
    "coalescing_notify", "Two notifications count as one until the first is heard: who gets the second permit?",
    verdict::deadlock, two);

suite const commit = mistake<cancel_after_commit>(
    "cancel_after_commit", "A cancelled waiter gives back a debt that a release has paid: how many permits are there?",
    verdict::broken_law, all);

suite const post = mistake<post_touches_after>(
    "post_touches_after", "The poster looks at the semaphore after the waiter may have destroyed it: what does it see?",
    verdict::use_after_free, all);

suite const flag = mistake<flag_of_waiters>(
    "flag_of_waiters", "A lock keeps the bit of its sleepers in its word: who sets it again after it was cleared?",
    verdict::deadlock, two);

suite const pushed = mistake<pushed_back_late>(
    "pushed_back_late", "A notifier takes a waiter out to ask whether it is ready: who finds it meanwhile?",
    verdict::deadlock, two);

suite const several = mistake<pop_by_several>(
    "pop_by_several", "Several pop from a stack of waiters without a lock: is the second in line still the second?",
    verdict::broken_law, all);

/// Bounds of models that need freed memory to be given again.
[[nodiscard]] constexpr verify::bounds reusing(verify::bounds b) {
  b.reuse = true;
  return b;
}
constexpr verify::bounds every_graph{.search = verify::scheduler::graph, .schedules = 1'000'000'000, .seconds = 60};

suite const protection =
    suite("published/protected_while_read",
          "A pop protects the top while it reads what is below: is it still the same top when the exchange comes?")
        .add<protected_while_read<P, keeping::while_read>>({.bug = "as_published", .expect = verdict::broken_law},
                                                           reusing(two))
        .add<protected_while_read<P, keeping::while_read>>({.bug = "as_published", .expect = verdict::broken_law},
                                                           reusing(sequential(two)))
        .add<protected_while_read<P, keeping::while_read>>({.variant = "fresh_memory"}, every_graph)
        .add<protected_while_read<P, keeping::until_exchange>>({.variant = "repaired"}, reusing(two))
        .add<protected_while_read<P, keeping::versioned>>({.variant = "version_of_16_bytes"}, reusing(two));

suite const passed = mistake<wake_not_passed_on>(
    "wake_not_passed_on", "Who was woken wakes the next one if it saw a permit left: what if one comes just after?",
    verdict::deadlock, two);

suite const before = mistake<signal_of_before>(
    "signal_of_before", "A notification is a permit that any waiter may take: what if one takes it that came later?",
    verdict::deadlock, two);

suite const overwritten = mistake<overwritten_state>(
    "overwritten_state", "Half of a word is stored back under a lock that the other half does not take: what is left?",
    verdict::broken_law, all);

suite const batches = mistake<notified_in_batches>(
    "notified_in_batches", "All are notified, a few at a time: does it reach a listener that comes meanwhile?",
    verdict::broken_law, all);

suite const dropped = mistake<dropped_over_stored>(
    "dropped_over_stored", "A listener that is dropped writes that nothing is stored: what if something was since?",
    verdict::broken_law, all);

}  // namespace cases_of_published_others
