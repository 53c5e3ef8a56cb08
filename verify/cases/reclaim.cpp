// Reclamation: hazard pointers (core/reclaim/hazard_pointer.hpp) and the reclaimer that keeps everything, each under
// the same models. Under the checker every retire scans, and a thread keeps one free slot.
#include <surewake/models/reclaim/reclaim_chain.hpp>
#include <surewake/models/reclaim/reclaim_domain_ends.hpp>
#include <surewake/models/reclaim/reclaim_protect.hpp>
#include <surewake/models/reclaim/reclaim_slot_passes.hpp>
#include <surewake/models/reclaim/reclaim_stack.hpp>
#include <surewake/models/reclaim/reclaim_thread_ends.hpp>
#include <surewake/models/reclaim/reclaim_two_domains.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace cases_of_reclaim {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models;
using P = checked_platform;
using hazard = hazard_reclaimer<P>;
using leaking = leaking_reclaimer<P>;

[[nodiscard]] labels of(std::string variant) { return {.variant = std::move(variant)}; }

/// Returns bounds for every schedule with at most n preemptions, or as many as a longer search allows: these trees are
/// large.
[[nodiscard]] bounds within(unsigned n) {
  bounds b = preemptions(n);
  b.seconds = 2 * tree_seconds;
  return b;
}

[[nodiscard]] bounds sampled(std::uint64_t schedules) { return {.schedules = schedules}; }

constexpr auto reset = between_reads::reset;

suite const protect =
    suite("reclaim_protect")
        .add<reclaim_protect<hazard>>(of("once"))
        .add<reclaim_protect<hazard>>(of("once"), within(2))
        .add<reclaim_protect<hazard, 1, 2, 2>>(of("held"))
        .add<reclaim_protect<hazard, 1, 2, 2>>(of("held"), within(2))
        .add<reclaim_protect<hazard, 1, 2, 2, reset>>(of("reset"))
        .add<reclaim_protect<hazard, 2, 2, 2>>(of("two_readers"), sampled(30'000))
        .add<reclaim_protect<leaking, 2, 2, 2>>(of("leaking"));

suite const stack =
    suite("reclaim_stack")
        .add<reclaim_stack<hazard>>(of("hazard"))
        .add<reclaim_stack<hazard>>(of("hazard"), within(2))
        .add<reclaim_stack<leaking>>(of("leaking"));

suite const thread_ends =
    suite("reclaim_thread_ends")
        .add<reclaim_thread_ends<hazard>>(of("two"))
        .add<reclaim_thread_ends<hazard>>(of("two"), within(2))
        .add<reclaim_thread_ends<hazard, 3>>(of("three"), sampled(30'000))
        .add<reclaim_thread_ends<hazard, 3>>(of("three"), within(1));

suite const domain_ends =
    suite("reclaim_domain_ends")
        .add<reclaim_domain_ends<hazard>>(of("thread_ends"))
        .add<reclaim_domain_ends<hazard>>(of("thread_ends"), within(4))
        .add<reclaim_domain_ends<hazard, true>>(of("thread_goes_on"))
        .add<reclaim_domain_ends<hazard, true>>(of("thread_goes_on"), within(1))
        .add<reclaim_domain_ends<leaking, true>>(of("leaking"));

suite const two_domains =
    suite("reclaim_two_domains")
        .add<reclaim_two_domains<hazard>>()
        .add<reclaim_two_domains<hazard>>({}, within(2));

suite const slot_passes =
    suite("reclaim_slot_passes")
        .add<reclaim_slot_passes<hazard, 1>>(of("one_reader"))
        .add<reclaim_slot_passes<hazard>>(of("two_readers"), sampled(30'000));

suite const chain =
    suite("reclaim_chain")
        .add<reclaim_chain<hazard>>()
        .add<reclaim_chain<hazard>>({}, within(2))
        .add<reclaim_chain<hazard_reclaimer<patient<P>>>>(of("patient"), sampled(20'000))
        .add<reclaim_chain<hazard_reclaimer<patient<P>>, chain_from::thread, chain_until::domain_ends>>(
            of("domain_ends"), sampled(20'000))
        .add<reclaim_chain<hazard, chain_from::late_storage>>(of("late"), sampled(20'000))
        .add<reclaim_chain<hazard_reclaimer<patient<P>>, chain_from::late_storage, chain_until::domain_ends>>(
            of("late_domain_ends"), sampled(20'000));

}  // namespace cases_of_reclaim
