#include <surewake/bench/measure/first_line.hpp>
#include <surewake/bench/measure/machine.hpp>
#include <surewake/bench/measure/topology.hpp>
#include <surewake/bench/peers/peers.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <CLI/Version.hpp>
#include <fstream>
#include <thread>

namespace surewake::bench {
namespace {

/// Returns the value of a `key : value` line.
std::string field_of(std::string const& path, std::string const& key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    auto const colon = line.find(':');
    if (line.starts_with(key) && colon != std::string::npos) {
      auto const begin = line.find_first_not_of(" \t", colon + 1);
      return begin == std::string::npos ? "" : line.substr(begin);
    }
  }
  return "unknown";
}

/// Returns the version of each library that a peer comes from, or why it is left out.
nlohmann::ordered_json versions_of_peers() {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (peer_package const& p : peer_packages()) {
    all[p.name] = p.left_out.empty() ? p.version : "left out: " + p.left_out;
  }
  return all;
}

}  // namespace

nlohmann::ordered_json describe_machine() {
  utsname system{};
  ::uname(&system);
  bool const hypervisor = field_of("/proc/cpuinfo", "flags").find(" hypervisor") != std::string::npos;
  return {
      {"cpu", field_of("/proc/cpuinfo", "model name")},
      {"cpus_online", ::sysconf(_SC_NPROCESSORS_ONLN)},
      {"cpus_allowed", std::thread::hardware_concurrency()},
      {"virtual_machine", hypervisor},
      {"governor",
       first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").value_or("unknown (no cpufreq)")},
      {"memory", field_of("/proc/meminfo", "MemTotal")},
      {"topology", topology()},
      {"kernel", fmt::format("{} {} {}", system.sysname, system.release, system.machine)},
      {"compiler", program::provenance().at("compiler")},
      {"flags", program::provenance().at("flags")},
      {"commit", program::provenance().at("commit")},
      {"libraries",
       {{"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
        {"nlohmann-json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                                      NLOHMANN_JSON_VERSION_PATCH)},
        {"CLI11", CLI11_VERSION}}},
      {"peers", versions_of_peers()},
  };
}

nlohmann::ordered_json load_average() {
  double load[3] = {0, 0, 0};
  ::getloadavg(load, 3);
  return nlohmann::ordered_json::array({load[0], load[1], load[2]});
}

}  // namespace surewake::bench
