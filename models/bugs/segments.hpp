// surewake/models/bugs/segments.hpp: segmented_queue without one of the rules it rests on.
#pragma once

#include <surewake/models/fixture/prompt_reclaimer.hpp>
#include <surewake/queues/segmented_queue.hpp>

namespace surewake::models::bugs {

/// A grant whose debt was settled by a withdrawal goes to somebody else (kotlinx #1477).
using never_refuses = segmented_by<{.cells = 1, .refuses = false}>;
/// A grant that comes while its waiter leaves is lost (async-lock, event-listener before their fixes).
using loses_delegated = segmented_by<{.cells = 1, .passes_delegated_on = false}>;
/// A grant that finds a withdrawn cell is swallowed by it.
using dead_cell_eats = segmented_by<{.cells = 1, .skips_dead = false}>;
/// A hint leads to a segment that is retired.
using unheld_hint = segmented_by<{.cells = 1, .hints_hold = false}>;
/// A walk goes on from a segment that was removed under its feet.
using walk_goes_on = segmented_by<{.cells = 1, .starts_again = false}>;
/// Who leaves the baton does not look at the cell once more.
using no_second_look = segmented_by<{.cells = 2, .looks_again = false}>;
/// Who leaves the baton at a cell that is being left does not fence before he looks again.
using no_third_look = segmented_by<{.cells = 2, .sees_leaving = false}>;
/// A grant that is put beside a cell is forgotten there, if the cell has ended meanwhile.
using forgotten_beside = segmented_by<{.cells = 1, .takes_back = false}>;
/// A cell is finished after its waiter was handed over.
using finishes_late = segmented_by<{.cells = 1, .finishes_first = false}>;
/// Who withdraws does not ask whether its segment is still there.
using trusts_home = segmented_by<{.cells = 1, .finds_home_alive = false}>;
/// The cells of one request are taken by two RMWs, between which others may come.
using interleave = segmented_by<{.cells = 2, .contiguous = false}>;
/// A request is ready before all of its cells are there.
using first_cell_first = segmented_by<{.cells = 2, .first_cell_last = false}>;
/// The hint is read once the ticket is taken: it may be ahead of it.
using hint_after_ticket = segmented_by<{.cells = 1, .hint_before_ticket = false}>;
/// close() passes by who has a ticket and is not in its cell yet.
using close_passes_arriving = segmented_by<{.cells = 1, .awaits_arriving = false}>;
/// The queue is destroyed while a grant that was refused is on its way.
using leaves_refused = segmented_by<{.cells = 1, .awaits_refused = false}>;
/// A request that leaves with the grant of its last cell, but not all before it, loses that grant.
using loses_last_grant = segmented_by<{.cells = 2, .delegates = false}, prompt_reclaimer>;
/// Of a request that leaves, cells that have their grants are made to refuse one.
using refuses_granted = segmented_by<{.cells = 2, .refuses_missing = false}, prompt_reclaimer>;
/// Who withdraws is not told that close() has finished its cell.
using closes_unseen = segmented_by<{.cells = 1, .tells_evicting = false}, prompt_reclaimer>;
/// close() counts the grants, and then reads a hint that leads behind the first cell without one.
using counts_before_hint = segmented_by<{.cells = 3, .counts_after_hint = false}, prompt_reclaimer>;
/// The second close() takes the first one back.
using opens_again = segmented_by<{.cells = 1, .closes_once = false}, prompt_reclaimer>;
/// close() looks for the next waiter once the last one has been handed over, and destroyed the queue.
using looks_behind_last = segmented_by<{.cells = 1, .looks_ahead = false}, prompt_reclaimer>;
/// Who completes a request trusts that the segment of its first cell stays.
using loses_home = segmented_by<{.cells = 2, .keeps_home = false}, prompt_reclaimer>;
/// close() trusts that the segment of the first cell of a request that it ends stays.
using loses_evicted = segmented_by<{.cells = 2, .keeps_evicted = false}, prompt_reclaimer>;
/// close() goes on from a cell whose waiter has left inside the hand-over of the last one.
using looks_no_more = segmented_by<{.cells = 1, .looks_anew = false}, prompt_reclaimer>;
/// Who finds, with its ticket, that it need not wait forgets the grant that has come to its cell.
using loses_token = segmented_by<{.cells = 1, .passes_token_on = false}, prompt_reclaimer>;
/// Who goes from cell to cell of a request takes the next segment there is for the next one.
using steps_too_far = segmented_by<{.cells = 1, .steps_to_next = false}, prompt_reclaimer>;
/// What was once the last segment never goes.
using keeps_last = segmented_by<{.cells = 1, .last_is_let_go = false}, prompt_reclaimer>;

}  // namespace surewake::models::bugs
