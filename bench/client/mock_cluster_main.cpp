// stoker-mock-cluster TOPIC: librdkafka's mock cluster with one topic of one partition, as a
// process of its own, so that its CPU time can be told from the client's. It prints
// "mock ready at PORT" and runs until SIGTERM.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "client/mock_cluster.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: stoker-mock-cluster TOPIC\n");
        return 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    try {
        stoker::client::MockCluster cluster;
        cluster.create_topic(argv[1], 1);
        const std::string address = cluster.bootstrap_servers();
        std::printf("mock ready at %s\n", address.substr(address.rfind(':') + 1).c_str());
        std::fflush(stdout);
        int number = 0;
        sigwait(&signals, &number);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "stoker-mock-cluster: %s\n", error.what());
        return 1;
    }
    return 0;
}
