#include <surewake/verify/report.hpp>
#include <surewake/verify/select.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace surewake::verify;

namespace {

test_case const tested{.name = "close/list#late",
                       .model = "close",
                       .what = {.queue = "list", .bug = "late", .question = "Why?", .expect = verdict::deadlock},
                       .type = {.threads = 2, .names = {"closer", "waiter"}}};

result_row row_with(outcome o) { return {.tested = &tested, .limits = {}, .result = {.found = std::move(o)}}; }

outcome const deadlocked{.result = verdict::deadlock,
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

TEST_CASE("CSV: a line of names, a line a case, fields quoted where they must be") {
  std::ostringstream out;
  write_csv(out, {row_with(deadlocked)}, true);
  CHECK(out.str() ==
        "case,model,queue,discipline,variant,bug,engine,scheduler,context_bound,memory,threads,schedules,seconds,steps,"
        "verdict,expected,coverage,as_expected,seed,message\n"
        "close/list#late,close,list,,,late,relacy,random,,c++,2,1234,0.5,7,deadlock,deadlock,found,true,1234,"
        "\"waiter sleeps, \"\"for ever\"\"\"\n");
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
  outcome o = deadlocked;
  o.result = verdict::data_race;
  std::string const line = line_of(row_with(o));
  CHECK(line.find("FAIL") == 0);
  CHECK(line.find("expected: deadlock") != line.npos);
  CHECK(line.find("surewake-verify trace 'close/list#late' --seed 1234") != line.npos);
}

TEST_CASE("the summary counts every case once") {
  result_row failed = row_with({});
  failed.result.engine_failure = "died";
  std::string const text =
      summary_of({row_with(deadlocked), row_with({.result = verdict::pass, .schedules = 10}), failed}, 3);
  CHECK(text == "3 cases, 1'244 schedules, 3 s: 1 bug caught, 1 differs from what is expected, 1 has no verdict");
}

TEST_CASE("a trace has a column for each thread, the place of each step, and the finding in words") {
  outcome o = deadlocked;
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
}

TEST_CASE("the label of an order is the one in the comment above it, not the one it pairs with") {
  // core/spin_lock.hpp is labelled: whatever its lines are, its exchange and its store carry different labels.
  std::string found;
  for (unsigned line = 1; line != 80; ++line) {
    std::string const label = label_at("core/spin_lock.hpp", line);
    if (!label.empty() && found.find(label) == found.npos) found += label + ' ';
  }
  CHECK(found == "L1 L2 ");
  CHECK(label_at("core/spin_lock.hpp", 100'000).empty());
  CHECK(label_at("no/such.hpp", 1).empty());
}

TEST_CASE("thousands are set apart") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1'000");
  CHECK(grouped(1234567) == "1'234'567");
}
