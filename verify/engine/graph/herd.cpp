#include <surewake/verify/engine/graph/herd.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace surewake::verify::graph {

namespace {

std::string_view name_of(order o) {
  switch (o) {
    case order::acquire: return "memory_order_acquire";
    case order::release: return "memory_order_release";
    case order::acq_rel: return "memory_order_acq_rel";
    case order::seq_cst: return "memory_order_seq_cst";
    default: return "memory_order_relaxed";
  }
}

bool is_name(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  return !text.empty() && letters.find(text.front()) != text.npos &&
         text.find_first_not_of(std::string(letters) + "0123456789") == text.npos;
}

std::int64_t shown(value v) { return static_cast<std::int64_t>(v); }

/// Writes one thread.
class thread_writer {
 public:
  thread_writer(program const& p, std::size_t number) : p_(p), thread_(p.threads[number]), number_(number) {
    is_set_.resize(thread_.registers.size());
    uses_.resize(p.locations.size());
  }

  [[nodiscard]] std::string text() {
    for (statement const& s : thread_.statements) write(s);
    std::string begin;
    for (unsigned const r : begin_as_9_) begin += fmt::format("  int {} = 9;\n", thread_.registers[r]);
    std::string parameters;
    auto const add = [&](std::string_view type, std::string const& name) {
      parameters += fmt::format("{}{} {}", parameters.empty() ? "" : ", ", type, name);
    };
    for (std::size_t l = 0; l != uses_.size(); ++l) {
      if (uses_[l]) add(p_.is_plain[l] ? "int*" : "atomic_int*", p_.locations[l]);
    }
    for (std::string const& e : expected_) add("int*", e);
    return fmt::format("P{}({}) {{\n{}{}}}\n", number_, parameters, begin, body_);
  }
  /// Names the initial values of the locations that are the thread's own.
  [[nodiscard]] std::string const& initial() const noexcept { return initial_; }
  /// Names what must hold at the end for the thread not to be blocked; empty: nothing.
  [[nodiscard]] std::string const& filter() const noexcept { return filter_; }

 private:
  void write(statement const& s) {
    std::string indent = "  ";
    for (statement::condition const& c : s.conditions) {
      set(c.reg, true);
      line(indent, fmt::format("if ({} == {}) {{", reg(c.reg), shown(c.equals)));
      indent += "  ";
    }
    bool const always = s.conditions.empty();
    switch (s.what.what) {
      case operation::fence: line(indent, fmt::format("atomic_thread_fence({});", name_of(s.what.with))); break;
      case operation::store: line(indent, store(s.what)); break;
      case operation::compare_exchange: write_compare_exchange(indent, s, always); break;
      default: line(indent, assign(s.result, !always) + read(s.what) + ";");
    }
    if (s.waits) write_filter(indent, s, always);
    for (; indent.size() > 2; line(indent, "}")) indent.resize(indent.size() - 2);
  }
  void line(std::string const& indent, std::string const& text) { body_ += indent + text + "\n"; }

  [[nodiscard]] std::string const& reg(unsigned r) const { return thread_.registers[r]; }
  [[nodiscard]] std::string const& at(request const& r) {
    uses_[r.where] = true;
    return p_.locations[r.where];
  }
  /// Notes that a register gets a value; where it may not, or is looked at before, it begins as 9.   Returns whether
  /// it has to be declared here.
  bool set(unsigned r, bool perhaps) {
    if (is_set_[r]) return false;
    is_set_[r] = true;
    if (perhaps) begin_as_9_.push_back(r);
    return !perhaps;
  }
  [[nodiscard]] std::string assign(unsigned r, bool perhaps) {
    return fmt::format("{}{} = ", set(r, perhaps) ? "int " : "", reg(r));
  }
  [[nodiscard]] std::string store(request const& r) {
    if (r.is_plain) return fmt::format("*{} = {};", at(r), shown(r.operand));
    return fmt::format("atomic_store_explicit({}, {}, {});", at(r), shown(r.operand), name_of(r.with));
  }
  [[nodiscard]] std::string read(request const& r) {
    if (r.is_plain) return "*" + at(r);
    if (r.what == operation::load) return fmt::format("atomic_load_explicit({}, {})", at(r), name_of(r.with));
    std::string_view const name = r.what == operation::exchange  ? "exchange"
                                  : r.what == operation::add     ? "fetch_add"
                                  : r.what == operation::sub     ? "fetch_sub"
                                  : r.what == operation::bit_and ? "fetch_and"
                                                                 : "fetch_or";
    return fmt::format("atomic_{}_explicit({}, {}, {})", name, at(r), shown(r.operand), name_of(r.with));
  }
  void write_compare_exchange(std::string const& indent, statement const& s, bool always) {
    std::string const expected = fmt::format("expected_{}_{}", number_, expected_.size());
    expected_.push_back(expected);
    if (s.what.expected != 0) initial_ += fmt::format(" {} = {};", expected, shown(s.what.expected));
    line(indent, fmt::format("{}atomic_compare_exchange_strong_explicit({}, {}, {}, {}, {});",
                             assign(s.result, !always), at(s.what), expected, shown(s.what.operand),
                             name_of(s.what.with), name_of(s.what.failure)));
    line(indent, fmt::format("{}*{};", assign(s.seen, !always), expected));
  }
  /// A register of its own keeps what was awaited: that of the program may get another value later.
  void write_filter(std::string const& indent, statement const& s, bool always) {
    std::string const name = fmt::format("awaited_{}_{}", number_, awaits_++);
    if (always) {
      line(indent, fmt::format("int {} = {};", name, reg(s.result)));
    } else {
      body_ = fmt::format("  int {} = {};\n", name, shown(s.what.expected)) + body_;
      line(indent, fmt::format("{} = {};", name, reg(s.result)));
    }
    filter_ += fmt::format("{}{}:{}={}", filter_.empty() ? "" : " /\\ ", number_, name, shown(s.what.expected));
  }

