#include <surewake/verify/engine/stall.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace surewake::verify {

namespace {

/// Splits a text into words; commas, colons and semicolons are words too.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ' || text[at] == '\n') {
      ++at;
      continue;
    }
    std::size_t const end = std::string_view(",:;").find(text[at]) != std::string_view::npos
                                ? at + 1
                                : std::min(text.find_first_of(" \n,:;", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

class reader {
 public:
  explicit reader(std::string_view text) : text_(text), words_(words_of(text)) {}

  [[nodiscard]] bool done() const noexcept { return next_ == words_.size(); }
  [[nodiscard]] bool take(std::string_view word) noexcept {
    bool const is = !done() && words_[next_] == word;
    next_ += is ? 1 : 0;
    return is;
  }
  [[nodiscard]] std::string_view any(char const* what) {
    if (done()) wrong(what);
    return words_[next_++];
  }
  [[noreturn]] void wrong(char const* wanted) const {
    std::string_view const at = done() ? "its end" : words_[next_];
    throw std::invalid_argument(fmt::format("the claims \"{}\": {} is expected at {}", text_, wanted, at));
  }

  /// Returns the word that was taken last.
  [[nodiscard]] std::string_view before() const noexcept { return words_[next_ - 1]; }

  /// Reads x, y and z.
  [[nodiscard]] std::vector<std::string_view> a_list() {
    std::vector<std::string_view> names;
    do {
      names.push_back(any("an operation"));
      static_cast<void>(take(","));
    } while (take("and") || before() == ",");
    return names;
  }

  [[nodiscard]] claim a_promise() {
    if (take("lock-free")) return claim{.what = promise::lock_free};
    if (take("obstruction-free")) return claim{.what = promise::obstruction_free};
    if (take("blocking")) {
      if (!take("under")) wrong("\"under\"");
      claim c{.what = promise::blocking};
      do {
        c.under.emplace_back(any("a place"));
      } while (take("or"));
      return c;
    }
    if (!take("wait-free")) wrong("a promise");
    if (!take("in")) wrong("\"in\"");
    std::string_view const number = any("a number of steps");
    claim c{.what = promise::wait_free};
    auto const [end, error] = std::from_chars(number.data(), number.data() + number.size(), c.steps);
    if (error != std::errc{} || end != number.data() + number.size()) wrong("a number before");
    if (!take("step") && !take("steps")) wrong("\"steps\"");
    return c;
  }

 private:
  std::string_view text_;
  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
};

}  // namespace

std::string to_string(claim const& c) {
  switch (c.what) {
    case promise::wait_free: return fmt::format("wait-free in {} step{}", c.steps, c.steps == 1 ? "" : "s");
    case promise::lock_free: return "lock-free";
    case promise::obstruction_free: return "obstruction-free";
    case promise::blocking: return fmt::format("blocking under {}", fmt::join(c.under, " or "));
  }
  return "?";
}

std::vector<claim> parse_claims(std::string_view text, std::span<std::string const> scenes,
                                std::span<std::string const> operations) {
  std::vector<claim> all;
  reader in(text);
  do {
    std::vector<std::string_view> names = in.a_list();
    bool const here = !in.take(":") || std::ranges::find_first_of(names, scenes) != names.end();
    if (in.before() == ":") names = in.a_list();
    claim c = in.a_promise();
    for (std::string_view const name : names) {
      if (!here || std::ranges::find(operations, name) == operations.end()) continue;
      if (std::ranges::find(all, name, &claim::operation) != all.end())
        throw std::invalid_argument(fmt::format("the claims \"{}\": two on {}", text, name));
      c.operation = name;
      all.push_back(c);
    }
  } while (in.take(";"));
  if (!in.done()) in.wrong("a semicolon");
  for (std::string const& name : operations) {
    if (std::ranges::find(all, name, &claim::operation) == all.end())
      throw std::invalid_argument(fmt::format("the claims \"{}\": none on {}", text, name));
  }
  return all;
}

bool is_under(claim const& c, std::string_view place) noexcept {
  if (auto const from = place.rfind('/'); from != place.npos) place.remove_prefix(from + 1);
  return c.what == promise::blocking && std::ranges::find(c.under, place.substr(0, place.find('.'))) != c.under.end();
}

std::string stall::too_weak() const {
  if (claims_.empty()) return {};
  for (std::size_t i = 0; i != claims_.size(); ++i) {
    claim const& c = claims_[i];
    if (seen_[i].calls == 0) return fmt::format("{} was never called", c.operation);
    if (c.what == promise::blocking && seen_[i].blocked == 0)
      return fmt::format("{} is {}, and always came to its end", c.operation, to_string(c));
    if (c.what == promise::wait_free && seen_[i].most_steps < c.steps)
      return fmt::format("{} is {}, and never needed more than {}", c.operation, to_string(c), seen_[i].most_steps);
  }
  return stops_ == 0 ? "no thread ever stalled" : "";
}

std::string stall::summary() const {
  std::string end;
  std::string wait;
  for (std::size_t i = 0; i != claims_.size(); ++i) {
    claim const& c = claims_[i];
    std::string& text = c.what == promise::blocking ? wait : end;
    text += (text.empty() ? "" : ", ") + c.operation;
    if (c.what == promise::blocking) continue;
    unsigned const most = seen_[i].most_steps;
    text += fmt::format(" ({}{} step{})", c.what == promise::wait_free ? "" : "at most ", most, most == 1 ? "" : "s");
  }
  std::string text = fmt::format("{} stalls", stops_);
  if (!end.empty()) text += "; always end: " + end;
  if (!wait.empty()) text += "; wait for the stalled thread, where claimed: " + wait;
  return text;
}

}  // namespace surewake::verify
