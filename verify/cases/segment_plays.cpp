#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/models/bugs/segments.hpp>
#include <surewake/models/fixture/prompt_reclaimer.hpp>
#include <surewake/models/segments/segment_plays.hpp>
#include <surewake/verify/engine/case.hpp>

namespace {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models;
using P = relacy_platform;

/// Interleavings alone go deeper than weak memory does; what needs weak memory is drawn at random.
constexpr bounds interleavings(unsigned preemptions) {
  return {.search = scheduler::bound, .schedules = 1'000'000, .seconds = 2, .context_bound = preemptions,
          .model = memory::sequential};
}

template <play const& Play, std::uint32_t Cells>
void in_segments_of(suite& s, std::string const& name, unsigned preemptions) {
  using queue = segmented_by<{.cells = Cells}, prompt_reclaimer>;
  using model = segment_play<P, queue::template queue, Play>;
  labels const what{.queue = "segmented_queue", .variant = name + '/' + std::to_string(Cells) + "_cells"};
  s.add<model>(what, interleavings(preemptions));
  s.add<model>(what, {.schedules = 10'000});
}

template <play const& Play> suite& perform(suite& s, char const* name, unsigned preemptions) {
  in_segments_of<Play, 1>(s, name, preemptions);
  in_segments_of<Play, 2>(s, name, preemptions);
  in_segments_of<Play, 3>(s, name, preemptions);
  return s;
}

template <class Bug, play const& Play>
void caught(suite& s, char const* play_name, char const* bug, verdict by, bounds limits = interleavings(2)) {
  s.add<segment_play<P, Bug::template queue, Play>>(
      {.queue = "segmented_queue", .variant = play_name, .bug = bug, .expect = by}, limits);
}

suite const cases = [] {
  suite s("segment_plays");
  perform<plays::several_leaves>(s, "several_leaves", 2);
  perform<plays::several_lacks>(s, "several_lacks", 2);
  perform<plays::several_destroys>(s, "several_destroys", 3);
  perform<plays::several_arrives>(s, "several_arrives", 2);
  perform<plays::grant_first>(s, "grant_first", 3);
  perform<plays::grant_passes>(s, "grant_passes", 3);
  perform<plays::both_skip>(s, "both_skip", 3);
  perform<plays::neighbours_leave>(s, "neighbours_leave", 2);
  perform<plays::home_goes>(s, "home_goes", 3);
  perform<plays::close_finds_gaps>(s, "close_finds_gaps", 2);
  perform<plays::close_and_leave>(s, "close_and_leave", 2);
  perform<plays::close_and_several>(s, "close_and_several", 2);
  perform<plays::close_and_arrives>(s, "close_and_arrives", 2);
  perform<plays::close_twice>(s, "close_twice", 2);
  perform<plays::close_destroys>(s, "close_destroys", 0);
  perform<plays::close_finishes_home>(s, "close_finishes_home", 2);
  perform<plays::close_of_one_ends_others>(s, "close_of_one_ends_others", 0);
  perform<plays::token_passes>(s, "token_passes", 2);
  perform<plays::tickets_pass>(s, "tickets_pass", 3);
  perform<plays::segments_pass>(s, "segments_pass", 2);

  using namespace models::bugs;
  caught<loses_last_grant, plays::several_lacks>(s, "several_lacks", "loses_last_grant", verdict::broken_law);
  caught<refuses_granted, plays::several_leaves>(s, "several_leaves", "refuses_granted", verdict::broken_law);
  caught<closes_unseen, plays::close_and_leave>(s, "close_and_leave", "closes_unseen", verdict::use_after_free);
  caught<counts_before_hint, plays::close_finds_gaps>(s, "close_finds_gaps", "counts_before_hint", verdict::broken_law);
  caught<opens_again, plays::close_twice>(s, "close_twice", "opens_again", verdict::broken_law);
  caught<looks_behind_last, plays::close_destroys>(s, "close_destroys", "looks_behind_last", verdict::use_after_free);
  caught<loses_home, plays::home_goes>(s, "home_goes", "loses_home", verdict::use_after_free);
  caught<loses_evicted, plays::close_finishes_home>(s, "close_finishes_home", "loses_evicted",
                                                    verdict::use_after_free);
  caught<looks_no_more, plays::close_of_one_ends_others>(s, "close_of_one_ends_others", "looks_no_more",
                                                         verdict::use_after_free);
  caught<loses_token, plays::token_passes>(s, "token_passes", "loses_token", verdict::broken_law);
  caught<steps_too_far, plays::several_leaves>(s, "several_leaves", "steps_too_far", verdict::out_of_range);
  caught<keeps_last, plays::segments_pass>(s, "segments_pass", "keeps_last", verdict::broken_law);
  return s;
}();

}  // namespace
