#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/models/fixture/prompt_reclaimer.hpp>
#include <surewake/models/segments/segment_plays.hpp>
#include <surewake/queues/segmented_queue.hpp>
#include <surewake/verify/cases/bounds.hpp>
#include <surewake/verify/engine/case.hpp>

namespace cases_of_segment_plays {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models;
using P = checked_platform;

/// Every execution, as long as the time lasts.
constexpr bounds executions{.search = scheduler::graph, .schedules = 1'000'000'000, .seconds = tree_seconds};

template <play const& Play, std::uint32_t Cells, template <class> class Reclaimer>
void on_graphs(suite& s, std::string const& name, std::string const& reclaimer) {
  using model = segment_play<P, segmented_by<Cells, Reclaimer>::template queue, Play, Reclaimer<P>>;
  s.add<model>({.queue = "segmented_queue", .variant = name + '/' + std::to_string(Cells) + "_cells/" + reclaimer},
               executions);
}

/// With a reclaimer that makes no fences, which would hide orders that the queue lacks.
template <play const& Play, std::uint32_t Cells> void unfenced(suite& s, char const* name) {
  on_graphs<Play, Cells, leaking_reclaimer>(s, name, "leaking");
}
/// With the reclaimer that ships, under which segments end.
template <play const& Play, std::uint32_t Cells> void shipped(suite& s, char const* name) {
  on_graphs<Play, Cells, hazard_reclaimer>(s, name, "hazard");
}

template <play const& Play, std::uint32_t Cells>
void in_segments_of(suite& s, std::string const& name, unsigned preemptions) {
  using queue = segmented_by<Cells, prompt_reclaimer>;
  using model = segment_play<P, queue::template queue, Play>;
  labels const what{.queue = "segmented_queue", .variant = name + '/' + std::to_string(Cells) + "_cells"};
  s.add<model>(what, interleavings(preemptions, 5 * tree_seconds));
  s.add<model>(what, {.schedules = 10'000});
}

template <play const& Play> suite& perform(suite& s, char const* name, unsigned preemptions) {
  in_segments_of<Play, 1>(s, name, preemptions);
  in_segments_of<Play, 2>(s, name, preemptions);
  in_segments_of<Play, 3>(s, name, preemptions);
  unfenced<Play, 2>(s, name);
  return s;
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
  return s;
}();

suite const graphs = [] {
  suite s("segment_plays");
  unfenced<plays::several_from_three, 2>(s, "several_from_three");
  unfenced<plays::several_beside, 2>(s, "several_beside");
  unfenced<plays::several_leaves_beside, 3>(s, "several_leaves_beside");
  unfenced<plays::goes_between, 1>(s, "goes_between");
  shipped<plays::both_skip, 2>(s, "both_skip");
  shipped<plays::neighbours_leave, 2>(s, "neighbours_leave");
  shipped<plays::home_goes, 2>(s, "home_goes");
  shipped<plays::close_and_leave, 2>(s, "close_and_leave");
  shipped<plays::close_twice, 1>(s, "close_twice");
  shipped<plays::several_destroys, 2>(s, "several_destroys");
  shipped<plays::late_and_neighbour, 2>(s, "late_and_neighbour");
  shipped<plays::late_and_next, 1>(s, "late_and_next");
  shipped<plays::late_and_removed, 1>(s, "late_and_removed");
  return s;
}();

}  // namespace cases_of_segment_plays
