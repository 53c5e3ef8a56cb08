#include <surewake/verify/shared/provenance.hpp>
#include <surewake/verify/engine/counts.hpp>
#include <surewake/verify/program/report.hpp>
#include <surewake/verify/program/select.hpp>
#include <surewake/verify/engine/source_text.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace report_test {

using namespace surewake::verify;

namespace {

test_case const tested{.name = "close/list#late",
                       .model = "close",
                       .what = {.queue = "list", .bug = "late", .question = "Why?", .expect = verdict::deadlock},
                       .type = {.threads = 2, .names = {"closer", "waiter"}}};

result_row row_with(search_result o) { return {.tested = &tested, .limits = {}, .result = {.found = std::move(o)}}; }

search_result const deadlocked{.result = verdict::deadlock,
                         .covered = coverage::found,
                         .schedules = 1234,
                         .seconds = 0.5,
                         .steps = 7,
                         .seed = "1234",
                         .message = "waiter sleeps, \"for ever\""};

}  // namespace

TEST_CASE("a row is as expected when its verdict is, and never when its engine failed") {
  CHECK(row_with(deadlocked).as_expected());
  CHECK_FALSE(row_with({.result = verdict::pass}).as_expected());
  result_row failed = row_with(deadlocked);
  failed.result.engine_failure = "died";
  CHECK_FALSE(failed.as_expected());
  CHECK(failed.verdict_text() == "engine failed");
  failed.result.engine_failure = not_run;
  CHECK(failed.verdict_text() == "not run");
}

TEST_CASE("a complete search that counts other schedules than were recorded differs") {
  test_case const counted{.name = "engine/store_buffering/relaxed@full@sc", .limits = {.search = scheduler::full}};
  auto const recorded = recorded_count(counted.name);
  REQUIRE(recorded);
  auto row = [&](std::uint64_t n, coverage c) {
    job_result const result{.found = {.covered = c, .schedules = n}};
    return result_row{.tested = &counted, .limits = counted.limits, .result = result};
  };
  std::uint64_t const n = recorded->schedules;
  CHECK(row(n, coverage::exhaustive).as_expected());
  CHECK(row(n + 1, coverage::exhaustive).as_expected() == !schedules_as_recorded);
  if (schedules_as_recorded)
    CHECK(line_of(row(n + 1, coverage::exhaustive)).find("expected: " + grouped(n)) != std::string::npos);
  CHECK(row(n + 1, coverage::sampled).as_expected());  // cut off: the number says nothing
  result_row other = row(n + 1, coverage::exhaustive);
  other.limits.context_bound = 7;  // the command line has changed what is searched
  CHECK(other.as_expected());
  CHECK_FALSE(recorded_count("no such case"));
}

TEST_CASE("a search of schedules goes as far as was recorded, and no further than its case says") {
  CHECK_FALSE(recorded_preemptions("no such case"));
  test_case c{.name = "barrier_meets/intrusive_list@bound@sc",
              .limits = {.search = scheduler::bound, .seconds = 0.4, .context_bound = 3}};
  CHECK(as_recorded(c).context_bound == 1);
  CHECK(as_recorded(c).seconds > c.limits.seconds);
  c.what.bug = "a search for it ends when it is found";
  CHECK(as_recorded(c).context_bound == 3);
  c.what.bug.clear();
  c.name = "barrier_meets/segmented_queue@bound@sc";
  CHECK(as_recorded(c).context_bound == 3);
  CHECK(as_recorded(c).seconds < c.limits.seconds);
  c.name = "no such case";
  CHECK(as_recorded(c).seconds == c.limits.seconds);
}

TEST_CASE("a case is visited on graphs where the graph case of its model, strategy, discipline and bug is recorded") {
  REQUIRE_FALSE(recorded_count("arriving_hide/mutex_deque/hand_off@bound"));  // Relacy's search of it does not end
  CHECK(visited_on_graphs("arriving_hide/mutex_deque/hand_off"));
  CHECK(visited_on_graphs("arriving_hide/mutex_deque/hand_off@bound"));
  CHECK_FALSE(visited_on_graphs("arriving_hide/mutex_deque/hand_off#forget_early@bound"));
  CHECK_FALSE(visited_on_graphs("no such case@bound"));
}

