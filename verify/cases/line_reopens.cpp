#include <surewake/models/waking/line_reopens.hpp>

#include <surewake/models/bugs/synchronizers.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace line_reopens_cases {

using namespace surewake;
using namespace surewake::verify;

suite const cases =
    suite("line_reopens")
        .add<models::line_reopens<relacy_platform, models::bugs::opens_early>>(
            in_list("opens_early", verdict::deadlock));

}  // namespace line_reopens_cases
