// surewake/models/segments/segment_plays.hpp: guests come to a bare segmented_queue, are granted, leave and are closed
// out, as a short play says, over segments of few cells. Is every grant used or kept, in order, and is nothing touched
// that has gone?
// Shape      1 to 3 threads, none of which sleeps. The plays follow at the end, each with what it is about.
// Must hold  conservation, no lost wakeup, order, and no phantom grant (laws 1, 2, 3, 6). Where a play says so, a guest
//            sees the work of all releasers (law 8). A guest that never leaves is gone once it is handed over, and so
//            is the queue, where the last guest destroys it (law 4). Segments that are finished go.
#pragma once

#include <surewake/models/fixture/law.hpp>
#include <surewake/models/fixture/prompt_reclaimer.hpp>

#include <algorithm>
#include <array>

namespace surewake::models {

/// One move of a play.
struct move {
  enum class kind : std::uint8_t {
    nothing,
    come,     // guest n registers for what it needs
    pass,     // a guest asks for a permit, registers, and finds when it looks again that it need not wait
    leave,    // guest n gives up
    release,  // n permits come
    close,
  };
  kind what = kind::nothing;
  std::int64_t n = 0;
};

struct play {
  static constexpr std::size_t most_guests = 6;
  std::array<std::uint32_t, most_guests> needs{};   // of each guest; 0: there is none
  std::array<move, 8> before{};                      // alone
  std::array<std::array<move, 3>, 3> threads{};
  std::array<move, 3> inside{};                       // made by guest 0, as it is handed over
  unsigned sees_all = 0;                              // a bit a guest: once it is granted all have released
  bool last_destroys = false;                         // the guest that is handed over last destroys the queue