TEST_CASE("a graph search that was complete once must be, unless the command line has cut it short") {
  test_case const counted{.name = "engine/one_word/coherence@graph", .limits = {.search = scheduler::graph}};
  auto const recorded = recorded_count(counted.name);
  REQUIRE(recorded);
  auto row = [&](std::uint64_t n, std::uint64_t blocked, coverage c) {
    job_result const result{.found = {.covered = c, .schedules = n, .blocked = blocked}};
    return result_row{.tested = &counted, .limits = counted.limits, .result = result};
  };
  CHECK(row(recorded->schedules, recorded->blocked, coverage::exhaustive).as_expected());
  CHECK_FALSE(row(recorded->schedules, recorded->blocked + 1, coverage::exhaustive).as_expected());
  CHECK_FALSE(row(recorded->schedules, recorded->blocked, coverage::sampled).as_expected());
  result_row shorter = row(1, 0, coverage::sampled);
  shorter.limits.seconds /= 2;
  CHECK(shorter.as_expected());
}

TEST_CASE("a graph search says by what it was bounded") {
  test_case const looped{.name = "loops", .limits = {.search = scheduler::graph}};
  job_result const result{.found = {.covered = coverage::bounded, .schedules = 7, .blocked = 2}};
  CHECK(line_of({.tested = &looped, .limits = looped.limits, .result = result}).find(
            "pass: bounded by the rounds of a loop, 7 executions, 2 blocked, 0.0 s") != std::string::npos);
}

