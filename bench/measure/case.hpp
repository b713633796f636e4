// What is measured: cases, and the rows of the table that they come to.
//
// A RatioCase runs the same load on two servers and says what one is worth in terms of the other,
// which holds on any machine. An AbsoluteCase measures the broker alone, in units of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace stoker::bench {

/// One measurement of one server.
struct Block {
    double value = 0;         // in the case's unit
    double cpu_us = 0;        // the server's CPU time a unit of work
    double cpu_s_per_gb = 0;  // and a GB (10^9 bytes) of payload; 0 where it says nothing
    double memory_mib = 0;    // the server's peak
    double server_cores = 0;  // cores that the server kept busy, on average
    double client_cores = 0;  // and those that the client did
};

/// A target for a number that stands for itself.
struct Figure {
    std::string name;
    std::string what;
    std::string unit;
    double target = 0;  // at most
};

struct RatioCase {
    std::string name;
    std::string what;
    std::string unit;
    std::string work = "request";    // what cpu_us is a unit of
    std::string subject = "broker";  // what `a` measures
    std::string peer = "floor";      // what `b` measures
    double target = 0;               // of a / b
    bool at_least = true;            // or at most
    /// The client has one thread: when that is busy all the time, the client is what is measured.
    bool one_client_thread = true;
    /// The client spins by design, so that how busy it is says nothing.
    bool client_spins = false;
    /// Measures one block with files in an empty folder.
    std::function<Block(const std::filesystem::path&)> a;
    std::function<Block(const std::filesystem::path&)> b;
    /// Targets for a figure of the subject's blocks, measured on the way.
    struct OnTheWay {
        Figure figure;
        double Block::*value;
    };
    std::vector<OnTheWay> on_the_way;
};

struct AbsoluteCase {
    std::string name;
    std::vector<Figure> figures;
    int rounds = 1;        // of a full run
    int rounds_quick = 1;  // and of a quick one
    /// Figures of time: a round in which the machine was taken away is repeated.
    bool timed = false;
    /// One round with files in an empty folder: samples of each figure, in the figures' order.
    std::function<std::vector<std::vector<double>>(const std::filesystem::path&)> measure;
};

using Case = std::variant<RatioCase, AbsoluteCase>;

inline const std::string& name_of(const Case& any) {
    return std::visit([](const auto& c) -> const std::string& { return c.name; }, any);
}

}  // namespace stoker::bench
