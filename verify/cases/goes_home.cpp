#include <surewake/models/bugs/homes.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;
using P = relacy_platform;

template <template <class> class Home>
using going = models::goes_home<P, intrusive_list, hand_off, Home>;
template <template <class> class Home>
using ending = models::home_ends<P, intrusive_list, hand_off, Home>;

suite const cases =
    suite("goes_home")
        .add<models::goes_home<P, intrusive_list>>(hand_off_of("intrusive_list"))
        .add<models::goes_home<P, intrusive_list>>(hand_off_of("intrusive_list"), preemptions(2))
        .add<models::goes_home<P, intrusive_list, barging>>(
            {.queue = "intrusive_list", .discipline = "barging"})
        .add<going<forgets_post>>(in_list("forgets_post", verdict::deadlock))
        .add<going<posts_and_resumes>>(in_list("posts_and_resumes", verdict::broken_law))
        .add<going<resumes_here>>(in_list("resumes_here", verdict::broken_law));

suite const ended =
    suite("home_ends")
        .add<models::home_ends<P, intrusive_list>>(hand_off_of("intrusive_list"))
        .add<models::home_ends<P, intrusive_list>>(hand_off_of("intrusive_list"), preemptions(3))
        .add<ending<takes_after_end>>(in_list("takes_after_end", verdict::broken_law))
        .add<models::home_ends<P, intrusive_list, hand_off, models::as_it_is, false>>(
            in_list("looks_before_end", verdict::broken_law));

suite const dropped =
    suite("executor_drops")
        .add<models::executor_drops<P, intrusive_list>>(hand_off_of("intrusive_list"), preemptions(3))
        .add<models::executor_drops<P, mutex_deque>>(hand_off_of("mutex_deque"), preemptions(3))
        .add<models::executor_drops<P, mutex_deque, barging>>({.queue = "mutex_deque", .discipline = "barging"},
                                                              preemptions(3))
        .add<models::executor_drops<P, intrusive_list, around_gate<declines_in_vain>>>(
            in_list("declines_in_vain", verdict::broken_law))
        .add<models::executor_drops<P, mutex_deque, passes_nothing_on<hand_off>>>(
            in_deque("passes_nothing_on", verdict::broken_law))
        .add<models::executor_drops<P, mutex_deque, passes_nothing_on<barging>>>(
            in_deque("passes_nothing_on", verdict::broken_law, "barging"));

}  // namespace