TEST_CASE("a graph search that was cut off says how much it has visited, and by what it was") {
  test_case const cut{.name = "cut", .limits = {.search = scheduler::graph}};
  auto row = [&](double share, surewake::verify::graph::ended_by by) {
    job_result const result{.found = {.covered = coverage::sampled, .schedules = 7, .share = share, .ended = by}};
    return result_row{.tested = &cut, .limits = cut.limits, .result = result};
  };
  using surewake::verify::graph::ended_by;
  CHECK(line_of(row(0.0312, ended_by::seconds)).find(
            "pass: sampled, 3.1 % of the tree (limit: seconds), 7 executions, 0.0 s") != std::string::npos);
  CHECK(line_of(row(0.5, ended_by::memory)).find("50.0 % of the tree (limit: memory), 7") != std::string::npos);
  CHECK(line_of(row(0.5, ended_by::stop)).find("50.0 % of the tree (stopped), 7") != std::string::npos);
  CHECK(share_text(0) == "0 %");
  CHECK(share_text(0.000'000'123) == "1.2e-05 %");
  CHECK(share_text(0.999'999) == "99.9 %");
  CHECK(share_text(1) == "99.9 %");
  std::ostringstream csv;
  write_csv(csv, {row(0.25, ended_by::executions)}, false);
  CHECK(csv.str().find(",7,0,0.25,executions,0.0,") != std::string::npos);
}

TEST_CASE("a search that a signal or a limit of the command line ended is not compared with its recorded count") {
  test_case const counted{.name = "engine/one_word/coherence@graph", .limits = {.search = scheduler::graph}};
  REQUIRE(recorded_count(counted.name));
  using surewake::verify::graph::ended_by;
  for (auto const by : {ended_by::stop, ended_by::executions, ended_by::memory, ended_by::seconds}) {
    job_result const result{.found = {.covered = coverage::sampled, .schedules = 1, .ended = by}};
    result_row const row{.tested = &counted, .limits = counted.limits, .result = result};
    CHECK(row.as_expected() == (by != ended_by::seconds));
  }
}

TEST_CASE("CSV: a line of names, a line a case, fields quoted where they must be") {
  std::ostringstream out;
  write_csv(out, {row_with(deadlocked)}, true);
  CHECK(out.str() ==
        "case,model,queue,discipline,variant,bug,engine,scheduler,context_bound,memory,reuse,threads,schedules,"
        "blocked,share,ended_by,seconds,steps,verdict,expected,complete,coverage,as_expected,seed,message\n"
        "close/list#late,close,list,,,late,relacy,random,,c++,true,2,1234,,,,0.5,7,deadlock,deadlock,false,found,"
        "true,1234,\"waiter sleeps, \"\"for ever\"\"\"\n");
}

TEST_CASE("every CSV row and every JSON file says what it comes from") {
  std::array const command{"surewake-verify", "run", "--out", "a b.csv"};
  surewake::program::detail::set_command("surewake-verify", static_cast<int>(command.size()), command.data());
  surewake::program::add_provenance("engine_version", "Relacy");
  std::ostringstream csv;
  write_csv(csv, {row_with(deadlocked)}, true);
  std::ostringstream text;
  write_json(text, {row_with(deadlocked)});
  auto const j = nlohmann::json::parse(text.str()).at("provenance");
  for (char const* const name : {"version", "commit", "compiler", "flags", "machine", "kernel", "started",
                                 "command_line", "engine_version"}) {
    CAPTURE(name);
    CHECK(csv.str().find(std::string(",") + name) != std::string::npos);
    CHECK_FALSE(j.at(name).get<std::string>().empty());
  }
  CHECK(j.at("command_line") == "surewake-verify run --out 'a b.csv'");
}

TEST_CASE("CSV of shards: only one of them has the line of names") {
  std::ostringstream out;
  write_csv(out, {row_with(deadlocked)}, false);
  CHECK(out.str().starts_with("close/list#late,"));
}

TEST_CASE("JSON has the same fields, and a case without a verdict says so") {
  result_row failed = row_with({});
  failed.result.engine_failure = "the search died";
  std::ostringstream out;
  write_json(out, {row_with(deadlocked), failed});
  auto const j = nlohmann::json::parse(out.str());
  REQUIRE(j.at("cases").size() == 2);
  CHECK(j["cases"][0]["verdict"] == "deadlock");
  CHECK(j["cases"][0]["as_expected"] == true);
  CHECK(j["cases"][1]["verdict"] == "engine failed");
  CHECK(j["cases"][1]["coverage"] == "none");
  CHECK(j["cases"][1]["as_expected"] == false);
  CHECK(j["cases"][1]["message"] == "the search died");
}

TEST_CASE("the format of a file is its name's ending") {
  CHECK(format_of("a.csv") == format::csv);
  CHECK(format_of("a.b.json") == format::json);
  CHECK_THROWS_AS(static_cast<void>(format_of("a.txt")), usage_error);
}

TEST_CASE("a verdict that differs says what was expected and how to see it") {
  search_result o = deadlocked;
  o.result = verdict::data_race;
  surewake::program::detail::set_command("mine", 0, nullptr);
  std::string const line = line_of(row_with(o));
  CHECK(line.find("FAIL") == 0);
  CHECK(line.find("expected: deadlock") != line.npos);
  CHECK(line.find("mine trace 'close/list#late' --seed 1234") != line.npos);
}

TEST_CASE("the summary counts every case once") {
  result_row failed = row_with({});
  failed.result.engine_failure = "died";
  std::string const text =
      summary_of({row_with(deadlocked), row_with({.result = verdict::pass, .schedules = 10}), failed}, 3);
  CHECK(text == "3 cases, 1'244 schedules, 3 s: 1 bug caught, 1 differs from what is expected, 1 has no verdict");
}

TEST_CASE("a trace has a column for each thread, the place of each step, and the finding in words") {
  search_result o = deadlocked;
  o.trace = {
      {.thread = 0,
       .what = surewake::verify::relacy::action::store,
       .with = surewake::verify::relacy::order::release,
       .object = 1,
       .after = "1",
       .file = "nowhere.hpp",
       .line = 3},
      {.thread = 1, .what = surewake::verify::relacy::action::sleep, .object = 1, .file = "nowhere.hpp", .line = 4},
      {.thread = -1, .what = surewake::verify::relacy::action::create, .object = 2, .file = "nowhere.hpp", .line = 5}};
  std::string const text = trace_of(row_with(o), {});
  CHECK(text.find("closer") < text.find("waiter"));
  CHECK(text.find("store #1 := 1 release") != text.npos);
  CHECK(text.find("nowhere.hpp:3") != text.npos);
  CHECK(text.find("sleeps on #1") != text.npos);
  CHECK(text.find("create") == text.npos);
  CHECK(text.find("deadlock: waiter sleeps") != text.npos);
  CHECK(trace_of(row_with(o), {.everything = true}).find("create #2") != text.npos);
  auto const j = nlohmann::json::parse(json_of_trace(row_with(o), "1234", false));
  CHECK(j.at("seed") == "1234");
  CHECK(j.at("threads") == nlohmann::json{"closer", "waiter"});
  REQUIRE(j.at("steps").size() == 2);
  CHECK(j["steps"][0].at("text") == "store #1 := 1");
  CHECK(j["steps"][0].at("order") == "release");
  CHECK(j["steps"][1].at("thread") == 1);
  CHECK(j["steps"][1].at("action") == "sleeps");
  CHECK(j["steps"][1].at("order").is_null());
  CHECK(nlohmann::json::parse(json_of_trace(row_with(o), "1234", true)).at("steps").size() == 3);
}

namespace {

/// Makes a step at the first line of core/platform/spin_lock.hpp that has `text`: its call is the first parenthesis
/// after it.
step step_at(std::string const& text) {
  auto const lines = source_lines("core/platform/spin_lock.hpp");
  for (unsigned i = 0; i != lines.size(); ++i) {
    auto const at = lines[i].find(text);
    if (at == std::string::npos || lines[i].find("//") < at) continue;
    return {.thread = 0, .what = surewake::verify::relacy::action::exchange,
            .with = surewake::verify::relacy::order::acquire, .object = 1, .before = "0", .after = "1",
            .file = "core/platform/spin_lock.hpp", .line = i + 1,
            .column = static_cast<unsigned>(lines[i].find('(', at)) + 1};
  }
  FAIL("no such line");
  return {};
}

std::size_t longest_line(std::string const& text) {
  std::size_t longest = 0;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    longest = std::max(longest, static_cast<std::size_t>(std::ranges::count_if(
                                    line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; })));
  }
  return longest;
}

}  // namespace

