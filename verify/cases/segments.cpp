#include <surewake/models/lifetime/semaphore_destroyed_after_giving_up.hpp>
#include <surewake/models/segments/segment_goes.hpp>
#include <surewake/models/segments/segments_churn.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace cases_of_segments {

using namespace surewake;
using namespace surewake::verify;
using P = checked_platform;

using single_cells = segmented_by<1>;
using unfenced = segmented_by<2, leaking_reclaimer>;

suite const churn =
    suite("segments_churn")
        .add<models::segments_churn<P, segmented_queue>>({.queue = "segmented_queue"}, sampled(20'000))
        .add<models::segments_churn<P, single_cells::queue>>({.queue = "segmented_queue", .variant = "single_cells"},
                                                             sampled(20'000));

suite const goes =
    suite("segment_goes")
        .add<models::segment_goes<P, segmented_queue>>({.queue = "segmented_queue"})
        .add<models::segment_goes<P, segmented_queue>>({.queue = "segmented_queue"}, interleavings(1, 5 * tree_seconds))
        .add<models::segment_goes<P, single_cells::queue>>({.queue = "segmented_queue", .variant = "single_cells"})
        .add<models::segment_goes<P, single_cells::queue>>({.queue = "segmented_queue", .variant = "single_cells"},
                                                           interleavings(1, 5 * tree_seconds));

// The scans of hazard pointers have fences, which hide orders that are missing where the queue ends.
template <class Discipline>
using destroyed = models::semaphore_destroyed_after_giving_up<P, unfenced::queue, Discipline>;

suite const ends =
    suite("semaphore_destroyed_after_giving_up")
        .add<destroyed<hand_off>>(
            {.queue = "segmented_queue", .discipline = hand_off::name, .variant = "leaking"}, preemptions(2))
        .add<destroyed<barging>>(
            {.queue = "segmented_queue", .discipline = barging::name, .variant = "leaking"}, preemptions(2));

}  // namespace cases_of_segments
