#!/usr/bin/env bash
# Writes batches.txt with Apache Kafka's own classes, which scripts/kafka-libs fetches.
set -euo pipefail
cd "$(dirname "$0")"
libs=$(../../../scripts/kafka-libs)
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
javac -cp "$libs/*" -d "$classes" MakeRecordGolden.java
java -cp "$classes:$libs/*" MakeRecordGolden > batches.txt.new
mv batches.txt.new batches.txt
wc -l batches.txt
