// surewake/models/bugs/homes.hpp: homes that break what core/node/home.hpp asks of them.
#pragma once

#include <surewake/models/waking/goes_home.hpp>

namespace surewake::models::bugs {

/// Wraps the real home.
template <class P> class false_home : public detail::home<P> {
 public:
  explicit false_home(detail::home<P>& h) noexcept : detail::home<P>(false), real_(h) {}
  [[nodiscard]] detail::home<P>& seen() noexcept { return *this; }
  [[nodiscard]] bool post(work<P>& w) noexcept override { return real_.post(w); }
  [[nodiscard]] bool withdraw(work<P>& w) noexcept override { return real_.withdraw(w); }
  void leave_shared() noexcept override { real_.leave_shared(); }

 protected:
  void enter_shared() noexcept override { real_.enter(); }

  detail::home<P>& real_;
};

/// Leaves the coroutine where it is: the thread that ends the wait posts nothing.
template <class P> struct forgets_post : false_home<P> {
  using false_home<P>::false_home;
  [[nodiscard]] bool post(work<P>&) noexcept override { return true; }
};

/// Posts the coroutine, and lets the thread that ends the wait resume it as well.
template <class P> struct posts_and_resumes : false_home<P> {
  using false_home<P>::false_home;
  [[nodiscard]] bool post(work<P>& w) noexcept override { return this->real_.post(w) && false; }
};

/// Lets the thread that ends the wait resume the coroutine on itself: stops and time-outs did so once.
template <class P> struct resumes_here : false_home<P> {
  using false_home<P>::false_home;
  [[nodiscard]] bool post(work<P>&) noexcept override { return false; }
};

/// Takes work as before although the home has ended.
template <class P> struct takes_after_end : false_home<P> {
  using false_home<P>::false_home;
  [[nodiscard]] bool post(work<P>& w) noexcept override { return static_cast<void>(this->real_.post(w)), true; }
};

}  // namespace surewake::models::bugs
