# Every model, a word each: models/LAW/NAME.hpp has the model NAME, whose `facts` say what it is about and how far it is
# searched (fixture/facts.hpp). Its cases (verify/CMakeLists.txt) and its runs on real threads (stress.test.cpp) are
# written from this list.
set(surewake_models
  closing/close_against_acquire
  closing/close_against_giving_up
  closing/close_against_grants
  closing/close_against_release
  closing/close_against_share
  closing/close_against_withdrawal
  closing/close_twice
  closing/reentrant_close
  counting/arriving_hide
  counting/reduce_against_waiter
  counting/resize_against_acquire
  counting/resize_against_several
  giving_up/reentrant_withdraw
  giving_up/several_against_single
  giving_up/several_and_one_leaves
  giving_up/several_withdrawn
  giving_up/stop_against_grant
  giving_up/stop_ends_wait
  giving_up/withdraw_after_paid
  giving_up/withdraw_against_grant
  giving_up/withdraw_and_next
  lifetime/semaphore_destroyed_after_giving_up
  lifetime/semaphore_destroyed_after_release
  lifetime/semaphore_destroyed_by_closed
  lifetime/semaphore_destroyed_by_last
  lifetime/waiter_destroyed_after_grant
  order/first_come
  order/neighbours_withdraw
  order/order_after_withdrawal
  primitives/barrier_drops
  primitives/barrier_laps
  primitives/barrier_meets
  primitives/barrier_turns
  primitives/channel_closes
  primitives/channel_given_up
  primitives/channel_passes
  primitives/channel_shares
  primitives/downgrade_keeps_out
  primitives/downgrade_lets_in
  primitives/event_all_end
  primitives/event_destroyed
  primitives/event_each_ends_one
  primitives/event_passes_on
  primitives/event_reset_then_look
  primitives/event_set_and_reset
  primitives/event_stored_once
  primitives/latch_opens
  primitives/limit_against_notify
  primitives/mutex_excludes
  primitives/notification_passed_on
  primitives/notified_and_dropped
  primitives/notified_in_turn
  primitives/notify_against_wait
  primitives/notify_all_inside
  primitives/readers_meet
  primitives/shared_excludes
  primitives/stop_against_notify
  primitives/writer_gives_up
  primitives/writer_in_turn
  waking/grant_before_registration
  waking/grants_at_once
  waking/line_reopens
  waking/mixed_sizes
  waking/mutual_exclusion
  waking/reentrant_release
  waking/release_in_window
  waking/release_of_several
  waking/try_acquire_against_waiter
  waking/turns_under_lock
  waking/two_big_requests
  waking/two_releases_two_waiters_same_queue
  waking/two_waiters_two_releases
  waking/work_of_all_holders
)

# Headers whose models have parameters of their own, or parts of models: their cases are in verify/cases/, and their
# runs on real threads in stress_others.test.cpp and uring_stress.test.cpp.
set(surewake_models_by_hand
  counting/limit_lowered
  giving_up/stop_against_operation
  giving_up/stop_against_thread
  history/history_of_channel
  history/history_of_event
  history/history_of_latch
  history/history_of_leaving
  history/history_of_mutex
  history/history_of_queue
  history/history_of_shared_mutex
  history/history_of_signals
  history/history_of_three
  history/history_of_waiters
  lifetime/loop_signalled
  lifetime/made_by_first
  lifetime/semaphore_destroyed_after_drain
  order/overtaken_at_most
  order/overtaker_sees
  primitives/channel_fixture
  primitives/event_fixture
  primitives/shared_fixture
  progress/progress
  progress/progress_free
  progress/progress_open
  progress/progress_waiting
  reclaim/reclaim_chain
  reclaim/reclaim_domain_ends
  reclaim/reclaim_node
  reclaim/reclaim_protect
  reclaim/reclaim_slot_passes
  reclaim/reclaim_stack
  reclaim/reclaim_thread_ends
  reclaim/reclaim_two_domains
  segments/segment_goes
  segments/segment_plays
  segments/segments_churn
  uring/kernel
  uring/uring_fixture
  uring/uring_give_up
  uring/uring_goes
  uring/uring_grant_across
  uring/uring_leaves
  uring/uring_leaves_inside
  uring/uring_leaves_neighbour
  uring/uring_linked
  uring/uring_order
  uring/uring_poll
  uring/uring_queues
  uring/uring_refused
  uring/uring_second_ring
  uring/uring_slot_again
  uring/uring_stopped_alone
  uring/uring_stopped_elsewhere
  uring/uring_table_moves
  uring/uring_two_granters
  uring/uring_wake_before_block
  uring/waiting_ring
  waking/goes_home
  waking/pool
  waking/sync_wait_ends
  waking/scope_ends
  waking/when_all_ends
)

# A header that is in no list would never run.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(looked_at_again CONFIGURE_DEPENDS)
endif()
foreach(law closing counting giving_up history lifetime order primitives progress reclaim segments uring waking)
  file(GLOB headers RELATIVE ${CMAKE_CURRENT_LIST_DIR} ${looked_at_again} ${CMAKE_CURRENT_LIST_DIR}/${law}/*.hpp)
  list(TRANSFORM headers REPLACE "\\.hpp$" "")
  list(REMOVE_ITEM headers ${surewake_models} ${surewake_models_by_hand})
  if(headers)
    message(FATAL_ERROR "models/models.cmake: add to surewake_models, or they will never run: ${headers}")
  endif()
endforeach()

# surewake_write_models(file head models…): writes a C++ file that includes the header of each model and defines
# SUREWAKE_EVERY_MODEL as SUREWAKE_MODEL(NAME) for each. With a `head`, which defines SUREWAKE_MODEL, it is said there;
# otherwise by the test that includes the file: a doctest case belongs to the file in which its macro is said.
function(surewake_write_models file head)
  set(text "// Written from the list of models/models.cmake.\n${head}")
  foreach(model ${ARGN})
    string(APPEND text "#include <surewake/models/${model}.hpp>\n")
  endforeach()
  string(APPEND text "#define SUREWAKE_EVERY_MODEL")
  foreach(model ${ARGN})
    cmake_path(GET model FILENAME name)
    string(APPEND text " \\\n  SUREWAKE_MODEL(${name})")
  endforeach()
  string(APPEND text "\n")
  if(head)
    string(APPEND text "SUREWAKE_EVERY_MODEL\n")
  endif()
  file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
endfunction()
