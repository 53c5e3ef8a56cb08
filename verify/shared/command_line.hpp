// surewake/verify/shared/command_line.hpp: how the command-line programs read their arguments, and say what is wrong.
#pragma once

#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::program {

/// Writes `what` to standard error, with the program's name before it; returns `status`.
inline int wrong(std::string_view what, int status) {
  std::fprintf(stderr, "%s: %.*s\n", program_name(), static_cast<int>(what.size()), what.data());
  return status;
}

/// Returns the value that `text` names among `choices`, pairs of a name and a value.
///
/// Errors  usage_error, which lists the names.
template <class Choices>
auto one_of(char const* option, std::string_view text, Choices const& choices) {
  std::string names;
  for (auto const& [name, value] : choices) {
    if (text == name) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  throw usage_error(fmt::format("{} '{}': it must be one of {}", option, text, names));
}

namespace detail {

template <class Items, class Name> std::string listed(Items const& items, Name name) {
  std::string all;
  for (auto const* const item : items) all += (all.empty() ? "" : ", ") + name(*item);
  return all;
}

inline std::string commands_of(CLI::App const& app) {
  auto const all = app.get_subcommands([](CLI::App const*) { return true; });
  return listed(all, [](CLI::App const& c) { return c.get_name(); });
}

/// Says what is wrong: CLI11 names neither the command nor what it takes, and of an option without a value no limit.
inline std::string complaint(CLI::App const& app, CLI::ParseError const& e) {
  std::vector<CLI::App*> const given = app.get_subcommands();
  std::vector<std::string> const extra = app.remaining(true);
  if (given.empty()) {
    return fmt::format("{}; the command must be one of {}",
                       extra.empty() ? "a command is missing" : fmt::format("'{}': no such option", extra.front()),
                       commands_of(app));
  }
  CLI::App const& command = *given.front();
  auto const options = command.get_options([](CLI::Option const*) { return true; });
  std::string const takes = fmt::format("{} takes {}", command.get_name(),
                                        listed(options, [](CLI::Option const& o) { return o.get_name(); }));
  std::string_view const text = e.what();
  if (text.find(" missing") != text.npos) {
    for (CLI::Option const* const o : options) {
      if (text.starts_with(o->get_name() + ":"))
        return fmt::format("{}: {} needs a value: {}", command.get_name(), o->get_name(), o->get_description());
    }
  }
  if (text.find("flag override") != text.npos)
    return fmt::format("{}: --{}: a flag takes no value", command.get_name(), text.substr(0, text.find(' ')));
  if (!extra.empty()) return fmt::format("{}: '{}' is not expected; {}", command.get_name(), extra.front(), takes);
  for (CLI::Option const* const o : options) {
    if (!o->get_required() || o->count() != 0) continue;
    return fmt::format("{}: {} is missing ({}); {}", command.get_name(), o->get_name(), o->get_description(), takes);
  }
  return fmt::format("{}: {}; {}", command.get_name(), text, takes);
}

}  // namespace detail

/// Reads the command line into `app`. To be called after prepare().
///
/// Returns  nothing where the command is to be carried out; otherwise the status to end with: the version or a help
///          text was asked for, and is written, or the arguments are wrong, and that is said.
[[nodiscard]] inline std::optional<int> read_arguments(CLI::App& app, int argc, char const* const* argv) {
  auto const named = [&](CLI::App* command) { return command->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(named).empty()) {
    return wrong(fmt::format("'{}': no such command; it must be one of {}", argv[1], detail::commands_of(app)),
                 wrong_usage);
  }
  for (CLI::App* const command : app.get_subcommands({})) {
    for (CLI::Option* const o : command->get_options()) {
      if (o->get_items_expected_max() == 0) o->disable_flag_override();  // --quiet=3
    }
  }
  try {
    app.parse(argc, argv);
  } catch (CLI::CallForVersion const&) {
    out().write(version_text());
    return as_expected;
  } catch (CLI::Success const&) {  // help
    out().write(app.help());
    return as_expected;
  } catch (CLI::ParseError const& e) {
    return wrong(fmt::format("{}\n({} --help shows what there is)", detail::complaint(app, e), program_name()),
                 wrong_usage);
  }
  return std::nullopt;
}

}  // namespace surewake::program
