#include <surewake/models/waking/line_reopens.hpp>

#include <surewake/models/bugs/synchronizers.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace line_reopens_cases {

using namespace surewake;
using namespace surewake::verify;

suite const cases =
    suite("line_reopens", "The semaphore reopens while a release is on its way: is its permit given out twice?")
        .over_strategies<models::line_reopens>()
        .over_strategies<models::line_reopens>({}, preemptions(3))
        .add<models::line_reopens<relacy_platform, models::bugs::opens_early>>(
            in_list("opens_early", verdict::deadlock));

}  // namespace line_reopens_cases
