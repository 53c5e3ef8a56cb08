#include <surewake/models/counting/arriving_hide.hpp>

#include <surewake/models/bugs/synchronizers.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace arriving_hide_cases {

using namespace surewake;
using namespace surewake::verify;

suite const cases =
    suite("arriving_hide")
        .add<models::arriving_hide<relacy_platform, models::bugs::stays_hidden>>(
            in_list("stays_hidden", verdict::deadlock));

}  // namespace arriving_hide_cases
