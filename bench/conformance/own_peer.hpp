// surewake/bench/conformance/own_peer.hpp: the table of a semaphore of ours, so that probes ask it what they ask peers.
#pragma once

#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/peers/peer.hpp>

#include <memory>
#include <vector>

namespace surewake::bench {

/// Coroutines that wait at semaphores of ours.
template <class Semaphore>
class own_crowd {
 public:
  own_crowd(std::size_t n, std::size_t groups, crowd_ending ending) : n_(n) {
    tasks_.reserve(n * groups);
    for (std::size_t g = 0; g < groups; ++g) {
      semaphores_.push_back(std::make_unique<Semaphore>(0));
      for (std::size_t i = 0; i < n; ++i) tasks_.push_back(wait(*semaphores_.back(), ending, woken_));
    }
  }

  static peer_crowd const table;

 private:
  static own_crowd& of(void* c) noexcept { return *static_cast<own_crowd*>(c); }

  static heap_probe wait(Semaphore& s, crowd_ending ending, std::uint64_t& woken) {
    auto permit = co_await s.acquire();
    ++woken;
    if (ending == crowd_ending::forgets) permit.forget();
    if (ending == crowd_ending::holds) co_await std::suspend_always{};
  }

  void add_to_each(std::size_t n) {
    for (auto const& s : semaphores_) s->add_permits(static_cast<std::ptrdiff_t>(n));
  }
  void arrange(std::uint64_t const* places, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) leaving_.push_back(std::move(tasks_[places[i]]));
  }
  std::uint64_t end() {
    leaving_.clear();
    tasks_.clear();
    std::uint64_t free = 0;
    for (auto const& s : semaphores_) free += static_cast<std::uint64_t>(s->available_permits());
    return free;
  }

  std::size_t n_;
  std::uint64_t woken_ = 0;
  std::vector<std::unique_ptr<Semaphore>> semaphores_;
  std::vector<heap_probe> tasks_;
  std::vector<heap_probe> leaving_{};
};

template <class Semaphore>
constexpr peer_crowd own_crowd<Semaphore>::table{
    .frame_bytes = 0,
    .bare_frame_bytes = 0,
    .make = [](std::size_t n, std::size_t groups, bool, crowd_ending ending) -> void* {
      return new own_crowd(n, groups, ending);
    },
    .enqueue = [](void* c) { for (heap_probe& p : of(c).tasks_) p.start(); },
    .woken = [](void* c) { return of(c).woken_; },
    .wake_at_once = [](void* c) { of(c).add_to_each(of(c).n_); },
    .wake_one_by_one = [](void* c) { for (std::size_t i = 0; i < of(c).n_; ++i) of(c).add_to_each(1); },
    .wake_one = [](void* c) { of(c).semaphores_.front()->add_permits(1); },
    .ended = [](void* c, std::size_t place) { return of(c).tasks_[place].done(); },
    .arrange = [](void* c, std::uint64_t const* places, std::size_t count) { of(c).arrange(places, count); },
    .leave = [](void* c) { for (heap_probe& p : of(c).leaving_) p.destroy(); },
    .end = [](void* c) { return of(c).end(); },
    .destroy = [](void* c) { delete &of(c); }};

template <class Semaphore>
Semaphore& semaphore_at(void* s) noexcept {
  return *static_cast<Semaphore*>(s);
}

/// What probes need of it; loops that are timed are the workloads' own.
template <class Semaphore>
[[nodiscard]] constexpr peer own_peer(char const* name) {
  peer p{};
  p.name = name;
  p.package = "surewake";
  p.withdrawal = "destruction, stop token, deadline";
  p.make = [](std::size_t permits) -> void* { return new Semaphore(static_cast<std::ptrdiff_t>(permits)); };
  p.destroy = [](void* s) { delete &semaphore_at<Semaphore>(s); };
  p.free_permits = [](void* s) { return static_cast<std::size_t>(semaphore_at<Semaphore>(s).available_permits()); };
  p.release = [](void* s, std::size_t n) { semaphore_at<Semaphore>(s).add_permits(static_cast<std::ptrdiff_t>(n)); };
  p.acquire = [](void* s) { semaphore_at<Semaphore>(s).acquire_blocking().forget(); };
  p.try_acquire = [](void* s) {
    auto permit = semaphore_at<Semaphore>(s).try_acquire();
    if (permit) permit->forget();
    return permit.has_value();
  };
  p.crowd = &own_crowd<Semaphore>::table;
  return p;
}

}  // namespace surewake::bench
