#include <surewake/verify/shared/provenance.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <ctime>
#include <fstream>

// Written by the build (build_info.cmake).
#include "build_info.hpp"

namespace surewake::program {

namespace {

nlohmann::ordered_json& facts() {
  static nlohmann::ordered_json f;
  return f;
}
std::string& name() {
  static std::string n = "surewake";
  return n;
}

/// Returns what a shell would take as this argument.
std::string quoted(std::string const& argument) {
  auto const plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./=:,@%+").find(c) != std::string_view::npos;
  };
  bool all = !argument.empty();
  for (char const c : argument) all = all && plain(c);
  if (all) return argument;
  std::string text = "'";
  for (char const c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + '\'';
}

std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    auto const at = line.find(": ");
    if (line.starts_with("model name") && at != line.npos) return line.substr(at + 2);
  }
  return "unknown processor";
}

}  // namespace

char const* program_name() noexcept { return name().c_str(); }

std::string timestamp() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

void detail::set_command(char const* program, int argc, char const* const* argv) {
  name() = program;
  std::string command;
  for (int i = 0; i < argc; ++i) command += (i == 0 ? "" : " ") + quoted(argv[i]);
  utsname system{};
  ::uname(&system);
  facts() = {{"program", program},
             {"version", build_version},
             {"commit", build_commit},
             {"compiler", build_compiler},
             {"flags", build_flags},
             {"machine", fmt::format("{}, {} processors", processor(), ::sysconf(_SC_NPROCESSORS_ONLN))},
             {"kernel", fmt::format("{} {} {}", system.sysname, system.release, system.machine)},
             {"started", timestamp()},
             {"command_line", command}};
}

void add_provenance(char const* key, std::string value) { facts()[key] = std::move(value); }

nlohmann::ordered_json const& provenance() { return facts(); }

std::string provenance_line() {
  std::string text;
  for (auto const& [key, value] : facts().items()) {
    if (key == "program") {
      text = value.get<std::string>();
    } else if (key == "version") {
      text += " " + value.get<std::string>();
    } else {
      if (key != "command_line") text += (key == "commit" ? ", commit " : ", ") + value.get<std::string>();
    }
  }
  return text + ": " + facts().value("command_line", "");
}

std::string version_text() {
  return fmt::format("{} {}\ncommit {}\nbuilt by {} {}\n", facts().value("program", name()), build_version,
                     build_commit, build_compiler, build_flags);
}

}  // namespace surewake::program