  program const& p_;
  program::thread const& thread_;
  std::size_t number_;
  std::vector<bool> is_set_{};  // of each register
  std::vector<bool> uses_{};    // of each location
  std::vector<unsigned> begin_as_9_{};
  std::vector<std::string> expected_{};
  unsigned awaits_ = 0;
  std::string body_{};
  std::string initial_{};
  std::string filter_{};
};

void check_name(std::string const& name) {
  if (!is_name(name)) throw bad_program(fmt::format("'{}' is no name in C", name));
}

void check_statement(program const& p, statement const& s, std::vector<bool>& is_atomic) {
  if (s.frees || s.what.what == operation::allocate) throw bad_program("memory that is freed has no word in C11");
  if (s.what.what == operation::choice) throw bad_program("a choice has no word in C11");
  if (s.what.what == operation::fence) {
    if (s.what.with_fences != reach::full) throw bad_program("light and heavy fences have no word in C11");
    return;
  }
  if (s.what.is_current) throw bad_program("a look at a futex's word has no word in C11");
  if (!s.what.is_plain) is_atomic[s.what.where] = true;
  if (is_atomic[s.what.where] && p.is_plain[s.what.where])
    throw bad_program(fmt::format("plain and atomic accesses of '{}' have no word in C11", p.locations[s.what.where]));
}

void check(program const& p) {
  std::vector<bool> is_atomic(p.locations.size());
  for (std::string const& l : p.locations) check_name(l);
  for (std::size_t t = 0; t != p.threads.size(); ++t) {
    program::thread const& thread = p.threads[t];
    for (std::size_t r = 1; r != thread.registers.size(); ++r) {
      check_name(thread.registers[r]);
      if (std::find(p.locations.begin(), p.locations.end(), thread.registers[r]) != p.locations.end())
        throw bad_program(fmt::format("'{}' is a register and a location", thread.registers[r]));
    }
    for (std::size_t i = 0; i != thread.statements.size(); ++i) {
      try {
        check_statement(p, thread.statements[i], is_atomic);
      } catch (bad_program const& e) {
        throw bad_program(fmt::format("thread {}, statement {}: {}", t, i + 1, e.what()));
      }
    }
  }
}

bool is_number(std::string const& text, std::size_t equals) {
  std::int64_t n = 0;
  char const* const last = text.data() + text.size();
  auto const [end, error] = std::from_chars(text.data() + equals + 1, last, n);
  return error == std::errc{} && end == last;
}

/// Returns "0:r0=1 x=2" as a proposition.
std::string proposition(program const& p, std::string_view weak) {
  std::string result;
  std::istringstream in{std::string(weak)};
  for (std::string part; in >> part;) {
    std::size_t const equals = part.find('=');
    std::size_t const colon = part.find(':');
    std::string const name = part.substr(colon == part.npos ? 0 : colon + 1, equals - (colon + 1));
    std::size_t thread = colon == part.npos ? 0 : p.threads.size();
    if (colon != part.npos) std::from_chars(part.data(), part.data() + colon, thread);
    bool const known = equals != part.npos && thread < p.threads.size() && is_name(name) && is_number(part, equals) &&
                       (colon != part.npos ? std::ranges::count(p.threads[thread].registers, name) != 0
                                           : std::ranges::count(p.locations, name) != 0);
    if (!known) throw bad_program(fmt::format("'{}' of the weak state names nothing of the program", part));
    result += (result.empty() ? "" : " /\\ ") + part;
  }
  return result;
}

/// Names all that a final state has.
std::string all_of(program const& p) {
  std::string result;
  for (std::size_t t = 0; t != p.threads.size(); ++t) {
    for (std::size_t r = 1; r != p.threads[t].registers.size(); ++r)
      result += fmt::format("{}:{}; ", t, p.threads[t].registers[r]);
  }
  for (std::size_t l = 0; l != p.locations.size(); ++l) {
    if (!p.is_plain[l]) result += p.locations[l] + "; ";
  }
  return result;
}

}  // namespace

std::string herd_name(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    bool const good = is_name(std::string_view(&c, 1)) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!good) c = '_';
  }
  if (result.empty() || result.front() == '.' || result.front() == '-') result.insert(result.begin(), '_');
  return result;
}

std::string herd_test(program const& p, std::string_view name, std::string_view weak) {
  check(p);
  std::string threads;
  std::string initial;
  std::string filter;
  for (std::size_t t = 0; t != p.threads.size(); ++t) {
    thread_writer w(p, t);
    threads += "\n" + w.text();
    initial += w.initial();
    if (!w.filter().empty()) filter += (filter.empty() ? "" : " /\\ ") + w.filter();
  }
  std::string result = fmt::format("C {}\n{{{}}}\n{}\nlocations [{}]\n", herd_name(name),
                                   initial.empty() ? "" : initial + " ", threads, all_of(p));
  if (!filter.empty()) result += fmt::format("filter ({})\n", filter);
  return result + fmt::format("exists ({})\n", weak.empty() ? "true" : proposition(p, weak));
}

}  // namespace surewake::verify::graph
