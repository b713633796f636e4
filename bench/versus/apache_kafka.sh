#!/usr/bin/env bash
# apache_kafka.sh: prints the folder with Apache Kafka's jars, which Maven fetches from Maven Central the first time.
# KAFKA_LIBS names a folder that has them already. Needs a JDK (17 or later), and Maven and the network once.
set -euo pipefail
if [ -n "${KAFKA_LIBS:-}" ]; then
  realpath "$KAFKA_LIBS"
  exit
fi
pom=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tests/e2e/kafka_tools_pom.xml
version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$pom")
libs=${XDG_CACHE_HOME:-$HOME/.cache}/apache-kafka-$version/libs
if ! ls "$libs"/kafka_*.jar >/dev/null 2>&1; then
  # Beside the place and moved there when complete: an interrupted run leaves nothing half done.
  mkdir -p "$(dirname "$libs")"
  fetched=$(mktemp -d "$libs.XXXXXX")
  trap 'rm -rf "$fetched"' EXIT
  mvn -q -B -f "$pom" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$fetched" >&2
  rmdir "$libs" 2>/dev/null || true
  mv -T "$fetched" "$libs"
fi
echo "$libs"
