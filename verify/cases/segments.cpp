#include <surewake/models/segments/segment_goes.hpp>
#include <surewake/models/segments/segments_churn.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace {

using namespace surewake;
using namespace surewake::verify;
using P = checked_platform;

using single_cells = segmented_by<1>;

suite const churn =
    suite("segments_churn")
        .add<models::segments_churn<P, segmented_queue>>({.queue = "segmented_queue"}, sampled(120'000))
        .add<models::segments_churn<P, single_cells::queue>>({.queue = "segmented_queue", .variant = "single_cells"},
                                                             sampled(120'000));

suite const goes =
    suite("segment_goes")
        .add<models::segment_goes<P, segmented_queue>>({.queue = "segmented_queue"})
        .add<models::segment_goes<P, segmented_queue>>({.queue = "segmented_queue"}, interleavings(1))
        .add<models::segment_goes<P, single_cells::queue>>({.queue = "segmented_queue", .variant = "single_cells"})
        .add<models::segment_goes<P, single_cells::queue>>({.queue = "segmented_queue", .variant = "single_cells"},
                                                           interleavings(1));

}  // namespace
