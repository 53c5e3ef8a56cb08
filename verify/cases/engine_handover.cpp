// The engine's own check: what publishes plain data through an atomic, and what does not.
#include <surewake/verify/case.hpp>

namespace {

using namespace surewake;
using P = verify::relacy_platform;

/// One thread hands plain data to another; `Store` is the order of the flag's store, release [H1] in the sound form.
template <P::order Store> struct handover {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"giver", "taker"};

  void thread(unsigned i) {
    if (i == 0) {
      data.set(42);
      flag.store(1U, Store);
    } else {
      P::await(flag, [](std::uint32_t f) { return f == 1U; }, P::acquire);
      if (data.get() != 42) P::broken("the taker sees what was given");
    }
  }
  void after() {}

  P::plain<int> data{0};
  P::atomic<std::uint32_t> flag{0U};
};

verify::suite const cases =
    verify::suite("engine_handover", "One thread gives plain data to another through a flag: does the other see it?")
        .add<handover<P::release>>()
        .add<handover<P::release>>({}, {.search = verify::scheduler::full})
        .add<handover<P::relaxed>>({.bug = "relaxed_store", .expect = verify::verdict::data_race});

}  // namespace