TEST_CASE("a trace keeps the source lines at any width, and stays within it where the steps do") {
  test_case const of_five{.name = "m", .model = "m", .type = {.threads = 5, .names = {"a", "b", "c", "d", "e"}}};
  search_result o = deadlocked;
  o.message = "";
  for (int thread = 0; thread != 5; ++thread) {
    o.trace.push_back(step_at("held_.exchange("));
    o.trace.back().thread = thread;
  }
  result_row const row{.tested = &of_five, .limits = {}, .result = {.found = o}};
  CHECK(trace_of(row, {}).find("return held_.exchange(1U, P::acquire) == 0U;") != std::string::npos);
  for (unsigned const columns : {1U, 40U, 80U, 100U, 120U, 160U, 240U, 400U, 100'000U}) {
    CAPTURE(columns);
    std::string const text = trace_of(row, {.columns = columns});
    std::size_t shown = 0;
    for (std::size_t at = 0; (at = text.find("return held_.exch", at)) != text.npos; ++at) ++shown;
    CHECK(shown == 5);
    if (columns >= 100) CHECK(longest_line(text) <= columns);
  }
  // The steps of five threads do not fit side by side into 100 columns.
  CHECK(trace_of(row, {.columns = 100}).find("thread") != std::string::npos);
  CHECK(trace_of(row, {.columns = 400}).find("thread") == std::string::npos);
}

TEST_CASE("an object has the name that it was given, or that of its variable; numbers only where there is neither") {
  search_result o = deadlocked;
  step const exchange = step_at("held_.exchange(");
  for (unsigned object = 1; object != 6; ++object) {
    o.trace.push_back(exchange);
    o.trace.back().object = object;
  }
  o.trace[0].after = "#3";
  o.trace[4].line = 1;
  o.objects = {{.number = 1},
               {.number = 2, .owner = 1},
               {.number = 3, .owner = 0, .name = "waiter", .among = 2},
               {.number = 4, .name = "queue", .among = 1, .inside = true},
               {.number = 5}};
  std::string const text = trace_of(row_with(o), {});
  CHECK(text.find("exchange spin_lock.held_: 0 → closer's waiter 2 acquire") != text.npos);
  CHECK(text.find("exchange waiter's spin_lock.held_: 0 → 1") != text.npos);
  CHECK(text.find("exchange closer's waiter 2: 0 → 1") != text.npos);
  CHECK(text.find("exchange queue.held_: 0 → 1") != text.npos);
  CHECK(text.find("exchange #5: 0 → 1") != text.npos);
}

TEST_CASE("a variable is read from the source that was compiled") {
  step const exchange = step_at("held_.exchange(");
  CHECK(variable_at(exchange.file, exchange.line, exchange.column) == "held_");
  step const await = step_at("P::await(");
  CHECK(variable_at(await.file, await.line, await.column) == "held_");
  CHECK(variable_at(exchange.file, exchange.line, 0).empty());
  CHECK(variable_at(exchange.file, 100'000, 1).empty());
  CHECK(variable_at("no/such.hpp", 1, 1).empty());

  auto const file = (std::filesystem::temp_directory_path() / ("surewake-" + std::to_string(::getpid()) + ".hpp"));
  std::ofstream(file) << "  x = cells_[next(i)].state.load(1);\n  p->next\n      ->store(2);\n  w.home().load(3);\n"
                         "  lock_hold const held(a.lock_);\n  f(&words[3], 4);\n  g();\n";
  auto const variable = [&](unsigned line, char const* before_call) {
    std::string const text = source_lines(file.string()).at(line - 1);
    return variable_at(file.string(), line, static_cast<unsigned>(text.find('(', text.find(before_call))) + 1);
  };
  CHECK(variable(1, "load") == "state");
  CHECK(variable(3, "store") == "next");
  CHECK(variable(4, "load") == "home");
  CHECK(variable(5, "held") == "lock_");
  CHECK(variable_at(file.string(), 5, 19) == "lock_");  // as g++ has it
  CHECK(variable(6, "f(") == "words");
  CHECK(variable(7, "g(").empty());

  CHECK_FALSE(changed_since_build("core/platform/spin_lock.hpp"));
  CHECK(changed_since_build(file.string()));  // newer than this program
  CHECK_FALSE(changed_since_build("no/such.hpp"));
  search_result o = deadlocked;
  o.trace = {exchange};
  o.trace[0].file = file.string();
  CHECK(trace_of(row_with(o), {}).find(file.string() + " has changed since this program was built") !=
        std::string::npos);
  o.trace[0].near = true;
  CHECK(trace_of(row_with(o), {}).find("after " + file.string()) != std::string::npos);
  std::filesystem::remove(file);
}

TEST_CASE("a user's file is named below its root, and ours as it was built, wherever it is") {
  using surewake::verify::name_of_source;
  auto const root = std::filesystem::temp_directory_path() / ("surewake-" + std::to_string(::getpid()));
  std::filesystem::create_directory(root);
  std::ofstream(root / "mine.hpp") << "first\nsecond\n";
  CHECK(surewake::verify::sources_are({}, root.string()));
  auto const named = [&](char const* below) { return std::string(name_of_source((root / below).c_str())); };
  CHECK(named("mine.hpp") == "mine.hpp");
  CHECK(named("surewake/queues/mine.hpp") == "surewake/queues/mine.hpp");
  CHECK(named("build/include/surewake/core/platform/spin_lock.hpp") == "core/platform/spin_lock.hpp");
  CHECK(std::string(name_of_source("/elsewhere/mine.hpp")) == "/elsewhere/mine.hpp");
  CHECK(source_lines("mine.hpp").at(1) == "second");
  std::filesystem::remove_all(root);
}

TEST_CASE("the label of an order is the one in the comment above it, not the one it pairs with") {
  // core/platform/spin_lock.hpp is labelled: whatever its lines are, its exchange and its store carry different labels.
  std::string found;
  for (unsigned line = 1; line != 80; ++line) {
    std::string const label = label_at("core/platform/spin_lock.hpp", line);
    if (!label.empty() && found.find(label) == found.npos) found += label + ' ';
  }
  CHECK(found == "L1 L2 ");
  CHECK(label_at("core/platform/spin_lock.hpp", 100'000).empty());
  CHECK(label_at("no/such.hpp", 1).empty());
}

TEST_CASE("thousands are set apart") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1'000");
  CHECK(grouped(1234567) == "1'234'567");
}

}  // namespace report_test
