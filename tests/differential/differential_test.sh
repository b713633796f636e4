#!/usr/bin/env bash
# differential_test.sh DIFFERENTIAL [its options]: starts Stoker ($STOKER_BINARY) and a one-node Apache
# Kafka with the same settings, sends both the same random requests and compares the answers.
#
# Needs a JDK (17 or later) and what scripts/kafka-libs needs; HEAP sizes the JVM (384m); LOGS=DIR keeps the brokers' logs.
# Exit 77 (skipped) when the jars cannot be had.
set -euo pipefail
differential=$(realpath "$1")
shift
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
libs=$("$here/../../scripts/kafka-libs")
stoker=$(realpath "${STOKER_BINARY:?the stoker to be tested}")
work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  if [ -n "${LOGS:-}" ]; then mkdir -p "$LOGS" && cp "$work"/*.log "$LOGS"; fi
  rm -rf "$work"
}
trap finish EXIT

# Apache Kafka cannot be asked which port it was given: two free ones, taken anew should somebody be faster.
free_ports() {
  python3 -c 'import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in sockets))'
}

java_options=(-Xmx"${HEAP:-384m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$libs/*")

# Sets kafka_port.
start_kafka() {
  local controller_port
  read -r kafka_port controller_port < <(free_ports)
  cat "$here/common.properties" - >"$work/kafka.properties" <<PROPERTIES
listeners=PLAINTEXT://127.0.0.1:$kafka_port,CONTROLLER://127.0.0.1:$controller_port
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:$controller_port
log.dirs=$work/kafka
PROPERTIES
  rm -rf "$work/kafka"
  java "${java_options[@]}" kafka.tools.StorageTool format --standalone \
    -t QWthLXJlZmVyZW5jZS0xMA -c "$work/kafka.properties" >"$work/kafka.log" 2>&1 || return 1
  java "${java_options[@]}" kafka.Kafka "$work/kafka.properties" >>"$work/kafka.log" 2>&1 &
  pids+=($!)
  local kafka_pid=$!
  for _ in $(seq 600); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$kafka_port") 2>/dev/null; then return 0; fi
    kill -0 "$kafka_pid" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

# Sets stoker_port.
start_stoker() {
  "$stoker" broker --config "$here/common.properties" --override listeners=PLAINTEXT://127.0.0.1:0 \
    --override "log.dirs=$work/stoker" >"$work/stoker.out" 2>"$work/stoker.log" &
  pids+=($!)
  for _ in $(seq 100); do
    stoker_port=$(sed -n 's|^stoker broker ready at PLAINTEXT://127\.0\.0\.1:\([0-9]*\).*|\1|p' "$work/stoker.out")
    if [ -n "$stoker_port" ]; then return 0; fi
    sleep 0.1
  done
  return 1
}

start_kafka || start_kafka || {
  tail -n 20 "$work/kafka.log"
  exit 1
}
start_stoker || {
  tail -n 20 "$work/stoker.log"
  exit 1
}
"$differential" --stoker "127.0.0.1:$stoker_port" --kafka "127.0.0.1:$kafka_port" "$@"