  [[nodiscard]] constexpr unsigned thread_count() const noexcept {
    return static_cast<unsigned>(std::ranges::count_if(threads, [](auto const& t) {
      return t[0].what != move::kind::nothing;
    }));
  }
  [[nodiscard]] constexpr bool leaves(std::int64_t guest) const noexcept {
    auto const is = [guest](move const& m) { return m.what == move::kind::leave && m.n == guest; };
    return std::ranges::any_of(before, is) || std::ranges::any_of(inside, is) ||
           std::ranges::any_of(threads, [&](auto const& t) { return std::ranges::any_of(t, is); });
  }
};

/// The queue's reclaimer is R.
template <platform P, template <class> class Queue, reclaimer R> class segment_stage {
 public:
  explicit segment_stage(play const& p) : play_(p) {
    void* const memory = P::allocate(sizeof(Queue<P>), alignof(Queue<P>));
    queue_ = std::construct_at(static_cast<Queue<P>*>(memory));
    for (move const& m : play_.before) act(m, 0);
    let_go();
  }
  segment_stage(segment_stage const&) = delete;
  segment_stage& operator=(segment_stage const&) = delete;
  ~segment_stage() {
    for (guest& g : guests_) {
      if (g.alive) std::destroy_at(g.waits());
    }
    if (queue_ != nullptr) destroy();
  }

  void thread(unsigned i) {
    for (move const& m : play_.threads[i]) act(m, i);
  }

  void after() {
    if (queue_ == nullptr) return;
    std::int64_t free = released_.get();
    for (guest const& g : guests_) free -= g.granted.get() != 0 ? needs(g) : 0;
    if (free < 0) P::broken("conservation: more was granted than released");
    everyone_is_served(free);
    for (guest& g : guests_) {
      if (g.waiting()) leave(g);
      if (g.granted.get() != 0 && g.granted.get() != 1) P::broken("somebody was handed over twice");
    }
    if (queue_->size() != 0) P::broken("size: nobody waits");
    if (!queue_->no_segment_forgotten()) P::broken("memory: a segment stays, and all of its cells are finished");
    if (queue_->segments() > 5) P::broken("memory: segments stay that nobody uses");
    free = released_.get();
    for (guest const& g : guests_) free -= g.granted.get() != 0 ? needs(g) : 0;
    if (word_.available() != free) P::broken("conservation: a permit was lost or invented");
    nothing_is_left(free);
  }

 private:
  struct guest;
  struct guest_waiter : placed_waiter<P> {
    guest_waiter(segment_stage& s, guest& g) noexcept
        : placed_waiter<P>([](work<P>& w) noexcept {
            auto& me = static_cast<guest_waiter&>(w);
            me.stage.handed_over(me.about, me.closed());
          }),
          stage(s), about(g) {}
    segment_stage& stage;
    guest& about;
  };
  struct guest {
    alignas(guest_waiter) std::byte memory[sizeof(guest_waiter)];
    bool alive = false;
    ghost<P> came{}, granted{}, closed{}, left{};
    [[nodiscard]] guest_waiter* waits() noexcept { return reinterpret_cast<guest_waiter*>(memory); }
    [[nodiscard]] bool waiting() const noexcept {
      return came.get() != 0 && granted.get() == 0 && closed.get() == 0 && left.get() == 0;
    }
  };

  /// Has this thread hold no segment of the queue: that would hide that no other thread holds it.
  void let_go() {
    if constexpr (requires { R::default_domain().all_let_go(); }) {
      R::default_domain().all_let_go();
    } else if constexpr (std::same_as<R, hazard_reclaimer<P>>) {
      Queue<P> other;  // of the same type, so that a thread's hazard pointers are the same
      auto const no_refusals = [](std::uint32_t) noexcept { return std::int64_t{0}; };
      for (unsigned i = 0; i != 3; ++i) {  // one in another segment than the first
        placed_waiter<P> w([](work<P>&) noexcept {});
        w.missing(1);
        if (other.enqueue(w) != enqueued::waiting || !other.withdraw(w, no_refusals)) P::broken("a guest cannot leave");
      }
      other.grant(1);
    }
  }

  void act(move const& m, unsigned thread) {
    switch (m.what) {
      case move::kind::nothing: return;
      case move::kind::come: return come(guests_[static_cast<std::size_t>(m.n)], needs(m.n));
      case move::kind::pass: return pass();
      case move::kind::leave: return leave(guests_[static_cast<std::size_t>(m.n)]);
      case move::kind::release: {
        work_[thread].set(1);
        released_.add(m.n);
        std::int64_t const due = word_.put(m.n);
        if (due > 0) queue_->grant(due);
        return;
      }
      case move::kind::close:
        word_.close();
        closing_.set(1);
        queue_->close();
        return;
    }
  }

  void come(guest& g, std::int64_t n) {
    guest_waiter& w = *std::construct_at(g.waits(), *this, g);
    g.alive = true;
    std::int64_t const owed = word_.take(n);
    if (owed == 0) return got(g);
    if (owed < 0) return g.closed.set(1);
    if (std::int64_t const brought = word_.brings(n, owed); brought != 0) queue_->grant(brought);
    w.missing(static_cast<std::uint32_t>(n));
    g.came.set(1);
    switch (queue_->enqueue(w)) {
      case enqueued::waiting: return;
      case enqueued::granted: return got(g);
      case enqueued::closed: word_.abandon(n); return g.closed.set(1);
    }
  }

  /// Asks for a permit and takes a ticket, and takes the demand back before it registers.
  void pass() {
    std::int64_t const owed = word_.take(1);
    if (owed < 0) return;
    if (owed == 0) {
      if (std::int64_t const due = word_.put(1); due > 0) queue_->grant(due);
      return;
    }
    guest nobody;
    guest_waiter& w = *std::construct_at(nobody.waits(), *this, nobody);
    w.missing(1);
    enqueued const is = queue_->enqueue(w, [&]() noexcept { return word_.refund(1, 1).refusals; });
    if (is == enqueued::waiting) P::broken("somebody waits who need not");
    if (is == enqueued::closed) word_.abandon(1);
    std::destroy_at(&w);
  }

  void leave(guest& g) {
    if (!g.alive) return;
    std::int64_t const n = needs(g);
    std::int64_t grants = 0;
    bool const left = queue_->withdraw(*g.waits(), [&](std::uint32_t missing) noexcept {
      refunded const r = word_.refund(n, missing);
      grants = r.grants;
      return r.refusals;
    });
    if (left && !g.waiting()) P::broken("somebody leaves who was handed over");
    if (left) g.left.set(1);
    if (grants > 0) queue_->grant(grants);
  }

  void got(guest& g) {
    g.granted.add(1);
    std::size_t const me = index(g);
    if ((play_.sees_all >> me & 1) != 0) {
      for (std::size_t t = 0; t != play_.threads.size(); ++t) {
        bool const releases = play_.threads[t][0].what == move::kind::release;
        if (releases && work_[t].get() != 1) P::broken("visibility: the work of a releaser was lost");
      }
    }
  }

  void handed_over(guest& g, bool closed) {
    if (closed) {
      word_.abandon(needs(g));
      g.closed.add(1);
    } else {
      got(g);
    }
    if (!play_.leaves(static_cast<std::int64_t>(index(g)))) {
      std::destroy_at(g.waits());
      g.alive = false;
    }
    if (&g == guests_.data()) {
      for (move const& m : play_.inside) act(m, 0);
    }
    if (!play_.last_destroys) return;
    for (std::size_t i = 0; i != guests_.size(); ++i) {
      if (play_.needs[i] != 0 && (guests_[i].came.get() == 0 || guests_[i].waiting())) return;
    }
    destroy();
  }

  /// Checks that at rest the first waiter lacks more than is free, and that none overtook it.
  void everyone_is_served(std::int64_t free) {
    guest* first = nullptr;
    for (guest& g : guests_) {
      if (!g.waiting()) continue;
      if (closing_.get() != 0) P::broken("lost wakeup: close() left somebody waiting");
      if (first == nullptr || ticket(g) < ticket(*first)) first = &g;
    }
    if (first == nullptr) return;
    if (needs(*first) <= free) P::broken("lost wakeup: somebody sleeps while the permits it wants are free");
    for (guest const& g : guests_) {
      bool const both = came_before(g) && came_before(*first);
      if (both && &g > first && g.granted.get() != 0) P::broken("order: somebody was overtaken");
    }
  }

  /// Checks that what is free can be had, and after it nothing; then two come, and two permits reach them.
  void nothing_is_left(std::int64_t free) {
    if (closing_.get() != 0) {
      guest late;
      come(late, 1);
      if (late.closed.get() != 1) P::broken("somebody comes into a closed queue");
      std::destroy_at(late.waits());
      return;
    }
    if (free != 0 && word_.take(free) != 0) P::broken("conservation: a free permit cannot be taken");
    std::array<guest, 2> next;
    for (guest& g : next) come(g, 1);
    if (next[0].granted.get() + next[1].granted.get() != 0)
      P::broken("phantom grant: there are more than were released");
    if (queue_->size() != 2) P::broken("size: two wait");
    if (word_.put(2) != 2) P::broken("conservation: a permit was lost or invented");
    queue_->grant(2);
    if (next[0].granted.get() + next[1].granted.get() != 2) P::broken("lost wakeup: a grant was lost, or refused");
  }

  [[nodiscard]] std::size_t index(guest const& g) const noexcept {
    return &g >= guests_.data() && &g < guests_.data() + guests_.size() ? static_cast<std::size_t>(&g - guests_.data())
                                                                        : play::most_guests;
  }
  [[nodiscard]] std::int64_t needs(std::int64_t i) const noexcept { return play_.needs[static_cast<std::size_t>(i)]; }
  [[nodiscard]] std::int64_t needs(guest const& g) const noexcept {
    std::size_t const i = index(g);
    return i == play::most_guests ? 1 : play_.needs[i];
  }
  [[nodiscard]] std::uint64_t ticket(guest& g) noexcept {
    return g.waits()->strategy_word() + 1 - g.waits()->missing();
  }
  [[nodiscard]] bool came_before(guest const& g) const noexcept {
    auto const i = static_cast<std::int64_t>(index(g));
    return std::ranges::any_of(play_.before, [i](move const& m) { return m.what == move::kind::come && m.n == i; });
  }
  void destroy() noexcept {
    Queue<P>* const q = std::exchange(queue_, nullptr);
    std::destroy_at(q);
    P::deallocate(q, sizeof(Queue<P>), alignof(Queue<P>));
  }

  play const& play_;
  typename hand_off::counter<P> word_{0};
  Queue<P>* queue_ = nullptr;  // null once it was destroyed
  std::array<guest, play::most_guests> guests_{};
  std::array<typename P::template plain<int>, 3> work_{0, 0, 0};
  ghost<P> released_{}, closing_{};
};

/// Runs the play on a stage.
template <platform P, template <class> class Queue, play const& Play, reclaimer R = prompt_reclaimer<P>>
class segment_play : public segment_stage<P, Queue, R> {
 public:
  static constexpr model_facts facts{
      .question = "Guests come, are granted, leave and are closed out: is every grant used, in order?",
      .law = "guests come, are granted, leave and are closed out, as short plays say: every grant is used or "
             "kept, in order, and nothing is touched that is gone"};
  static constexpr unsigned threads = Play.thread_count();
  static constexpr char const* interleavings_only =
      std::same_as<R, prompt_reclaimer<P>> ? "the prompt reclaimer sees by ghosts when an object can end" : nullptr;
  segment_play() : segment_stage<P, Queue, R>(Play) {}
};

namespace plays {

using enum move::kind;

using moves = std::array<move, 3>;

/// A request for three gets its grants in any order, or leaves with some of them; a waiter is after it in the list.
inline constexpr play several_leaves{
    .needs = {3, 1},
    .before = {{{come, 0}, {come, 1}}},
    .threads = {moves{{{release, 2}}}, moves{{{release, 1}}}, moves{{{leave, 0}}}}};
/// A request for two, with grants that come from two.
inline constexpr play several_lacks{
    .needs = {2, 1},
    .before = {{{come, 0}, {come, 1}}},
    .threads = {moves{{{release, 1}}}, moves{{{release, 1}}}, moves{{{leave, 0}}}}};
/// The guest that gets all that two release sees the work of both, and destroys the queue.
inline constexpr play several_destroys{
    .needs = {3},
    .before = {{{come, 0}}},
    .threads = {moves{{{release, 1}}}, moves{{{release, 2}}}},
    .sees_all = 1,
    .last_destroys = true};
/// A request gets a permit from each of three, and sees the work of all.
inline constexpr play several_from_three{
    .needs = {3},
    .before = {{{come, 0}}},
    .threads = {moves{{{release, 1}}}, moves{{{release, 1}}}, moves{{{release, 1}}}},
    .sees_all = 1,
    .last_destroys = true};
/// A request is complete as the cell after its last one is finished.
inline constexpr play several_beside{
    .needs = {1, 2, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}, {release, 1}}},
    .threads = {moves{{{release, 1}}}, moves{{{release, 2}}}}};
