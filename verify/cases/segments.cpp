#include <surewake/models/bugs/segments.hpp>
#include <surewake/models/closing/close_against_acquire.hpp>
#include <surewake/models/segments/segment_goes.hpp>
#include <surewake/models/segments/segments_churn.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_after_giving_up.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_by_last.hpp>
#include <surewake/models/waking/two_big_requests.hpp>
#include <surewake/models/giving_up/withdraw_after_paid.hpp>
#include <surewake/models/giving_up/withdraw_and_next.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;
using P = relacy_platform;

using single_cells = segmented_by<{.cells = 1}>;

labels bug(char const* name, verdict by) { return {.queue = "segmented_queue", .bug = name, .expect = by}; }

/// Interleavings alone: with weak memory as well the search does not reach the switches that matter.
constexpr bounds interleavings(unsigned n) {
  return {.search = scheduler::bound, .schedules = 1'000'000, .seconds = 4 * tree_seconds, .context_bound = n,
          .model = memory::sequential};
}

suite const churn =
    suite("segments_churn")
        .add<models::segments_churn<P, segmented_queue>>({.queue = "segmented_queue"}, sampled(120'000))
        .add<models::segments_churn<P, single_cells::queue>>({.queue = "segmented_queue", .variant = "single_cells"},
                                                             sampled(120'000))
        .add<models::segments_churn<P, dead_cell_eats::queue>>(bug("dead_cell_eats", verdict::broken_law))
        .add<models::segments_churn<P, loses_delegated::queue>>(bug("loses_delegated", verdict::broken_law))
        .add<models::segments_churn<P, no_second_look::queue>>(bug("no_second_look", verdict::broken_law))
        .add<models::segments_churn<P, no_third_look::queue>>(bug("no_third_look", verdict::broken_law))
        .add<models::segments_churn<P, forgotten_beside::queue>>(bug("forgotten_beside", verdict::broken_law))
        .add<models::segments_churn<P, unheld_hint::queue>>(bug("unheld_hint", verdict::use_after_free))
        .add<models::segments_churn<P, walk_goes_on::queue>>(bug("walk_goes_on", verdict::livelock));

suite const goes =
    suite("segment_goes")
        .add<models::segment_goes<P, segmented_queue>>({.queue = "segmented_queue"})
        .add<models::segment_goes<P, segmented_queue>>({.queue = "segmented_queue"}, interleavings(1))
        .add<models::segment_goes<P, single_cells::queue>>({.queue = "segmented_queue", .variant = "single_cells"})
        .add<models::segment_goes<P, single_cells::queue>>({.queue = "segmented_queue", .variant = "single_cells"},
                                                           interleavings(1))
        .add<models::segment_goes<P, trusts_home::queue>>(bug("trusts_home", verdict::use_after_free),
                                                          interleavings(1))
        .add<models::segment_goes<P, hint_after_ticket::queue>>(bug("hint_after_ticket", verdict::out_of_range),
                                                                interleavings(1));

suite const big =
    suite("two_big_requests")
        .add<models::two_big_requests<P, interleave::queue>>(bug("interleave", verdict::deadlock))
        .add<models::two_big_requests<P, first_cell_first::queue>>(
                          bug("first_cell_first", verdict::deadlock));

suite const last =
    suite("semaphore_destroyed_by_last")
        .add<models::semaphore_destroyed_by_last<P, finishes_late::queue>>(
            bug("finishes_late", verdict::use_after_free), interleavings(1));

/// Bugs that models of other strategies catch as well.
suite const others =
    suite("segments_under_other_models", "Does a model that is not about segments catch it?")
        .add<models::close_against_acquire<P, close_passes_arriving::queue>>(
            bug("close_passes_arriving", verdict::broken_law))
        .add<models::withdraw_after_paid<P, never_refuses::queue>>(bug("never_refuses", verdict::broken_law))
        .add<models::withdraw_and_next<P, dead_cell_eats::queue>>(bug("dead_cell_eats", verdict::deadlock))
        .add<models::semaphore_destroyed_after_giving_up<P, leaves_refused::queue>>(
            bug("leaves_refused", verdict::use_after_free), interleavings(2));

}  // namespace
