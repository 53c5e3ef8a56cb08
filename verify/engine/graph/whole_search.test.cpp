#include <surewake/verify/engine/graph/graph_platform.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>
#include <surewake/verify/engine/graph/processes.hpp>
#include <surewake/verify/engine/graph/runs_program.test.hpp>
#include <surewake/verify/engine/graph/token.hpp>
#include <surewake/verify/engine/graph/whole_search.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <unistd.h>

// Searches in several processes and in several sittings come to what one search comes to.

using namespace surewake::verify::graph;
using surewake::verify::verdict;
using P = surewake::verify::graph_platform;

namespace {

/// A program of 4 threads that increment 3 words: 4!^3 executions.
program counters() { return parse_program({4, "A r x 1 rlx;A s y 1 rlx;A t z 1 rlx"}); }
constexpr std::uint64_t of_counters = 24 * 24 * 24;
/// A search that is always ended by somebody: another process may have visited a small one before that.
program endless() { return parse_program({5, "A r x 1 rlx;A s y 1 rlx;A t z 1 rlx;A u w 1 rlx;A v q 1 rlx"}); }
search_identity const counting{.program = "counters", .threads = 4};

make_runnable makes(program const& p) {
  return [p] { return std::make_unique<runs_program>(p); };
}

/// Finds something, throws or dies in an execution where the last thread saw these values first: r, s, t.
struct breaks : runs_program {
  enum class how { finds, throws, dies };
  explicit breaks(how h) : runs_program(counters()), breaks_by(h) {}
  void run_once() override {
    runs_program::run_once();
    execution const& g = explorer_.graph();
    if (explorer_.is_rebuilding() || !explorer_.complete()) return;
    for (unsigned i = 0; i != 3; ++i) {
      if (g[g.of_thread(3)[2 * i]].seen != (i == 1 ? 1U : 0U)) return;
    }
    if (breaks_by == how::dies) std::raise(SIGKILL);
    if (breaks_by == how::throws) throw std::runtime_error("it throws");
    outcome_.result = verdict::broken_law;
    outcome_.message = "found";
  }
  how breaks_by;
};
make_runnable makes(breaks::how h) {
  return [h] { return std::make_unique<breaks>(h); };
}

struct folder {
  folder() {
    std::string name = (std::filesystem::temp_directory_path() / "surewake.XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder");
    at = name;
  }
  ~folder() { std::filesystem::remove_all(at); }
  std::filesystem::path at;
};

std::string content(std::filesystem::path const& p) {
  std::ostringstream text;
  text << std::ifstream(p).rdbuf();
  return text.str();
}
void write(std::filesystem::path const& p, std::string const& text) { std::ofstream(p) << text; }

std::string why_not(search_options const& options, search_identity const& of = counting,
                    program const& p = counters()) {
  try {
    static_cast<void>(search_program(makes(p), of, options));
  } catch (std::runtime_error const& e) {
    std::string what = e.what();
    return what.substr(std::min(what.size(), what.find(": ")));
  }
  return "it goes on";
}

/// Two threads, pointers and objects of each thread; 4 executions.
struct pushes {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    node& mine = P::local<node>();
    mine.next = head.load(P::relaxed);
    while (!head.compare_exchange_strong(mine.next, &mine, P::acq_rel, P::acquire)) {
    }
    static_cast<void>(count[i].exchange(1, P::relaxed));
    static_cast<void>(count[1 - i].exchange(2, P::relaxed));
  }
  void after() {}
  struct node {
    node* next = nullptr;
  };
  P::atomic<node*> head{nullptr};
  std::array<P::atomic<int>, 2> count{P::atomic<int>(0), P::atomic<int>(0)};
};

/// Three threads, of which one gets to the data. Where two read the 0, their graph is inconsistent, and is needed all
/// the same: one of them will be revisited. Nothing may be run on from there.
struct takes_turns {
  static constexpr unsigned threads = 3;
  void thread(unsigned) {
    if (taken.exchange(true, P::acq_rel)) return;
    data.set(data.get() + 1);
    taken.store(false, P::release);
  }
  void after() {}
  P::atomic<bool> taken{false};
  P::plain<int> data{0};
};

