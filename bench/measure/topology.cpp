#include <surewake/bench/measure/first_line.hpp>
#include <surewake/bench/measure/topology.hpp>

#include <fmt/format.h>

#ifdef SUREWAKE_BENCH_HWLOC
#include <hwloc.h>

#include <memory>
#endif

namespace surewake::bench {
namespace {

using json = nlohmann::ordered_json;

#ifdef SUREWAKE_BENCH_HWLOC

/// Returns the topology of this machine; null where hwloc cannot find it.
hwloc_topology_t machine() {
  struct loaded {
    loaded() {
      if (::hwloc_topology_init(&it) != 0) return;
      if (::hwloc_topology_load(it) == 0) return;
      ::hwloc_topology_destroy(it);
      it = nullptr;
    }
    loaded(loaded const&) = delete;
    loaded& operator=(loaded const&) = delete;
    ~loaded() {
      if (it != nullptr) ::hwloc_topology_destroy(it);
    }
    hwloc_topology_t it = nullptr;
  };
  static loaded const all;
  return all.it;
}

json caches(hwloc_topology_t t) {
  json all = json::array();
  for (hwloc_obj_type_t const type : {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L4CACHE}) {
    hwloc_obj_t const first = ::hwloc_get_obj_by_type(t, type, 0);
    if (first == nullptr || first->attr == nullptr) continue;
    all.push_back(fmt::format("{} × L{} of {} KiB for {} processors", ::hwloc_get_nbobjs_by_type(t, type),
                              first->attr->cache.depth, first->attr->cache.size / 1024,
                              ::hwloc_bitmap_weight(first->cpuset)));
  }
  return all;
}

#else

std::string text_of(std::string const& path) { return first_line(path).value_or(""); }

json caches_of_first_cpu() {
  json all = json::array();
  for (int i = 0; i < 8; ++i) {
    std::string const at = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/", i);
    std::string const size = text_of(at + "size");
    if (size.empty()) break;
    all.push_back(fmt::format("L{} {} of {} for processors {}", text_of(at + "level"), text_of(at + "type"), size,
                              text_of(at + "shared_cpu_list")));
  }
  return all;
}

std::string fact(int cpu, char const* name) {
  return text_of(fmt::format("/sys/devices/system/cpu/cpu{}/topology/{}", cpu, name));
}

#endif

}  // namespace

#ifdef SUREWAKE_BENCH_HWLOC

json topology() {
  hwloc_topology_t const t = machine();
  if (t == nullptr) return {{"by", "hwloc, which cannot find it"}};
  auto const count = [&](hwloc_obj_type_t type) { return ::hwloc_get_nbobjs_by_type(t, type); };
  return {{"by", fmt::format("hwloc {}.{}", ::hwloc_get_api_version() >> 16, ::hwloc_get_api_version() >> 8 & 0xff)},
          {"packages", count(HWLOC_OBJ_PACKAGE)},
          {"cores", count(HWLOC_OBJ_CORE)},
          {"processors", count(HWLOC_OBJ_PU)},
          {"numa_nodes", count(HWLOC_OBJ_NUMANODE)},
          {"caches", caches(t)}};
}

std::string distance_of(int one_cpu, int other_cpu) {
  hwloc_topology_t const t = machine();
  auto const processor = [&](int cpu) {
    return t == nullptr ? nullptr : ::hwloc_get_pu_obj_by_os_index(t, static_cast<unsigned>(cpu));
  };
  hwloc_obj_t const one = processor(one_cpu);
  hwloc_obj_t const other = processor(other_cpu);
  if (one == nullptr || other == nullptr) return "unknown";
  auto const same = [&](hwloc_obj_type_t type) {
    hwloc_obj_t const a = ::hwloc_get_ancestor_obj_by_type(t, type, one);
    return a != nullptr && a == ::hwloc_get_ancestor_obj_by_type(t, type, other);
  };
  if (one == other || same(HWLOC_OBJ_CORE)) return "same core";
  return same(HWLOC_OBJ_PACKAGE) ? "other core" : "other package";
}

#else

json topology() { return {{"by", "/sys"}, {"caches", caches_of_first_cpu()}}; }

std::string distance_of(int one_cpu, int other_cpu) {
  std::string const package = fact(one_cpu, "physical_package_id");
  std::string const core = fact(one_cpu, "core_id");
  if (package.empty() || core.empty() || fact(other_cpu, "core_id").empty()) return "unknown";
  if (package != fact(other_cpu, "physical_package_id")) return "other package";
  return core == fact(other_cpu, "core_id") ? "same core" : "other core";
}

#endif

}  // namespace surewake::bench
