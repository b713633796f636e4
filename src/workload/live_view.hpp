// LiveView: one line on a terminal that is renewed every second while a load runs.
#pragma once

#include <cstdio>
#include <string>

#include "workload/run/run.hpp"

namespace stoker::workload {

/// The line without its control characters.
std::string live_line(const Progress& progress);

class LiveView {
public:
    /// Shows nothing where `file` is no terminal.
    explicit LiveView(std::FILE* file);
    ~LiveView();
    LiveView(const LiveView&) = delete;
    LiveView& operator=(const LiveView&) = delete;

    void show(const Progress& progress);

private:
    std::FILE* file_;
    bool is_terminal_;
    bool shown_ = false;
};

}  // namespace stoker::workload
