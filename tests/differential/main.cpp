// differential: a seeded random sequence of requests, sent to Stoker and to Apache Kafka; every
// decoded answer must be equal but for what normalise.cpp lists. Ends with 1 when any differed.
#include <cstdio>
#include <exception>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "duel.hpp"
#include "steps.hpp"

namespace {

struct Options {
    std::string stoker;
    std::string kafka;
    uint64_t seed = 1;
    int steps = 500;
    /// Empty: all.
    std::set<int> only;
    bool trace = false;
};

int usage() {
    std::fprintf(stderr,
                 "differential --stoker HOST:PORT --kafka HOST:PORT [--seed N] [--steps N]"
                 " [--only KEY,KEY...] [--trace yes]\n");
    return 2;
}

Options read_options(const std::vector<std::string>& words) {
    Options options;
    for (size_t i = 0; i + 1 < words.size(); i += 2) {
        const std::string& value = words[i + 1];
        if (words[i] == "--stoker") options.stoker = value;
        else if (words[i] == "--kafka") options.kafka = value;
        else if (words[i] == "--seed") options.seed = std::stoull(value);
        else if (words[i] == "--steps") options.steps = std::stoi(value);
        else if (words[i] == "--trace") options.trace = value == "yes";
        else if (words[i] == "--only") {
            std::stringstream keys(value);
            for (std::string key; std::getline(keys, key, ',');) {
                options.only.insert(std::stoi(key));
            }
        } else return {};
    }
    return options;
}

int run(const Options& options) {
    using namespace stoker::differential;
    Duel duel(options.stoker, options.kafka, options.seed);
    std::printf("seed %llu, %d steps\n", static_cast<unsigned long long>(options.seed),
                options.steps);
    std::vector<StepKind> kinds;
    for (auto steps : {data_steps, topic_steps, config_steps, group_steps, pair_steps,
                       consumer_group_steps, transaction_steps, security_steps, cluster_steps}) {
        for (StepKind& kind : steps()) {
            if (options.only.empty() || options.only.contains(kind.key)) kinds.push_back(kind);
        }
    }
    size_t total = 0;
    for (const StepKind& kind : kinds) total += size_t(kind.weight);
    if (total == 0) return usage();
    prepare(duel);
    if (options.trace) duel.trace();
    for (int step = 1; step <= options.steps; ++step) {
        size_t at = duel.draw.below(total);
        auto kind = kinds.begin();
        for (; at >= size_t(kind->weight); ++kind) at -= size_t(kind->weight);
        duel.begin_step(step, kind->name);
        if (kind->key >= 0 && !duel.both_serve(kind->key)) duel.count_unserved(kind->name);
        else kind->take(duel);
    }
    return duel.finish() == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        Options options = read_options({argv + 1, argv + argc});
        if (options.stoker.empty() || options.kafka.empty()) return usage();
        return run(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "differential: %s\n", error.what());
        return 1;
    }
}
