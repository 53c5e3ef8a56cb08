// The published algorithm and what is wrong with it: models/published/README.md tells each finding.
//
// Each finding S… is searched three times: the mistake alone, everything else repaired (`#alone`), so that nothing
// else can be what fails; the version as published after its fix, in the same shape (`#second_version`); and the
// repaired form. In it mode and slot are still two words, but in the shapes where that fails by itself, with more than
// two preemptions (S6_two_words): there all is repaired. `@sc` runs the mistake under sequential consistency: it fails
// there too, or, where weak memory is needed, passes.
#include <surewake/models/published/compio_dropped.hpp>
#include <surewake/models/published/compio_pass_along.hpp>
#include <surewake/models/published/compio_polled_again.hpp>
#include <surewake/models/published/compio_window.hpp>
#include <surewake/verify/engine/case.hpp>

namespace cases_of_published {

using namespace surewake;
using namespace surewake::models::published;
using P = verify::checked_platform;
using verify::suite;
using enum verify::verdict;

constexpr verify::bounds all{.search = verify::scheduler::full, .schedules = 5'000'000, .seconds = 60};
[[nodiscard]] constexpr verify::bounds preemptions(unsigned n) {
  return {.search = verify::scheduler::bound, .schedules = 1'000'000, .seconds = 60, .context_bound = n};
}
[[nodiscard]] constexpr verify::bounds sequential(verify::bounds b) {
  b.model = verify::memory::sequential;
  return b;
}

/// How many preemptions a finding needs where no load may be stale, and within how many the repaired form is searched.
struct sequential_search {
  unsigned alone = 2, repaired = 2;
};

/// A finding that fails under sequential consistency too. With stale loads two preemptions suffice for each of them;
/// the repaired form is searched to the end.
template <class Alone, class Published, class Repaired>
[[nodiscard]] suite finding(char const* name, char const* question, sequential_search sc = {}) {
  suite s(std::string("published/") + name, question);
  s.add<Alone>({.bug = "alone", .expect = deadlock}, preemptions(2));
  s.add<Alone>({.bug = "alone", .expect = deadlock}, sequential(preemptions(sc.alone)));
  s.add<Published>({.bug = "second_version", .expect = deadlock});
  s.add<Repaired>({.variant = "repaired"}, preemptions(2));
  s.add<Repaired>({.variant = "repaired"}, sequential(preemptions(sc.repaired)));
  s.add<Repaired>({.variant = "repaired"});
  return s;
}

template <bool repairs::*Mistake> inline constexpr repairs alone = without(two_words, Mistake);
constexpr pass_along_shape used{.used_before = true};
constexpr pass_along_shape used_to_all{.used_before = true, .to_all = true};

suite const first =
    suite("published/first_version",
          "A permit is released between the failed attempt and the registration, and nobody looks again: is it lost?")
        .add<compio_window<P, first_version>>({.bug = "as_published", .expect = deadlock})
        .add<compio_window<P, first_version>>({.bug = "as_published", .expect = deadlock}, sequential(all))
        .add<compio_window<P, second_version>>({.variant = "repaired"}, sequential(all));

suite const s1 =
    suite("published/S1_store_load",
          "Release publishes a permit and reads the mode; the registrant publishes the mode and reads the permits: can "
          "both read the past?")
        .add<compio_window<P, alone<&repairs::fence>>>({.bug = "alone", .expect = deadlock})
        .add<compio_window<P, second_version>>({.bug = "second_version", .expect = deadlock})
        .add<compio_window<P, alone<&repairs::fence>>>({.variant = "alone"}, sequential(all))
        .add<compio_window<P, two_words>>({.variant = "repaired"}, all)
        .add<compio_window<P, two_words>>({.variant = "repaired"});

suite const s2 = finding<compio_pass_along<P, alone<&repairs::publish_first>, used>,
                         compio_pass_along<P, second_version, used>, compio_pass_along<P, two_words, used>>(
    "S2_multi_after_recheck", "Multi is published after the last look at the permits: who sees a waiter in between?",
    sequential_search{.alone = 3, .repaired = 3});

suite const s3 = finding<compio_pass_along<P, alone<&repairs::undo_own>>, compio_pass_along<P, second_version>,
                         compio_pass_along<P, all_repairs>>(
    "S3_empty_over_others", "A registrant that need not wait stores Empty: over whom who registered meanwhile?");

suite const s4 = finding<compio_pass_along<P, alone<&repairs::leave_claims>>, compio_pass_along<P, second_version>,
                         compio_pass_along<P, all_repairs>>(
    "S4_empty_over_claim", "A release finds the slot claimed but not filled and stores Empty: who wakes the claimant?");

suite const s5 = finding<compio_pass_along<P, alone<&repairs::empty_under_lock>, used>,
                         compio_pass_along<P, second_version, used>, compio_pass_along<P, two_words, used>>(
    "S5_empty_without_lock", "A release finds the deque empty, unlocks it and stores Empty: who came in between?");

suite const s6 = finding<compio_pass_along<P, alone<&repairs::settle_by_cas>>, compio_pass_along<P, second_version>,
                         compio_pass_along<P, all_repairs>>(
    "S6_mode_after_take", "A release takes the waker, then stores the mode it had decided on: what if it has changed?",
    sequential_search{.alone = 3});

suite const s6_words =
    suite("published/S6_two_words", "With every other repair in place: can mode and slot be two words at all?")
        .add<compio_pass_along<P, two_words>>({.bug = "alone", .expect = deadlock}, preemptions(3))
        .add<compio_pass_along<P, two_words>>({.bug = "alone", .expect = deadlock}, sequential(preemptions(4)))
        .add<compio_pass_along<P, all_repairs>>({.variant = "repaired"}, preemptions(3))
        .add<compio_pass_along<P, all_repairs>>({.variant = "repaired"}, sequential(preemptions(4)))
        .add<compio_pass_along<P, all_repairs>>({.variant = "repaired"});

suite const s7 = finding<compio_pass_along<P, alone<&repairs::wake_all_settles>, used_to_all>,
                         compio_pass_along<P, second_version, used_to_all>,
                         compio_pass_along<P, two_words, used_to_all>>(
    "S7_wake_all_stores_empty", "wake_all drains the queue, then stores Empty: who registered in between?");

suite const s9 = finding<compio_dropped<P, alone<&repairs::erase_dropped>>, compio_dropped<P, second_version>,
                         compio_dropped<P, two_words>>(
    "S9_dropped_stays", "A dropped waiter stays in the deque: who gets the wake that reaches it?");

suite const s10 = finding<compio_dropped<P, alone<&repairs::pass_on>>, compio_dropped<P, second_version>,
                          compio_dropped<P, two_words>>(
    "S10_dropped_after_wake", "A waiter is woken, then dropped before it runs: does the wake die with it?");

suite const s11 = finding<compio_dropped_late<P, alone<&repairs::drop_own>>, compio_dropped_late<P, second_version>,
                          compio_dropped_late<P, all_repairs>>(
    "S11_drop_takes_another", "A dropped waiter empties the slot: whose waker was in it?");

suite const s12 = finding<compio_polled_again<P, alone<&repairs::check_woken>>, compio_polled_again<P, second_version>,
                          compio_polled_again<P, two_words>>(
    "S12_second_poll", "Any second poll ends the wait, and its registration stays: who gets the wake that reaches it?");

suite const repaired =
    suite("published/all_repairs", "With every repair in place: does the algorithm hold in every shape?")
        .add<compio_window<P, all_repairs>>({.variant = "window"}, all)
        .add<compio_pass_along<P, all_repairs, used>>({.variant = "pass_along_used"}, preemptions(3))
        .add<compio_pass_along<P, all_repairs, used_to_all>>({.variant = "pass_along_to_all"}, preemptions(3))
        .add<compio_dropped<P, all_repairs>>({.variant = "dropped"}, preemptions(3))
        .add<compio_dropped_late<P, all_repairs>>({.variant = "dropped_late"}, preemptions(3))
        .add<compio_polled_again<P, all_repairs>>({.variant = "polled_again"}, preemptions(3));

}  // namespace cases_of_published
