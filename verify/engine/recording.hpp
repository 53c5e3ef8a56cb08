// surewake/verify/engine/recording.hpp: what an engine notes while it is observed, for the trace of a finding.
//
// Steps, names and objects are noted with addresses, and become words when the run is over: an address means what was
// made there last, so names depend on the step.
#pragma once

#include <surewake/verify/engine/shown.hpp>

#include <array>
#include <cstdlib>
#include <new>
#include <source_location>
#include <span>
#include <vector>

namespace surewake::verify {

struct search_result;

/// Allocates malloc's memory, which Relacy does not track: it replaces operator new.
template <class T> struct untracked {
  using value_type = T;
  untracked() noexcept = default;
  template <class U> untracked(untracked<U> const&) noexcept {}
  [[nodiscard]] T* allocate(std::size_t n) {
    void* const p = std::malloc(n * sizeof(T));
    if (p == nullptr) throw std::bad_alloc();
    return static_cast<T*>(p);
  }
  void deallocate(T* p, std::size_t) noexcept { std::free(p); }
  bool operator==(untracked const&) const = default;
};
template <class T> using raw_vector = std::vector<T, untracked<T>>;

struct raw_step {
  step_info info;
  int thread;  // -1: none of the model's
  std::source_location at;
  bool near;
};

/// A name that an object was given, before the step `since`.
struct raw_name {
  char const* at;
  std::size_t bytes;
  char const* name;
  value_text text;
  std::size_t since;
};

/// An object that was made before the step `since`.
struct made_object {
  void const* at;
  std::size_t since;
};

struct recording {
  static constexpr std::size_t most_stacks = 8;
  raw_vector<raw_step> trace{};
  raw_vector<raw_name> names{};
  raw_vector<made_object> made{};
  std::array<std::span<char const>, most_stacks> stacks{};  // of the threads: where objects on them lie

  void clear() noexcept {
    trace.clear();
    names.clear();
    made.clear();
    stacks.fill({});
  }
  void name(void const* object, std::size_t bytes, char const* name, value_text text) {
    names.push_back({static_cast<char const*>(object), bytes, name, text, trace.size()});
  }
  void make(void const* object) { made.push_back({object, trace.size()}); }
};

/// Appends the steps to the trace of `o`, in words, and the objects in it to its objects.
void copy_trace(recording const& r, search_result& o);

}  // namespace surewake::verify