/// Increments that are lost.
struct loses {
  static constexpr unsigned threads = 2;
  void thread(unsigned) { count.store(count.load(P::relaxed) + 1, P::relaxed); }
  void after() {
    if (count.load(P::relaxed) != 2) P::broken("one is lost");
  }
  P::atomic<int> count{0};
};

/// A loop that does no step of the platform.
struct spins {
  static constexpr unsigned threads = 2;
  void thread(unsigned) {
    static_cast<void>(count.load(P::relaxed));
    while (on != 0) {
    }
  }
  void after() {}
  P::atomic<int> count{0};
  int volatile on = 1;
};

}  // namespace

TEST_CASE("graph search: the number of processes makes no difference") {
  search_outcome const one = search_program(makes(counters()), counting, {});
  CHECK(one.finished);
  CHECK(one.complete == of_counters);
  for (unsigned const n : {1U, 2U, 5U}) {
    search_outcome const several = search_program(makes(counters()), counting, {.processes = n});
    CHECK(several.finished);
    CHECK(several.ended == ended_by::everything);
    CHECK(several.share == 1);
    CHECK(several.complete == one.complete);
    CHECK(several.runs == one.runs);
    CHECK(several.events == one.events);
  }
}

TEST_CASE("graph search: several processes find what one finds") {
  search_outcome const one = search_program(makes(breaks::how::finds), counting, {});
  CHECK(one.result == verdict::broken_law);
  CHECK(one.complete < of_counters);
  for (unsigned const n : {1U, 3U}) {
    search_outcome const several = search_program(makes(breaks::how::finds), counting, {.processes = n});
    CHECK(several.result == verdict::broken_law);
    CHECK(several.ended == ended_by::finding);
    CHECK_FALSE(several.finished);
    CHECK(several.message == "found");
    CHECK(several.complete == one.complete);
    CHECK(several.runs == one.runs);
  }
}

TEST_CASE("graph search: a process that fails or dies is not overlooked") {
  CHECK_THROWS_WITH(static_cast<void>(search_program(makes(breaks::how::throws), counting, {.processes = 2})),
                    "it throws");
  CHECK_THROWS_WITH(static_cast<void>(search_program(makes(breaks::how::dies), counting, {.processes = 2})),
                    "a process of the search died of signal 9 (Killed)");
}

