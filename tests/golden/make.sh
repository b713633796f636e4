#!/usr/bin/env bash
# make.sh: writes messages.txt anew with Apache Kafka's own classes, which scripts/kafka-libs fetches.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
libs=$(../../scripts/kafka-libs)
java -cp "$libs/*" MakeGolden.java >messages.txt.new
mv messages.txt.new messages.txt
wc -l messages.txt
