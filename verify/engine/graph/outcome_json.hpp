// surewake/verify/engine/graph/outcome_json.hpp: outcomes as text, for files and other processes.
#pragma once

#include <surewake/verify/engine/graph/limits.hpp>

#include <nlohmann/json.hpp>

namespace surewake::verify::graph {

inline void to_json(nlohmann::json& j, search_outcome const& o) {
  j = {{"result", static_cast<int>(o.result)},
       {"finished", o.finished},
       {"ended", static_cast<int>(o.ended)},
       {"message", o.message},
       {"token", o.token},
       {"complete", o.complete},
       {"spurious", o.spurious},
       {"cut", o.cut},
       {"blocked", o.blocked},
       {"runs", o.runs},
       {"events", o.events},
       {"seconds", o.seconds},
       {"share", o.share}};
}

/// Errors  nlohmann::json::exception
inline void from_json(nlohmann::json const& j, search_outcome& o) {
  o = {.result = static_cast<verdict>(j.at("result").get<int>()),
       .finished = j.at("finished"),
       .ended = static_cast<ended_by>(j.at("ended").get<int>()),
       .message = j.at("message"),
       .token = j.at("token"),
       .complete = j.at("complete"),
       .spurious = j.at("spurious"),
       .cut = j.at("cut"),
       .blocked = j.at("blocked"),
       .runs = j.at("runs"),
       .events = j.at("events"),
       .seconds = j.at("seconds"),
       .share = j.at("share")};
}

}  // namespace surewake::verify::graph
