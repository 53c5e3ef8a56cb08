// surewake/verify/engine/model.hpp: a model as an engine sees it, and how its search ends.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace surewake::verify {

/// How a search ends. Everything but `pass` and `weak_claim` was seen in one schedule, which can be replayed.
enum class verdict : std::uint8_t {
  pass,            // nothing found within the coverage
  deadlock,        // threads sleep and nobody will wake them: a lost wakeup shows as this
  livelock,        // a schedule did not end within 10'000 steps
  data_race,       // two accesses to plain data, one a write, unordered
  broken_law,      // the model's law
  use_after_free,  // an access to an object whose lifetime is over
  out_of_range,    // an element before the first or after the last one of an array
  double_free,     // memory freed twice, or never allocated
  leak,            // memory or objects left at the end
  uninitialised,   // a read that no write precedes
  mutex_misuse,    // locked twice, unlocked by another, destroyed while held
  exception,       // a thread threw
  crash,           // a memory fault or std::terminate
  blocked,         // an operation does not end while another thread stalls, against its claim
  too_many_steps,  // an operation took more steps than it claims
  weak_claim,      // an operation claims less than what was seen in the whole search: no schedule shows it
};
[[nodiscard]] std::string_view to_string(verdict v) noexcept;

/// A model, constructed for one schedule.
class running_model {
 public:
  running_model() = default;
  running_model(running_model const&) = delete;
  running_model& operator=(running_model const&) = delete;
  virtual ~running_model() = default;
  virtual void thread(unsigned i) = 0;
  virtual void after() = 0;
  [[nodiscard]] virtual std::string state() const = 0;
};

/// A model as the engine needs it: how to make one, and how its threads are called.
struct model_type {
  unsigned threads = 0;
  std::vector<std::string> names{};
  std::vector<std::string> operations{};
  std::size_t bytes = 0;
  char const* interleavings_only = nullptr;  // why graphs do not have it; null: they do
  running_model* (*construct)(void* storage) = nullptr;
};

namespace detail {

template <class M> class running final : public running_model {
 public:
  void thread(unsigned i) override { model_.thread(i); }
  void after() override { model_.after(); }
  [[nodiscard]] std::string state() const override {
    if constexpr (requires { { model_.state() } -> std::convertible_to<std::string>; }) {
      return model_.state();
    } else {
      return {};
    }
  }

 private:
  M model_{};
};

template <class M> [[nodiscard]] model_type type_of() {
  static_assert(M::threads >= 1 && M::threads <= 5, "a model has 1 to 5 threads");
  static_assert(alignof(running<M>) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__, "over-aligned models are not supported");
  model_type t{.threads = M::threads, .bytes = sizeof(running<M>), .construct = [](void* storage) -> running_model* {
                 return std::construct_at(static_cast<running<M>*>(storage));
               }};
  if constexpr (requires { M::names; }) {
    static_assert(std::size(M::names) == M::threads, "a name for each thread");
    t.names.assign(std::begin(M::names), std::end(M::names));
  } else {
    for (unsigned i = 0; i != M::threads; ++i) t.names.push_back("thread " + std::to_string(i));
  }
  if constexpr (requires { M::interleavings_only; }) t.interleavings_only = M::interleavings_only;
  if constexpr (requires { M::operations; }) t.operations.assign(std::begin(M::operations), std::end(M::operations));
  return t;
}

}  // namespace detail

}  // namespace surewake::verify