/// A request leaves as the cell after its last one is finished.
inline constexpr play several_leaves_beside{
    .needs = {2, 1},
    .before = {{{come, 0}, {come, 1}}},
    .threads = {moves{{{leave, 0}}}, moves{{{leave, 1}}}}};
/// A request comes as they release.
inline constexpr play several_arrives{
    .needs = {3},
    .threads = {moves{{{release, 1}}}, moves{{{release, 2}}}, moves{{{come, 0}}}},
    .sees_all = 1};
/// A grant comes before its waiter; the waiter sees what was done before it.
inline constexpr play grant_first{
    .needs = {1}, .threads = {moves{{{release, 1}}}, moves{{{come, 0}}}}, .sees_all = 1};
/// A grant comes as its waiter leaves, and goes to the next.
inline constexpr play grant_passes{
    .needs = {1, 1},
    .before = {{{come, 0}, {come, 1}}},
    .threads = {moves{{{release, 1}}}, moves{{{leave, 0}}}},
    .sees_all = 3};
/// Two grant, and the cells before those of their waiters are gone.
inline constexpr play both_skip{
    .needs = {1, 1, 1, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}, {come, 3}, {leave, 0}, {leave, 1}}},
    .threads = {moves{{{release, 1}}}, moves{{{release, 1}}}}};
