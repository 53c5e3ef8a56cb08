// surewake/models/bugs/segments.hpp: segmented_queue without one of the rules that it relies on.
#pragma once

#include <surewake/models/fixture/prompt_reclaimer.hpp>
#include <surewake/queues/segmented_queue.hpp>

namespace surewake::models::bugs {

/// Passes a grant whose debt was settled by a withdrawal to another waiter (kotlinx #1477).
using never_refuses = segmented_by<{.cells = 1, .refuses = false}>;
/// Loses a grant that comes while its waiter leaves (async-lock, event-listener before their fixes).
using loses_delegated = segmented_by<{.cells = 1, .passes_delegated_on = false}>;
/// Lets a withdrawn cell swallow the grant that finds it.
using dead_cell_eats = segmented_by<{.cells = 1, .skips_dead = false}>;
/// Follows a hint to a segment that is retired.
using unheld_hint = segmented_by<{.cells = 1, .hints_hold = false}>;
/// Goes on in a walk from a segment that was removed meanwhile.
using walk_goes_on = segmented_by<{.cells = 1, .starts_again = false}>;
/// Lets a thread that leaves the baton not look at the cell once more.
using no_second_look = segmented_by<{.cells = 2, .looks_again = false}>;
/// Lets a thread that leaves the baton at a cell that is being left look again without a fence.
using no_third_look = segmented_by<{.cells = 2, .sees_leaving = false}>;
/// Forgets a grant that is put beside a cell, if the cell has ended meanwhile.
using forgotten_beside = segmented_by<{.cells = 1, .takes_back = false}>;
/// Finishes a cell after its waiter was handed over.
using finishes_late = segmented_by<{.cells = 1, .finishes_first = false}>;
/// Lets the withdrawing thread not ask whether its segment is still there.
using trusts_home = segmented_by<{.cells = 1, .finds_home_alive = false}>;
/// Takes the cells of one request by two RMWs, between which others may come.
using interleave = segmented_by<{.cells = 2, .contiguous = false}>;
/// Makes a request ready before all of its cells are there.
using first_cell_first = segmented_by<{.cells = 2, .first_cell_last = false}>;
/// Reads the hint after the ticket is taken: the hint may be ahead of the ticket.
using hint_after_ticket = segmented_by<{.cells = 1, .hint_before_ticket = false}>;
/// Passes by, in close(), a waiter that has a ticket and is not in its cell yet.
using close_passes_arriving = segmented_by<{.cells = 1, .awaits_arriving = false}>;
/// Lets the queue be destroyed while a grant that was refused is on its way.
using leaves_refused = segmented_by<{.cells = 1, .awaits_refused = false}>;
/// Loses the grant of a request's last cell, if the request leaves with that grant but without all the earlier ones.
using loses_last_grant = segmented_by<{.cells = 2, .delegates = false}, prompt_reclaimer>;
/// Makes cells of a leaving request refuse one grant although they have their grants.
using refuses_granted = segmented_by<{.cells = 2, .refuses_missing = false}, prompt_reclaimer>;
/// Does not tell the withdrawing thread that close() has finished its cell.
using closes_unseen = segmented_by<{.cells = 1, .tells_evicting = false}, prompt_reclaimer>;
/// Counts the grants in close(), and then reads a hint that leads past the first cell without a grant.
using counts_before_hint = segmented_by<{.cells = 3, .counts_after_hint = false}, prompt_reclaimer>;
/// Lets the second close() take the first one back.
using opens_again = segmented_by<{.cells = 1, .closes_once = false}, prompt_reclaimer>;
/// Looks in close() for the next waiter once the last one has been handed over, and has destroyed the queue.
using looks_behind_last = segmented_by<{.cells = 1, .looks_ahead = false}, prompt_reclaimer>;
/// Trusts, in the thread that completes a request, that the segment of its first cell stays.
using loses_home = segmented_by<{.cells = 2, .keeps_home = false}, prompt_reclaimer>;
/// Trusts, in close(), that the segment of the first cell of a request that it ends stays.
using loses_evicted = segmented_by<{.cells = 2, .keeps_evicted = false}, prompt_reclaimer>;
/// Goes on in close() from a cell whose waiter has left inside the hand-over of the last one.
using looks_no_more = segmented_by<{.cells = 1, .looks_anew = false}, prompt_reclaimer>;
/// Forgets the grant that has come to a cell whose registrant finds, with its ticket, that it need not wait.
using loses_token = segmented_by<{.cells = 1, .passes_token_on = false}, prompt_reclaimer>;
/// Takes, in a walk from cell to cell of a request, the next existing segment for the next one in number.
using steps_too_far = segmented_by<{.cells = 1, .steps_to_next = false}, prompt_reclaimer>;
/// Never lets what was once the last segment go.
using keeps_last = segmented_by<{.cells = 1, .last_is_let_go = false}, prompt_reclaimer>;

}  // namespace surewake::models::bugs
