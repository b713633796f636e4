#!/usr/bin/env bash
# compaction_golden_test.sh COMPACT_LOG: our cleaner and Apache Kafka's make the same of one log, batch for batch and
# record for record: at once, and again when the delete horizons have passed. And Apache Kafka's tools read ours.
#
# Needs a JDK (17 or later) and what scripts/kafka-libs needs. Exit 77 (skipped) when the jars cannot be had.
set -euo pipefail
compact_log=$(realpath "$1")
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
libs=$("$here/../../scripts/kafka-libs")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
retention=3600000
segment_bytes=100000
now=$(date +%s000)

failed=0
fail() {
  echo "FAILED: $*"
  failed=1
}

files() { find "$1" -name "*$2" | sort | paste -sd, -; }

kafka() {
  java -Xmx256m -Djava.io.tmpdir="$work" -cp "$libs/*" "$@" 2>"$work/stderr" || {
    cat "$work/stderr"
    return 1
  }
}

dump() { kafka org.apache.kafka.tools.DumpLogSegments "$@"; }

# What a log holds, but for what depends on how well a codec compressed.
content() {
  dump --deep-iteration --print-data-log --files "$(files "$1" .log)" |
    sed -E "s:$1/?::g; s/ (position|size|crc): [0-9]+//g"
}

aborted() { [ -z "$(files "$1" .txnindex)" ] || dump --files "$(files "$1" .txnindex)" | sed "s:$1/::"; }

compare() {
  local name=$1
  content "$work/ours/table-0" >"$work/ours.$name"
  content "$work/theirs/table-0" >"$work/theirs.$name"
  echo "$name: $(grep -c '^baseOffset' "$work/ours.$name") batches, $(grep -c '^| offset' "$work/ours.$name") records"
  diff "$work/ours.$name" "$work/theirs.$name" >"$work/diff" || { head -20 "$work/diff"; fail "$name: not the same"; }
  diff <(aborted "$work/ours/table-0") <(aborted "$work/theirs/table-0") || fail "$name: aborted transactions"
}

check_ours() {
  local folder=$work/ours/table-0
  dump --index-sanity-check --files "$(files "$folder" .index),$(files "$folder" .timeindex)" >"$work/out" || fail "index sanity"
  if grep -vE "^Dumping|passed sanity check|is empty\.$" "$work/out"; then fail "index sanity"; fi
  dump --verify-index-only --files "$(files "$folder" .index),$(files "$folder" .timeindex)" >"$work/out" || fail "indexes"
  if grep -iE "mismatch|out of order|not found|Exception" "$work/out"; then fail "an index does not fit"; fi
  kafka -Dcompacted=true "$here/RecoverSegments.java" "$folder" || fail "Apache Kafka would write other indexes"
}

round() {
  local name=$1 at=$2
  "$compact_log" "$work/ours" clean "$at" "$retention"
  kafka "$here/CleanLog.java" "$work/theirs/table-0" "$segment_bytes" "$retention" "$at" >/dev/null ||
    fail "$name: Apache Kafka's cleaner"
  find "$work/theirs/table-0" -name '*.deleted' -delete
  compare "$name"
  check_ours
}

"$compact_log" "$work/ours" write "$now" "$retention"
cp -r "$work/ours" "$work/theirs"
compare before
round first "$now"
round again "$((now + 1000))"
round later "$((now + retention + 2000))"
round last "$((now + 2 * retention + 4000))"
exit $failed
