// Models beside those of models/models.cmake, each over the strategies for which it was written.
#include <surewake/models/counting/limit_lowered.hpp>
#include <surewake/models/giving_up/reentrant_withdraw.hpp>
#include <surewake/models/giving_up/stop_against_operation.hpp>
#include <surewake/models/giving_up/stop_against_thread.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_after_drain.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_after_giving_up.hpp>
#include <surewake/models/waking/goes_home.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace cases_of_chosen_strategies {

using namespace surewake;
using namespace surewake::verify;
using P = checked_platform;

// Its wait is that of stop_against_grant, which is searched over every strategy.
suite const operation =
    suite("stop_against_operation")
        .add<models::stop_against_operation<P, intrusive_list>>(hand_off_of("intrusive_list"), preemptions(2))
        .add<models::stop_against_operation<P, mutex_deque, barging>>(
            {.queue = "mutex_deque", .discipline = "barging"}, preemptions(2));

suite const thread =
    suite("stop_against_thread")
        .add<models::stop_against_thread<P, intrusive_list>>(hand_off_of("intrusive_list"), preemptions(1))
        .add<models::stop_against_thread<P, mutex_deque, barging>>(
            {.queue = "mutex_deque", .discipline = "barging"}, preemptions(1));

suite const home =
    suite("goes_home")
        .add<models::goes_home<P, intrusive_list>>(hand_off_of("intrusive_list"))
        .add<models::goes_home<P, intrusive_list>>(hand_off_of("intrusive_list"), preemptions(2))
        .add<models::goes_home<P, intrusive_list, barging>>(
            {.queue = "intrusive_list", .discipline = "barging"});

suite const ended =
    suite("home_ends")
        .add<models::home_ends<P, intrusive_list>>(hand_off_of("intrusive_list"))
        .add<models::home_ends<P, intrusive_list>>(hand_off_of("intrusive_list"), preemptions(3));

suite const executor =
    suite("executor_drops")
        .add<models::executor_drops<P, intrusive_list>>(hand_off_of("intrusive_list"), preemptions(3))
        .add<models::executor_drops<P, mutex_deque>>(hand_off_of("mutex_deque"), preemptions(3))
        .add<models::executor_drops<P, mutex_deque, barging>>({.queue = "mutex_deque", .discipline = "barging"},
                                                              preemptions(3));

template <template <class> class Queue, class Discipline = hand_off>
using drop = models::reentrant_drop<P, Queue, Discipline>;

suite const reentrant =
    suite("reentrant_drop")
        .add<drop<intrusive_list>>(hand_off_of("intrusive_list"), preemptions(3))
        .add<drop<mutex_deque>>(hand_off_of("mutex_deque"), preemptions(3))
        .add<drop<waker_hybrid>>(hand_off_of("waker_hybrid"), preemptions(3))
        .add<drop<segmented_queue>>(hand_off_of("segmented_queue"), preemptions(2));

template <template <class> class Queue, class Discipline = hand_off>
using closing = models::semaphore_destroyed_after_closing<P, Queue, Discipline>;
template <template <class> class Queue, class Discipline = hand_off>
using two = models::semaphore_destroyed_after_two_gave_up<P, Queue, Discipline>;

suite const closed =
    suite("semaphore_destroyed_after_closing")
        .add<closing<waker_hybrid>>(hand_off_of("waker_hybrid"), preemptions(3))
        .add<closing<waker_hybrid, barging>>({.queue = "waker_hybrid", .discipline = "barging"}, sampled(20'000))
        .add<closing<mutex_deque>>(hand_off_of("mutex_deque"), sampled(20'000))
        .add<closing<segmented_queue>>(hand_off_of("segmented_queue"), sampled(20'000));

suite const both =
    suite("semaphore_destroyed_after_two_gave_up")
        .add<two<waker_hybrid>>(hand_off_of("waker_hybrid"), preemptions(3))
        .add<two<waker_hybrid, barging>>({.queue = "waker_hybrid", .discipline = "barging"}, sampled(20'000))
        .add<two<mutex_deque>>(hand_off_of("mutex_deque"), sampled(20'000))
        .add<two<segmented_queue>>(hand_off_of("segmented_queue"), sampled(20'000));

// Of the strategy that can recall permits.
suite const lowered =
    suite("limit_lowered").add<models::limit_lowered<P, intrusive_list>>(hand_off_of("intrusive_list"), preemptions(1));

suite const drained =
    suite("semaphore_destroyed_after_drain")
        .add<models::semaphore_destroyed_after_drain<P, intrusive_list>>(hand_off_of("intrusive_list"),
                                                                         preemptions(3));

suite const drained_in_time =
    suite("semaphore_destroyed_after_drain_in_time")
        .add<models::semaphore_destroyed_after_drain_in_time<P, intrusive_list>>(hand_off_of("intrusive_list"),
                                                                                 preemptions(3));

}  // namespace cases_of_chosen_strategies
