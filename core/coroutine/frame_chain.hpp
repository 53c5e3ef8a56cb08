// surewake/core/coroutine/frame_chain.hpp: which frames a suspended frame waits for, so that all of them are dropped on
// little stack.
//
//   parent --youngest--> its last child --elder--> the child before that one; set when the parent suspends for them
//   child --parent, owner--> the parent; the handle whose owner destroys the child
//
// A frame that is destroyed destroys the awaiter in it, and with the awaiter the frame that it waits for. Left to the
// destructors this nests once per frame, so that a deep chain that is dropped overflows the stack. (An earlier version
// bounded only awaiting and ending a chain.) So drop() destroys what a frame waits for before the frame.
//
// Invariants
//   I1  A frame has children from its suspension for them to its resumption. The children and their handles live that
//       long.
//   I2  drop() destroys each frame after those that it waits for, and of several the last one first, as nested
//       destructors would have done. So locals and parameters that refer to a parent's stay valid.
// Progress  wait-free, because the links belong to the coroutines.   Errors  none.
// Cost      a few plain stores for each await. Only frames of surewake have links (task, when_all). So it still takes
//           stack to drop a chain with other frames between them, or of tasks that hold each other as parameters and
//           were never started, in proportion to the number of those.
#pragma once

#include <coroutine>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// A base of promises.
class frame_link {
 public:
  frame_link() = default;
  frame_link(frame_link const&) = delete;
  frame_link& operator=(frame_link const&) = delete;

  /// Makes this frame a child of `parent`, whose coroutine suspends until this one has ended. `owner` holds the handle
  /// of this frame.
  void await_by(frame_link& parent, std::coroutine_handle<>& owner) noexcept {
    parent_ = &parent;
    owner_ = &owner;
    elder_ = std::exchange(parent.youngest_, this);
  }
  /// Clears the children of the coroutine that waited for this one, if that has a link, because it goes on.
  void awaited() const noexcept {
    if (parent_ != nullptr) parent_->youngest_ = nullptr;
  }

  /// Destroys `frame`, whose link is `top`, and before it all frames that it waits for.
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

  frame_link* youngest_ = nullptr;  // I1
  frame_link* parent_ = nullptr;    // null: no coroutine waits for it, or one without a link
  frame_link* elder_;
  std::coroutine_handle<>* owner_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
