// A finding in words.
#include <surewake/verify/engine/search.hpp>
#include <surewake/verify/engine/source_text.hpp>

#include <fmt/format.h>


namespace surewake::verify {

namespace {

[[nodiscard]] std::string place(where at) {
  return at.line() == 0 ? "an unknown place" : fmt::format("{}:{}", name_of_source(at.file_name()), at.line());
}

}  // namespace

char const* thread_name(search const& s, int i) noexcept {
  return i < 0 ? "the model's constructor" : s.tested->type.names[static_cast<std::size_t>(i)].c_str();
}

std::string describe(search const& s, bool deadlock, char const* relacys) {
  if (s.failed && s.result != verdict::deadlock) return fmt::format("{} ({})", s.message, place(s.failed_at));
  if (deadlock || s.failed) {
    std::string text = s.message;
    for (sleeper const& x : s.sleepers) {
      if (!text.empty()) text += "; ";
      text += fmt::format("{} sleeps for ever ({} at {})", thread_name(s, x.thread), x.how, place(x.at));
    }
    if (text.empty()) text = "threads sleep and nobody will wake them";
    if (s.model != nullptr) {
      try {
        if (std::string const state = s.model->state(); !state.empty()) text += ": " + state;
      } catch (std::exception const& e) {
        text += fmt::format(" (state() threw: {})", e.what());
      }
    }
    return text;
  }
  return relacys;
}

}  // namespace surewake::verify
