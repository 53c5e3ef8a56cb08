// surewake/bench/peers/hazard_cds.cpp: libcds's hazard pointers.
#include <surewake/bench/peers/cds_library.hpp>
#include <surewake/bench/peers/hazard_peer.hpp>

#include <array>
#include <atomic>

namespace surewake::bench {
namespace {

std::uint64_t destroyed = 0;  // by the thread that retires

struct object {
  std::uint64_t value = 1;
};

struct destroy {
  void operator()(object* o) const {
    ++destroyed;
    delete o;
  }
};

}  // namespace

hazard_peer cds_hazard_pointers() {
  return {.name = "libcds hazard pointers",
          .package = "libcds",
          .protect =
              [](std::uint64_t n) {
                attach_to_cds();
                std::array<object, 2> objects;
                std::array<std::atomic<object*>, 2> sources{&objects[0], &objects[1]};
                cds::gc::HP::Guard guard;
                std::uint64_t sum = 0;
                for (std::uint64_t i = 0; i < n; ++i) {
                  sum += guard.protect(sources[i % 2])->value;
                  guard.clear();
                }
                return sum;
              },
          .retire =
              [](std::uint64_t n) {
                attach_to_cds();
                for (std::uint64_t i = 0; i < n; ++i) cds::gc::HP::retire<destroy>(new object);
              },
          .reclaim =
              [] {
                cds::gc::HP::force_dispose();
                return destroyed;
              }};
}

}  // namespace surewake::bench
