"""python_consumer.py SERVERS COUNT PREFIX GROUP: reads so many of the bomber's messages with confluent-kafka and the bomber's
settings, and does with each what consumer-bomber does, without the simulated delay; messages a second from the first on."""
import datetime
import json
import sys
import time

from confluent_kafka import Consumer

servers, wanted, prefix, group = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
ALERTS = {"user_activity": ("action", lambda _: False), "system_metrics": ("value", lambda value: value > 80),
          "transaction": ("amount", lambda value: value > 1000),
          "log_event": ("level", lambda value: value in ("ERROR", "FATAL")),
          "sensor_data": ("quality", lambda value: value == "poor")}

consumer = Consumer({
    "bootstrap.servers": servers, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": True,
    "auto.commit.interval.ms": 1000, "session.timeout.ms": 30_000, "heartbeat.interval.ms": 3000,
    "max.poll.interval.ms": 300_000, "fetch.min.bytes": 1, "fetch.wait.max.ms": 500, "max.partition.fetch.bytes": 1_048_576,
    "check.crcs": True})
consumer.subscribe([f"{prefix}.generated-data-{number:02d}.json" for number in range(1, 11)])
by_type, by_topic, alerts = {}, {}, {}
count = size = failed = processing = 0
begin = None
while count < wanted:
    message = consumer.poll(1.0)
    if message is None or message.error():
        continue
    before = time.monotonic()
    begin = begin or before
    count += 1
    value = message.value()
    size += len(value)
    by_topic[message.topic()] = by_topic.get(message.topic(), 0) + 1
    try:
        fields = json.loads(value)
        if not isinstance(fields["_metadata"], dict):
            raise ValueError("_metadata")
        datetime.datetime.fromisoformat(fields["timestamp"])
        kind = fields.get("type", "unknown")
        if kind in ALERTS:
            name, is_alert = ALERTS[kind]
            if is_alert(fields[name]):
                alerts[kind] = alerts.get(kind, 0) + 1
        by_type[kind] = by_type.get(kind, 0) + 1
    except (ValueError, KeyError, TypeError):
        failed += 1
    processing += time.monotonic() - before
end = time.monotonic()
consumer.close()
if failed:
    raise SystemExit(f"{failed} messages could not be processed")
print(count / (end - begin))
