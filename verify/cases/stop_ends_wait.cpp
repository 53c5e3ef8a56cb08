#include <surewake/models/giving_up/stop_ends_wait.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace stop_ends_wait_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <surewake::detail::handshake_rules Rules, class Discipline = hand_off>
using model = models::stop_ends_wait<relacy_platform, intrusive_list, Discipline, Rules>;

suite const cases =
    suite("stop_ends_wait")
        .add<model<{.registrant_looks = false}>>(in_list("deaf_registrant", verdict::broken_law))
        .add<model<{.granter_looks = false}, barging>>(in_list("deaf_granter", verdict::data_race, "barging"))
        .add<model<{.granter_waits = false}>>(in_list("granter_in_a_hurry", verdict::use_after_free), preemptions(2))
        .add<model<{.stopper_yields = false}>>(in_list("stopper_in_a_hurry", verdict::data_race));

}  // namespace stop_ends_wait_cases
