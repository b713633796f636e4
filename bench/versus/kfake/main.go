// stoker-kfake [-data-dir DIR]: franz-go's kfake as a server process for bench/versus. In memory, as kfake is by default;
// with -data-dir its log is in files and every batch is synced. It prints "kfake ready at PORT" and runs until SIGTERM.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/twmb/franz-go/pkg/kfake"
)

func main() {
	dataDir := flag.String("data-dir", "", "keep the log in files here, synced at every batch")
	flag.Parse()
	options := []kfake.Opt{kfake.NumBrokers(1)}
	if *dataDir != "" {
		options = append(options, kfake.DataDir(*dataDir), kfake.SyncWrites())
	}
	cluster, err := kfake.NewCluster(options...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "stoker-kfake:", err)
		os.Exit(1)
	}
	_, port, err := net.SplitHostPort(cluster.ListenAddrs()[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, "stoker-kfake:", err)
		os.Exit(1)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	fmt.Printf("kfake ready at %s\n", port)
	<-signals
	cluster.Close()
}