TEST_CASE("graph search: each limit ends a search, and says so") {
  auto const ends = [](search_limits const& limits, unsigned processes) {
    search_outcome const o =
        search_program(makes(endless()), counting,
                       {.limits = limits, .processes = processes});
    CHECK_FALSE(o.finished);
    CHECK(o.result == verdict::pass);
    CHECK(o.share > 0);
    CHECK(o.share < 1);
    CHECK(o.guessed_executions() > static_cast<double>(o.executions()));
    return o;
  };
  CHECK(ends({.runs = 100}, 0).runs == 100);
  for (unsigned const n : {0U, 1U}) CHECK(ends({.executions = 100}, n).complete == 100);
  for (unsigned i = 0; i != 5; ++i) {
    std::uint64_t const several = ends({.executions = 1'000}, 3).complete;
    CHECK(several >= 1'000);
    CHECK(several <= 1'002);  // each worker ends with its own execution
  }
  for (unsigned const n : {0U, 2U}) {
    CHECK(ends({.runs = 100}, n).ended == ended_by::runs);
    CHECK(ends({.executions = 100}, n).ended == ended_by::executions);
    CHECK(ends({.seconds = 0.05}, n).ended == ended_by::seconds);
    CHECK(ends({.bytes = 1}, n).ended == ended_by::memory);
  }
  program const reads = parse_program({"W x 1 rlx", "R r x rlx", "R r x rlx"});
  CHECK(search_program(makes(reads), counting, {.limits = {.runs = 4}}).finished);
}

TEST_CASE("graph search: it is stopped from outside, and tells how far it is") {
  for (unsigned const n : {0U, 1U, 2U}) {
    std::atomic<bool> stop{true};
    std::atomic<std::uint64_t> runs{0};
    std::atomic<double> share{-1};
    search_options options{.control = {.stop = &stop, .progress = &runs, .share = &share}, .processes = n};
    search_outcome const o = search_program(makes(endless()), counting, options);
    CHECK(o.ended == ended_by::stop);
    CHECK_FALSE(o.finished);
    CHECK(runs <= o.runs);
    stop = false;
    CHECK(search_program(makes(counters()), counting, options).finished);
    CHECK(runs == of_counters);
    if (n != 0) CHECK(share == doctest::Approx(1));
  }
}

TEST_CASE("graph search: its process is asked whether it goes on, and told how far it is, over all sittings") {
  folder const f;
  for (unsigned const n : {0U, 2U}) {
    search_progress last;
    unsigned asked = 0;
    search_options options{.processes = n, .save = f.at / "left"};
    options.control.goes_on = [&](search_progress const& p) {
      CHECK(p.executions >= last.executions);
      last = p;
      return p.share == 0 || ++asked < 4;
    };
    search_outcome const first = search_program(makes(endless()), counting, options);
    CHECK(first.ended == ended_by::stop);
    CHECK(last.executions <= first.executions());
    CHECK(last.share <= first.share);
    CHECK(last.share > 0);
    options.resume = options.save;
    last = {.executions = first.executions()};
    asked = 0;
    CHECK(search_program(makes(endless()), counting, options).executions() >= first.executions());
  }
}

TEST_CASE("graph search: sittings of any length, each in one process or in several") {
  folder const f;
  for (unsigned const n : {0U, 2U}) {
    search_options options{.limits = {.runs = 2'000}, .processes = n, .save = f.at / "left"};
    search_outcome o = search_program(makes(counters()), counting, options);
    double share = 0;
    unsigned sittings = 1;
    for (options.resume = options.save; !o.finished; ++sittings) {
      CHECK(o.share > share);
      share = o.share;
      o = search_program(makes(counters()), counting, options);
    }
    CHECK(o.complete == of_counters);
    CHECK(o.runs == of_counters);
    CHECK(o.seconds > 0);
    if (n == 0) CHECK(sittings > 1);
    CHECK_FALSE(std::filesystem::exists(f.at / "left.part"));
  }
}

TEST_CASE("graph search: what is left is saved now and then too") {
  folder const f;
  std::atomic<std::uint64_t> runs{0};
  search_options const options{.control = {.progress = &runs}, .save = f.at / "left", .save_every = 0.001};
  CHECK(search_program(makes(counters()), counting, options).complete == of_counters);
  CHECK(runs == of_counters);
  search_outcome const rest =
      search_program(makes(counters()), counting, {.resume = f.at / "left"});  // as after a power cut
  CHECK(rest.finished);
  CHECK(rest.complete == of_counters);
}

TEST_CASE("graph search: a file that is not this search's is refused, with the reason") {
  folder const f;
  search_options const saves{.limits = {.runs = 100}, .save = f.at / "left"};
  static_cast<void>(search_program(makes(counters()), counting, saves));
  search_options const resumes{.resume = f.at / "left"};
  CHECK(why_not(resumes) == "it goes on");
  search_identity other = counting;
  other.program = "others";
  CHECK(why_not(resumes, other) == ": is of another search: its program is \"counters\" and not \"others\"");
  other = counting;
  other.built_from = "abc";
  CHECK(why_not(resumes, other) == ": is of another search: its build is \"\" and not \"abc\"");
  other = counting;
  other.memory = memory_model::rc11;
  CHECK(why_not(resumes, other) == ": is of another search: its memory model is \"cpp20\" and not \"rc11\"");
  CHECK(why_not(resumes, counting, parse_program({4, "A r x 1 rlx;A s y 2 rlx;A t z 1 rlx"})) ==
        ": the program is not the one that the search was saved of");
  CHECK(why_not({.resume = f.at / "none"}) == ": cannot be read: No such file or directory");
  CHECK(why_not({.resume = f.at}) == ": cannot be read: Is a directory");
}

TEST_CASE("graph search: a file that is not whole is refused, and the earlier one stays where saving fails") {
  folder const f;
  std::filesystem::path const file = f.at / "left";
  static_cast<void>(search_program(makes(counters()), counting, {.limits = {.runs = 100}, .save = file}));
  std::string const text = content(file);
  search_options const resumes{.resume = file};
  for (std::size_t const n : {std::size_t{0}, std::size_t{1}, text.size() / 2, text.size() - 2}) {
    write(file, text.substr(0, n));
    CHECK(why_not(resumes) == ": is not whole, or no saved search");
  }
  std::string changed = text;
  changed.replace(changed.find("\"complete\":100"), 14, "\"complete\":200");
  write(file, changed);
  CHECK(why_not(resumes) == ": was changed: its checksum is another one");
  changed = text;
  changed.replace(changed.find("\"version\":1"), 11, "\"version\":2");
  write(file, changed);
  CHECK(why_not(resumes) == ": has version 2 of the format, and this program reads version 1");
  write(file, "{}");
  CHECK(why_not(resumes) == ": is no saved search");
  write(file, text);
  CHECK_THROWS(static_cast<void>(
      search_program(makes(counters()), counting, {.limits = {.runs = 100}, .resume = file, .save = f.at})));
  CHECK(content(file) == text);
}

TEST_CASE("graph search: where the disk is full, the search goes on and says so") {
  folder const f;
  std::filesystem::create_symlink("/dev/full", f.at / "left");
  search_options options{.limits = {.runs = 2'000}, .save = f.at / "left", .save_every = 0.001};
  search_outcome const o = search_program(makes(counters()), counting, options);
  CHECK(o.runs == 2'000);
  CHECK(o.unsaved == (f.at / "left").string() + ": cannot be written: No space left on device");
  options.limits = {};
  CHECK(search_program(makes(counters()), counting, options).unsaved.empty());  // nothing is left
}

TEST_CASE("graph search: a run without an end ends the search") {
  auto const type = surewake::verify::detail::type_of<spins>();
  CHECK_THROWS_WITH(static_cast<void>(search_model(type, "spins", {.limits = {.longest_run = 0.1}, .processes = 1})),
                    "one execution did not end within 0.1 s: does a destructor wait, or a loop do no step of the "
                    "platform?");
}

TEST_CASE("graph search: a finding of another process has a token, the same as one of this process") {
  auto const type = surewake::verify::detail::type_of<loses>();
  search_outcome const one = search_model(type, "loses", {});
  CHECK(one.result == verdict::broken_law);
  CHECK(parse_token(one.token).threads == 2);
  for (unsigned const n : {1U, 2U}) CHECK(search_model(type, "loses", {.processes = n}).token == one.token);
  CHECK(search_model(surewake::verify::detail::type_of<pushes>(), "pushes", {.processes = 1}).token.empty());
}

TEST_CASE("graph search: what is left of a search may begin in a graph that is inconsistent") {
  auto const type = surewake::verify::detail::type_of<takes_turns>();
  search_outcome const one = search_model(type, "takes_turns", {});
  CHECK(one.finished);
  folder const f;
  search_options options{.limits = {.runs = 1}, .save = f.at / "left"};
  search_outcome o = search_model(type, "takes_turns", options);
  for (options.resume = options.save; o.ended == ended_by::runs;) o = search_model(type, "takes_turns", options);
  CHECK(o.result == verdict::pass);
  CHECK(o.message.empty());
  CHECK(o.complete == one.complete);
  CHECK(o.blocked == one.blocked);
  CHECK(search_model(type, "takes_turns", {.processes = 2}).complete == one.complete);
}

TEST_CASE("graph search: a model with addresses in its values, in sittings and in processes") {
  auto const type = surewake::verify::detail::type_of<pushes>();
  search_outcome const one = search_model(type, "pushes", {});
  CHECK(one.finished);
  CHECK(one.complete > 4);
  CHECK(search_model(type, "pushes", {.processes = 2}).complete == one.complete);
  folder const f;
  search_options options{.limits = {.runs = 3}, .save = f.at / "left"};
  search_outcome o = search_model(type, "pushes", options);
  for (options.resume = options.save; !o.finished;) o = search_model(type, "pushes", options);
  CHECK(o.complete == one.complete);
  CHECK(o.runs == one.runs);
}
