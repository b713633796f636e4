#!/usr/bin/env bash
# make.sh: writes messages.txt anew with Apache Kafka's own classes. Needs a JDK (17 or later), Maven
# and the network. KAFKA_LIBS=DIR takes the jars from there instead of Maven Central.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
if [ -z "${KAFKA_LIBS:-}" ]; then
  KAFKA_LIBS=$(mktemp -d)
  trap 'rm -rf "$KAFKA_LIBS"' EXIT
  mvn -q -B dependency:copy-dependencies -DoutputDirectory="$KAFKA_LIBS"
fi
java -cp "$KAFKA_LIBS/*" MakeGolden.java >messages.txt.new
mv messages.txt.new messages.txt
wc -l messages.txt
