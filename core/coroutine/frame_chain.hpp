// surewake/core/coroutine/frame_chain.hpp: which frames a suspended frame waits for, so that all of them are dropped on
// little stack.
//
//   parent --youngest--> its last child --elder--> the child before that one; set when the parent suspends for them
//   child --parent, owner--> the parent; the handle whose owner destroys the child
//
// A frame that is destroyed destroys the awaiter in it, and with that the frame it waits for. Left to the destructors
// this nests once per frame, and a deep chain that is dropped overflows the stack. (Once we thought that only awaiting
// and ending a chain had to be bounded.) So whoever drops a frame destroys what that one waits for first.
//
// Invariants
//   F1  A frame has children from the suspension for them to its resumption; they and their handles live that long.
//   F2  drop() destroys each frame after those that it waits for, and of several the last one first: what nested
//       destructors would have done. So locals and parameters that refer to a parent's stay valid.
// Progress  wait-free: the links belong to the coroutines.   Errors  none.
// Cost      a few plain stores for each await. Only frames of ours have links (task, when_all): dropping a chain with
//           frames of others between them, or of tasks that hold each other as parameters and were never started, still
//           takes stack in proportion to the number of those.
#pragma once

#include <coroutine>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// A base of promises.
class frame_link {
 public:
  frame_link() = default;
  frame_link(frame_link const&) = delete;
  frame_link& operator=(frame_link const&) = delete;

  /// The coroutine of `parent` suspends until this one has ended. `owner` holds the handle of this one's frame.
  void await_by(frame_link& parent, std::coroutine_handle<>& owner) noexcept {
    parent_ = &parent;
    owner_ = &owner;
    elder_ = std::exchange(parent.youngest_, this);
  }
  /// The coroutine that waited for this one, if one of ours, goes on.
  void awaited() const noexcept {
    if (parent_ != nullptr) parent_->youngest_ = nullptr;
  }

  /// Destroys `frame`, whose link is `top`, and before it all that it waits for.
  static void drop(std::coroutine_handle<> frame, frame_link& top) noexcept {
    if (top.youngest_ != nullptr) [[unlikely]]
      drop_children(top);
    frame.destroy();
  }

 private:
  [[gnu::noinline]] static void drop_children(frame_link& top) noexcept {
    for (frame_link* at = &top;;) {
      while (frame_link* const child = at->youngest_) {
        at->youngest_ = child->elder_;
        at = child;
      }
      if (at == &top) return;
      frame_link* const parent = at->parent_;
      std::exchange(*at->owner_, nullptr).destroy();
      at = parent;
    }
  }

  frame_link* youngest_ = nullptr;  // F1
  frame_link* parent_ = nullptr;    // null: nobody waits for it, or a coroutine of another kind
  frame_link* elder_;
  std::coroutine_handle<>* owner_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