/// Neighbours leave while a grant comes to each of them.
inline constexpr play neighbours_leave{
    .needs = {1, 1, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}}},
    .threads = {moves{{{leave, 0}}}, moves{{{leave, 1}}}, moves{{{release, 2}}}}};
/// A request is complete while the other cells of its segment are finished by others.
inline constexpr play home_goes{
    .needs = {1, 3, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}}},
    .threads = {moves{{{release, 1}}}, moves{{{release, 3}}}}};
/// close() finds gaps, and grants are on their way.
inline constexpr play close_finds_gaps{
    .needs = {1, 1, 1, 1, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}, {come, 3}, {come, 4}, {leave, 1}}},
    .threads = {moves{{{release, 3}}}, moves{{{close, 0}}}}};
/// close() ends the waits of guests that leave.
inline constexpr play close_and_leave{
    .needs = {1, 1, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}, {leave, 2}}},
    .threads = {moves{{{leave, 1}}}, moves{{{close, 0}}}, moves{{{leave, 0}}}}};
/// close() ends a request that has got some of its grants, and is about to leave.
inline constexpr play close_and_several{
    .needs = {3, 1},
    .before = {{{come, 0}, {come, 1}}},
    .threads = {moves{{{close, 0}}}, moves{{{release, 2}}}, moves{{{leave, 0}}}}};
