"""python_producer.py SERVERS SECONDS: the bomber's messages, made and sent by kafka-python with the bomber's settings, as
fast as it can; messages a second on standard output."""
import datetime
import json
import random
import sys
import time

from kafka import KafkaProducer

servers, seconds = sys.argv[1], float(sys.argv[2])
TOPICS = [f"python.generated-data-{number:02d}.json" for number in range(1, 11)]


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


def user_activity():
    user = f"user_{random.randint(1, 100_000)}"
    return user, {"session_id": f"session_{random.randint(100_000, 999_999)}", "user_id": user,
                  "action": random.choice(["login", "logout", "page_view", "click", "search", "purchase"]),
                  "page": random.choice(["/home", "/products", "/cart", "/checkout"]),
                  "device": random.choice(["desktop", "mobile", "tablet"]),
                  "ip_address": ".".join(str(random.randint(1, 255)) for _ in range(4)),
                  "duration_ms": random.randint(1, 30_000)}


def system_metrics():
    server = f"server_{random.randint(1, 100)}"
    return server, {"server_id": server, "metric_name": random.choice(["cpu_usage", "memory_usage", "disk_usage"]),
                    "value": round(random.uniform(0, 100), 2), "unit": "percent",
                    "environment": random.choice(["production", "staging", "development"])}


def transaction():
    number = f"txn_{random.randint(1_000_000, 9_999_999)}"
    return number, {"user_id": f"user_{random.randint(1, 100_000)}", "transaction_id": number,
                    "amount": round(random.uniform(1, 10_000), 2), "currency": random.choice(["USD", "EUR", "GBP", "JPY"]),
                    "payment_method": random.choice(["credit_card", "debit_card", "paypal"]),
                    "status": random.choice(["pending", "completed", "failed", "refunded"])}


def log_event():
    server = f"server_{random.randint(1, 100)}"
    return server, {"level": random.choice(["DEBUG", "INFO", "WARN", "ERROR", "FATAL"]),
                    "service": random.choice(["auth-service", "payment-service", "api-gateway"]), "server_id": server,
                    "message": random.choice(["request processed", "connection established", "cache miss"]),
                    "thread": f"worker-{random.randint(1, 64)}"}


def sensor_data():
    sensor = f"sensor_{random.randint(1, 1_000)}"
    return sensor, {"sensor_id": sensor, "sensor_type": random.choice(["temperature", "humidity", "pressure"]),
                    "value": round(random.uniform(0, 100), 2), "latitude": round(random.uniform(-90, 90), 6),
                    "longitude": round(random.uniform(-180, 180), 6), "altitude": round(random.uniform(0, 5_000), 2),
                    "quality": random.choice(["good", "fair", "poor"])}


MAKERS = [user_activity, system_metrics, transaction, log_event, sensor_data]
producer = KafkaProducer(
    bootstrap_servers=servers, acks="all", retries=3, retry_backoff_ms=100, request_timeout_ms=30_000, max_block_ms=10_000,
    compression_type="gzip", batch_size=16_384, linger_ms=10, max_request_size=1_048_576,
    value_serializer=lambda value: json.dumps(value).encode(), key_serializer=lambda key: key.encode())
failures = []
count = 0
begin = time.monotonic()
while time.monotonic() - begin < seconds:
    maker = random.choice(MAKERS)
    key, fields = maker()
    message = {"type": maker.__name__, "timestamp": now(), **fields,
               "_metadata": {"generated_at": now(), "message_id": f"msg_{random.randint(1_000_000, 9_999_999)}",
                             "version": "1.0", "source": "kafka_producer_bomber"}}
    producer.send(TOPICS[count % len(TOPICS)], key=key, value=message).add_errback(failures.append)
    count += 1
producer.flush()
if failures:
    raise SystemExit(str(failures[0]))
print(count / (time.monotonic() - begin))
