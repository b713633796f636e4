#!/usr/bin/env bash
# Writes batches.txt with Apache Kafka's own classes. KAFKA_LIBS is a folder with kafka-clients and
# the jars it needs (zstd-jni, lz4-java, snappy-java, slf4j-api).
set -euo pipefail
cd "$(dirname "$0")"
libs=${KAFKA_LIBS:-$HOME/.cache/apache-kafka-4.3.0/libs}
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
javac -cp "$libs/*" -d "$classes" MakeRecordGolden.java
java -cp "$classes:$libs/*" MakeRecordGolden > batches.txt.new
mv batches.txt.new batches.txt
wc -l batches.txt