/// close() ends a request that is coming, and has a grant already.
inline constexpr play close_and_arrives{
    .needs = {2}, .threads = {moves{{{come, 0}}}, moves{{{release, 1}}}, moves{{{close, 0}}}}};
/// A thread closes twice, and two guests come.
inline constexpr play close_twice{
    .needs = {1, 2}, .threads = {moves{{{close, 0}, {close, 0}}}, moves{{{come, 0}}}, moves{{{come, 1}}}}};
/// The last one that close() hands over destroys the queue.
inline constexpr play close_destroys{
    .needs = {1, 2, 1, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}, {come, 3}, {leave, 3}}},
    .threads = {moves{{{close, 0}}}},
    .last_destroys = true};
/// close() ends a request that began in a segment which the guest that leaves before it finishes.
inline constexpr play close_finishes_home{
    .needs = {1, 3, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}}},
    .threads = {moves{{{leave, 0}}}, moves{{{close, 0}}}}};
/// A guest that close() hands over ends the waits of those after it.
inline constexpr play close_of_one_ends_others{
    .needs = {1, 2, 2, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}, {come, 3}}},
    .threads = {moves{{{close, 0}}}},
    .inside = {{{leave, 1}, {leave, 2}}}};
/// A grant comes before its waiter, which then need not wait; it belongs to the next.
inline constexpr play token_passes{
    .needs = {1}, .threads = {moves{{{pass, 0}}}, moves{{{release, 1}}}, moves{{{come, 0}}}}};
/// Tickets are passed by, with and without their grants.
inline constexpr play tickets_pass{
    .needs = {1, 1},
    .before = {{{come, 0}}},
    .threads = {moves{{{pass, 0}, {come, 1}}}, moves{{{release, 2}}}}};
/// A segment between two others goes as a grant passes by.
inline constexpr play goes_between{
    .needs = {1, 1, 1},
    .before = {{{come, 0}, {come, 1}}},
    .threads = {moves{{{come, 2}}}, moves{{{leave, 1}}}, moves{{{release, 2}}}}};
/// A guest gives up too late: it was granted, and the neighbour that leaves takes the segment away.
inline constexpr play late_and_neighbour{
    .needs = {1, 1, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}}},
    .threads = {moves{{{release, 1}}}, moves{{{leave, 1}}}, moves{{{leave, 0}}}}};
/// It was granted, and the guest that comes next takes the segment away.
inline constexpr play late_and_next{
    .needs = {1, 1},
    .before = {{{come, 0}}},
    .threads = {moves{{{release, 2}}}, moves{{{come, 1}}}, moves{{{leave, 0}}}}};
/// It was granted, and another one that leaves finds the segment removed.
inline constexpr play late_and_removed{
    .needs = {1, 1, 1, 1},
    .before = {{{come, 0}, {come, 1}, {come, 2}, {come, 3}}},
    .threads = {moves{{{release, 2}}}, moves{{{leave, 2}}}, moves{{{leave, 0}}}}};
/// Segments come and go, one after the other.
inline constexpr play segments_pass{
    .needs = {1, 1},
    .before = {{{pass, 0}, {pass, 0}, {pass, 0}, {pass, 0}, {pass, 0}, {pass, 0}, {pass, 0}}},
    .threads = {moves{{{come, 0}, {leave, 0}, {pass, 0}}}, moves{{{come, 1}, {leave, 1}}}}};

}  // namespace plays

}  // namespace surewake::models
