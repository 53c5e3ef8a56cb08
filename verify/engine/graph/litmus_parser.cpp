#include <surewake/verify/engine/graph/litmus.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <sstream>

namespace surewake::verify::graph {

namespace {

/// Returns the number of `name` in `names`, where it is entered if it is new.
unsigned number_of(std::vector<std::string>& names, std::string const& name) {
  auto const at = std::find(names.begin(), names.end(), name);
  if (at != names.end()) return static_cast<unsigned>(at - names.begin());
  names.push_back(name);
  return static_cast<unsigned>(names.size() - 1);
}

/// The memory orders that an operation can have.
enum class orders { of_a_load, of_a_store, all };

/// The words of a statement, from the first to the last.
class words {
 public:
  explicit words(std::string const& text) : in_(text) {}

  /// Returns the next word.   Errors  bad_program, which calls it `what`, where there is none.
  [[nodiscard]] std::string next(char const* what) {
    std::string word;
    if (!(in_ >> word)) throw bad_program(std::string(what) + " is missing");
    return word;
  }
  [[nodiscard]] bool more() { return static_cast<bool>(in_ >> std::ws) && !in_.eof(); }
  [[nodiscard]] value number() {
    std::string const word = next("a value");
    std::int64_t result = 0;
    auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), result);
    if (error == std::errc::result_out_of_range) throw bad_program("'" + word + "' has more than 64 bits");
    if (error != std::errc{} || end != word.data() + word.size()) throw bad_program("'" + word + "' is no value");
    return static_cast<value>(result);
  }
  [[nodiscard]] order next_order(orders which) { return order_of(next("a memory order"), which); }
  [[nodiscard]] static order order_of(std::string const& word, orders which) {
    if (word == "rlx") return order::relaxed;
    if (word == "sc") return order::seq_cst;
    if (word == "acq" && which != orders::of_a_store) return order::acquire;
    if (word == "rel" && which != orders::of_a_load) return order::release;
    if (word == "ar" && which == orders::all) return order::acq_rel;
    char const* const allowed = which == orders::of_a_load    ? "that of a load is rlx, acq or sc"
                                : which == orders::of_a_store ? "that of a store is rlx, rel or sc"
                                                              : "it is rlx, acq, rel, ar or sc";
    throw bad_program("'" + word + "' is no memory order here: " + allowed);
  }
  [[nodiscard]] request next_fence() {
    std::string const word = next("a memory order");
    if (word == "lt") return {.what = operation::fence, .with = order::seq_cst, .with_fences = reach::light};
    if (word == "hv") return {.what = operation::fence, .with = order::seq_cst, .with_fences = reach::heavy};
    return {.what = operation::fence, .with = order_of(word, orders::all)};
  }

 private:
  std::istringstream in_;
};

class parser {
 public:
  parser(std::vector<std::string> const& locations, std::vector<std::string> const& plain) {
    for (std::string const& l : locations) static_cast<void>(location(l, false));
    for (std::string const& l : plain) static_cast<void>(location(l, true));
  }
  [[nodiscard]] program parse(std::vector<std::string> const& threads) {
    if (threads.empty()) throw bad_program("there is no thread");
    if (threads.size() > max_threads) {
      throw bad_program(std::to_string(threads.size()) + " threads, and " + std::to_string(max_threads) +
                        " are the limit");
    }
    for (std::size_t t = 0; t != threads.size(); ++t) parse_thread(threads[t], t);
    return result_;
  }

