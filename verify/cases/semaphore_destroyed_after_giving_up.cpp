#include <surewake/models/lifetime/semaphore_destroyed_after_giving_up.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace semaphore_destroyed_after_giving_up_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::semaphore_destroyed_after_giving_up<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("semaphore_destroyed_after_giving_up")
        .add<model<mutex_deque, no_refusal<hand_off>>>(in_deque("no_refusal", verdict::use_after_free))
        .add<model<intrusive_list, around_gate<looks_back>>>(in_list("looks_back", verdict::use_after_free));

template <template <class> class Queue, class Discipline = hand_off>
using closing = models::semaphore_destroyed_after_closing<relacy_platform, Queue, Discipline>;
template <template <class> class Queue, class Discipline = hand_off>
using two = models::semaphore_destroyed_after_two_gave_up<relacy_platform, Queue, Discipline>;

suite const closed =
    suite("semaphore_destroyed_after_closing")
        .add<closing<waker_hybrid>>(hand_off_of("waker_hybrid"), preemptions(3))
        .add<closing<waker_hybrid, barging>>({.queue = "waker_hybrid", .discipline = "barging"}, sampled(20'000))
        .add<closing<mutex_deque>>(hand_off_of("mutex_deque"), sampled(20'000))
        .add<closing<segmented_queue>>(hand_off_of("segmented_queue"), sampled(20'000))
        .add<closing<forgets_refused>>(in_hybrid("forgets_refused", verdict::use_after_free));

suite const both =
    suite("semaphore_destroyed_after_two_gave_up")
        .add<two<waker_hybrid>>(hand_off_of("waker_hybrid"), preemptions(3))
        .add<two<waker_hybrid, barging>>({.queue = "waker_hybrid", .discipline = "barging"}, sampled(20'000))
        .add<two<mutex_deque>>(hand_off_of("mutex_deque"), sampled(20'000))
        .add<two<segmented_queue>>(hand_off_of("segmented_queue"), sampled(20'000))
        .add<two<forgets_refused, barging>>(in_hybrid("forgets_refused", verdict::use_after_free, "barging"),
                                            preemptions(3));

}  // namespace semaphore_destroyed_after_giving_up_cases
