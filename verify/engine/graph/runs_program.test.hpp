// surewake/verify/engine/graph/runs_program.test.hpp: litmus programs as what is searched. Not installed.
#pragma once

#include <surewake/verify/engine/graph/litmus.hpp>
#include <surewake/verify/engine/graph/search_loop.hpp>

#include <utility>

namespace surewake::verify::graph {

/// A program. Its finding, if one is asked for, is an execution with that number in the order of one process.
class runs_program : public runnable {
 public:
  explicit runs_program(program p, memory_model m = memory_model::cpp20)
      : program_(std::move(p)), explorer_(m, static_cast<unsigned>(program_.threads.size())) {
    explorer_.allow_rare(1);
  }
  [[nodiscard]] explorer& graphs() noexcept override { return explorer_; }
  [[nodiscard]] search_outcome& outcome() noexcept override { return outcome_; }
  void run_once() override {
    graph::run_once(program_, explorer_);
    if (explorer_.is_rebuilding()) return;
    if (!explorer_.complete()) ++outcome_.blocked;
    else ++(explorer_.rare() == 0 ? outcome_.complete : outcome_.spurious);
  }

 protected:
  program program_;
  explorer explorer_;
  search_outcome outcome_{};
};

}  // namespace surewake::verify::graph
