#!/usr/bin/env bash
# dump_log_test.sh WRITE_LOG: Apache Kafka's own tools read the files that our storage layer writes:
# after a clean stop, and after recovery from a crash with damage. Slow: it starts a JVM several times.
#
# Needs a JDK (17 or later) and what scripts/kafka-libs needs. Exit 77 (skipped) when the jars cannot be had.
set -euo pipefail
write_log=$(realpath "$1")
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
libs=$("$here/../../scripts/kafka-libs")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failed=0
fail() {
  echo "FAILED: $*"
  failed=1
}

# All files of one suffix, separated by commas.
files() { find "$1" -name "*$2" | sort | paste -sd, -; }

# The standard error has log4j's greetings too: it is shown when the tool says that it failed.
dump() {
  java -Xmx256m -cp "$libs/*" org.apache.kafka.tools.DumpLogSegments "$@" 2>"$work/stderr" || {
    cat "$work/stderr"
    return 1
  }
}

# Reads every batch and record, and both indexes against the data.
check() {
  local data=$1 name=$2 out=$work/$2.out
  dump --deep-iteration --files "$(files "$data" .log)" >"$out" || fail "$name: reading the logs"
  if grep -E "isvalid: false|Exception|Found .* invalid bytes" "$out"; then fail "$name: invalid batches"; fi
  echo "$name: $(grep -c '^baseOffset' "$out") batches, $(grep -c '^| offset' "$out") records"

  dump --index-sanity-check --files "$(files "$data" .index),$(files "$data" .timeindex)" >"$out" ||
    fail "$name: index sanity"
  if grep -vE "^Dumping|passed sanity check|is empty\.$" "$out"; then fail "$name: index sanity"; fi

  dump --verify-index-only --files "$(files "$data" .index),$(files "$data" .timeindex)" >"$out" ||
    fail "$name: verifying indexes"
  if grep -iE "mismatch|out of order|not found|Exception" "$out"; then fail "$name: an index does not fit"; fi

  dump --files "$(files "$data" .snapshot)" >"$out" || fail "$name: reading the snapshots"
  if grep -E "Exception|corrupt" "$out"; then fail "$name: snapshots"; fi
  grep -q "producerId: 4711 producerEpoch: 2" "$out" || fail "$name: the producer is not in a snapshot"

  dump --files "$(files "$data" .txnindex)" >"$out" || fail "$name: reading the transaction indexes"
  if grep -E "Exception" "$out"; then fail "$name: transaction indexes"; fi
  echo "$name: $(grep -c '^version: 0 producerId: [89] firstOffset' "$out") aborted transactions"
  grep -q "^version: 0 producerId: 9 firstOffset" "$out" || fail "$name: no aborted transaction is known"

  java -Xmx256m -Djava.io.tmpdir="$work" -cp "$libs/*" "$here/RecoverSegments.java" "$data"/*-0 2>/dev/null ||
    fail "$name: Apache Kafka would write other indexes"
}

"$write_log" "$work/clean" write
check "$work/clean" clean

"$write_log" "$work/crash" crash
"$write_log" "$work/crash" recover
ls "$work/crash/one-segment-0/" | grep -q quarantine || fail "nothing was quarantined"
check "$work/crash" crash

exit $failed