 private:
  void parse_thread(std::string const& text, std::size_t number) {
    program::thread& t = result_.threads.emplace_back();
    t.registers.push_back({});
    std::size_t events = 0;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line, ';');) {
      std::size_t const begin = line.find_first_not_of(" \t\n\r");
      if (begin == line.npos) continue;
      line = line.substr(begin, line.find_last_not_of(" \t\n\r") + 1 - begin);
      try {
        t.statements.push_back(parse(line, t));
        events += is_rmw(t.statements.back().what.what) ? 2 : 1;
        if (events > most_events_of_a_thread)
          throw bad_program("more than " + std::to_string(most_events_of_a_thread) + " events of a thread");
      } catch (bad_program const& e) {
        throw bad_program("thread " + std::to_string(number) + ", statement " +
                          std::to_string(t.statements.size() + 1) + " '" + line + "': " + e.what());
      }
    }
  }
  [[nodiscard]] location_id location(std::string const& name, bool plain) {
    unsigned const l = number_of(result_.locations, name);
    if (l == most_locations) throw bad_program("more than " + std::to_string(most_locations) + " locations");
    result_.is_plain.resize(result_.locations.size());
    if (plain) result_.is_plain[l] = true;
    return l;
  }
  [[nodiscard]] statement parse(std::string const& line, program::thread& t) {
    words w(line);
    statement s;
    std::string what = w.next("a statement");
    for (; what == "?"; what = w.next("a statement")) {
      unsigned const reg = number_of(t.registers, w.next("a register"));
      s.conditions.push_back({reg, w.number()});
    }
    if (what == "F") {
      s.what = w.next_fence();
    } else if (what == "N" || what == "D") {
      s.result = number_of(t.registers, w.next("a register"));
      s.frees = what == "D";
      s.what = {.what = operation::allocate, .operand = 1, .expected = 1};
    } else if (what == "V") {
      parse_choice(w, s, t);
    } else if (what == "W" || what == "WN") {
      parse_store(w, s, what == "WN");
    } else {
      parse_read(w, s, t, what);
    }
    if (w.more()) throw bad_program("'" + w.next("") + "' is too much");
    return s;
  }
  void parse_choice(words& w, statement& s, program::thread& t) {
    s.result = number_of(t.registers, w.next("a register"));
    s.what = {.what = operation::choice, .operand = w.number()};
    if (s.what.operand < 1 || s.what.operand > most_ways_of_a_choice)
      throw bad_program("a choice has from 1 to " + std::to_string(most_ways_of_a_choice) + " ways");
    if (!w.more()) return;
    if (std::string const word = w.next("rare"); word != "rare") throw bad_program("'" + word + "' is not 'rare'");
    s.what.is_rare = true;
  }
  void parse_store(words& w, statement& s, bool plain) {
    s.what = {.what = operation::store, .is_plain = plain, .where = location(w.next("a location"), plain)};
    s.what.operand = w.number();
    s.what.with = plain ? order::plain : w.next_order(orders::of_a_store);
  }
  void parse_read(words& w, statement& s, program::thread& t, std::string const& what) {
    bool const known = what == "R" || what == "RN" || what == "A" || what == "X" || what == "C" || what == "AW" ||
                       what == "L";
    if (!known) throw bad_program("'" + what + "' is none of W, WN, R, RN, A, X, C, F, AW, V, L, N, D and ?");
    std::string const reg = w.next("a register");
    bool const plain = what == "RN";
    s.result = number_of(t.registers, reg);
    s.what.is_plain = plain;
    s.what.where = location(w.next("a location"), plain);
    s.waits = what == "AW";
    s.what.is_current = what == "L";
    if (what == "C") return parse_compare_exchange(w, s, number_of(t.registers, reg + "_o"));
    if (what == "A" || what == "X") {
      s.what.what = what == "A" ? operation::add : operation::exchange;
      s.what.operand = w.number();
      s.what.with = w.next_order(orders::all);
      return;
    }
    if (s.waits) s.what.expected = w.number();
    if (plain) s.what.with = order::plain;
    if (what == "R" || s.waits) s.what.with = w.next_order(orders::of_a_load);
  }
  static void parse_compare_exchange(words& w, statement& s, unsigned seen) {
    s.seen = seen;
    s.what.what = operation::compare_exchange;
    s.what.expected = w.number();
    s.what.operand = w.number();
    s.what.with = w.next_order(orders::all);
    s.what.failure = w.next_order(orders::of_a_load);
  }

  program result_{};
};

}  // namespace

program parse_program(std::vector<std::string> const& threads, std::vector<std::string> const& locations,
                      std::vector<std::string> const& plain) {
  return parser(locations, plain).parse(threads);
}

}  // namespace surewake::verify::graph
