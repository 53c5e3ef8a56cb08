// surewake/bench/workloads/hazard.cpp: hazard pointers, on one thread.
//
// `protect`: one operation protects one of two objects, reads it and lets go. `retire`: one operation makes an object
// and retires it; with it goes its share of the scans that destroy. Nothing is held meanwhile.
#include <surewake/bench/measure/workload.hpp>
#include <surewake/bench/peers/hazard_peer.hpp>
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/reclaim/hazard_pointer.hpp>

#include <array>
#include <atomic>

namespace surewake::bench {
namespace {

std::uint64_t destroyed = 0;  // by the thread that retires

struct object : basic_hazard_pointer_obj_base<object, std_platform> {
  ~object() { ++destroyed; }
  std::uint64_t value = 1;
};

std::uint64_t protect_ours(std::uint64_t n) {
  std::array<object, 2> objects;
  std::array<std::atomic<object*>, 2> sources{&objects[0], &objects[1]};
  basic_hazard_pointer<std_platform> h = make_hazard_pointer<std_platform>();
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    sum += h.protect(sources[i % 2])->value;
    h.reset_protection();
  }
  return sum;
}

void retire_ours(std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) (new object)->retire();
}

std::uint64_t reclaim_ours() {
  hazard_pointer_clean_up<std_platform>();
  return destroyed;
}

constexpr hazard_peer our_pointer{"surewake::hazard_pointer", "surewake", &protect_ours, &retire_ours, &reclaim_ours};

sample timed_protect(hazard_peer const& p, std::uint64_t n) {
  static_cast<void>(p.protect(1));  // a thread's first use is dearer
  stopwatch watch;
  watch.start();
  std::uint64_t const read = p.protect(n);
  watch.stop(static_cast<double>(n));
  expect(read == n, "every read was of an object that lives");
  return watch.total();
}

sample timed_retire(hazard_peer const& p, std::uint64_t n) {
  p.retire(1);
  std::uint64_t const before = p.reclaim();
  stopwatch watch;
  watch.start();
  p.retire(n);
  watch.stop(static_cast<double>(n));
  expect(p.reclaim() - before == n, "every object was destroyed, once");
  return watch.total();
}

}  // namespace

void add_hazard(scenarios& all, effort const&) {
  scenario protecting{.workload = "hazard_pointer", .name = "protect", .permits = 0};
  scenario retiring{.workload = "hazard_pointer", .name = "retire", .permits = 0};
  auto const add = [&](hazard_peer const& p, kind what) {
    protecting.contestants.push_back({p.name, what, [p](std::uint64_t n) { return timed_protect(p, n); }});
    retiring.contestants.push_back({p.name, what, [p](std::uint64_t n) { return timed_retire(p, n); }});
  };
  add(our_pointer, kind::experiment);
  for (hazard_peer const& p : hazard_peers()) add(p, kind::peer);
  all.push_back(std::move(protecting));
  all.push_back(std::move(retiring));
}

}  // namespace surewake::bench
