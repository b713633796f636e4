"""ACLs and quotas as foreign clients see them: confluent-kafka (librdkafka), Java's AdminClient, and our own tools."""
import os
import pathlib
import re
import time
import unittest

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient, NewTopic,
                                   ResourcePatternType, ResourceType)

from stoker import BIN, ROOT, Broker, run

AUTHORIZER = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer"
# Everybody is User:ANONYMOUS here. What no rule is about is open, so that the first rule can be made.
OPEN = (AUTHORIZER, "allow.everyone.if.no.acl.found=true")


def rule(topic, operation, permission=AclPermissionType.ALLOW, pattern=ResourcePatternType.LITERAL):
    return AclBinding(ResourceType.TOPIC, topic, pattern, "User:ANONYMOUS", "*", operation, permission)


def create(admin, *rules):
    for future in admin.create_acls(list(rules)).values():
        future.result(10)


def produce(broker, topic, count=3):
    """The names of the errors."""
    errors = []
    producer = Producer({"bootstrap.servers": broker.bootstrap, "message.timeout.ms": 5000})
    for i in range(count):
        producer.produce(topic, str(i), callback=lambda error, _: errors.append(error.name()) if error else None)
    producer.flush(10)
    return errors


def consume(broker, topic, group):
    """The first message's value or the first error's name."""
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": group, "auto.offset.reset": "earliest"})
    try:
        consumer.subscribe([topic])
        end = time.monotonic() + 15
        while time.monotonic() < end:
            message = consumer.poll(1)
            if message is not None:
                return message.error().name() if message.error() else message.value().decode()
        return "nothing"
    finally:
        consumer.close()


class ConfluentKafka(unittest.TestCase):
    def test_rules_deny_and_allow_topics_and_groups_and_survive_kill_9(self):
        with Broker(*OPEN) as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap})
            for future in admin.create_topics([NewTopic("orders", 1, 1), NewTopic("other", 1, 1)]).values():
                future.result(15)
            create(admin, rule("ord", AclOperation.DESCRIBE, pattern=ResourcePatternType.PREFIXED))
            self.assertEqual(set(produce(broker, "orders")), {"TOPIC_AUTHORIZATION_FAILED"})
            self.assertEqual(produce(broker, "other"), [])
            create(admin, rule("orders", AclOperation.WRITE))
            self.assertEqual(produce(broker, "orders"), [])
            broker.kill_and_restart()
            self.assertEqual(produce(broker, "orders"), [])
            self.assertEqual(consume(broker, "orders", "g"), "TOPIC_AUTHORIZATION_FAILED")
            create(admin, rule("orders", AclOperation.READ))
            self.assertEqual(consume(broker, "orders", "g"), "0")
            create(admin, AclBinding(ResourceType.GROUP, "closed", ResourcePatternType.LITERAL, "User:ANONYMOUS", "*",
                                     AclOperation.READ, AclPermissionType.DENY))
            self.assertEqual(consume(broker, "orders", "closed"), "GROUP_AUTHORIZATION_FAILED")
            lines = [line for line in broker.log_lines() if "is Denied operation = WRITE" in line]
            self.assertTrue(lines and re.search(
                r"Principal = User:ANONYMOUS is Denied operation = WRITE from host = 127\.0\.0\.1 on resource = "
                r"Topic:LITERAL:orders for request = Produce with resourceRefCount = 1 based on rule DefaultDeny$",
                lines[0]), lines)

    def test_what_may_not_be_described_is_not_there(self):
        with Broker(*OPEN) as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap})
            for future in admin.create_topics([NewTopic("seen", 1, 1), NewTopic("unseen", 1, 1)]).values():
                future.result(15)
            create(admin, rule("unseen", AclOperation.DESCRIBE, AclPermissionType.DENY))
            self.assertEqual(set(admin.list_topics(timeout=10).topics), {"seen"})

    def test_rules_are_listed_and_deleted(self):
        with Broker(AUTHORIZER, "super.users=User:ANONYMOUS") as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap})
            create(admin, rule("a", AclOperation.READ), rule("b", AclOperation.ALL))
            every = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY,
                                     AclPermissionType.ANY)
            self.assertEqual({r.name for r in admin.describe_acls(every).result(10)}, {"a", "b"})
            gone = AclBindingFilter(ResourceType.TOPIC, "a", ResourcePatternType.MATCH, None, None, AclOperation.ANY,
                                    AclPermissionType.ANY)
            self.assertEqual([r.name for r in admin.delete_acls([gone])[gone].result(10)], ["a"])
            self.assertEqual({r.name for r in admin.describe_acls(every).result(10)}, {"b"})

    def test_without_an_authorizer_there_are_no_rules(self):
        with Broker() as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap})
            with self.assertRaises(KafkaException) as caught:
                create(admin, rule("a", AclOperation.READ))
            self.assertEqual(caught.exception.args[0].name(), "SECURITY_DISABLED")

    def test_a_producer_is_slowed_to_its_quota(self):
        with Broker() as broker:
            run(BIN / "kafka-configs", "--bootstrap-server", broker.bootstrap, "--alter", "--entity-type", "clients",
                "--entity-name", "slow", "--add-config", "producer_byte_rate=100000")
            throttles = []
            producer = Producer({"bootstrap.servers": broker.bootstrap, "client.id": "slow", "linger.ms": 0,
                                 "throttle_cb": lambda event: throttles.append(event.throttle_time)})
            for _ in range(15):
                producer.produce("t", b"x" * 100_000)
                producer.flush(30)
            self.assertTrue(throttles, "no throttle time was told")
            self.assertEqual(producer.flush(30), 0)


class Tools(unittest.TestCase):
    def test_the_recipes_for_producers_and_consumers(self):
        with Broker(AUTHORIZER, "super.users=User:ANONYMOUS") as broker:
            def acls(*options):
                return run(BIN / "kafka-acls", "--bootstrap-server", broker.bootstrap, *options)

            acls("--add", "--allow-principal", "User:ann", "--producer", "--topic", "orders", "--idempotent")
            acls("--add", "--allow-principal", "User:bob", "--consumer", "--topic", "ord", "--group", "billing",
                 "--resource-pattern-type", "prefixed")
            broker.kill_and_restart()
            text = acls("--list")
            for operation in ("WRITE", "CREATE", "DESCRIBE", "IDEMPOTENT_WRITE"):
                self.assertIn(f"(principal=User:ann, host=*, operation={operation}, permissionType=ALLOW)", text)
            self.assertIn("ResourcePattern(resourceType=GROUP, name=billing, patternType=PREFIXED)", text)
            acls("--remove", "--force", "--allow-principal", "User:ann", "--producer", "--topic", "orders")
            self.assertNotIn("name=orders", acls("--list"))
            self.assertIn("name=ord,", acls("--list", "--topic", "orders", "--resource-pattern-type", "match"))

    def test_quotas_of_each_kind_of_entity(self):
        with Broker() as broker:
            def configs(*options):
                return run(BIN / "kafka-configs", "--bootstrap-server", broker.bootstrap, *options)

            configs("--alter", "--entity-type", "users", "--entity-name", "ann", "--entity-type", "clients",
                    "--entity-default", "--add-config", "consumer_byte_rate=2048")
            configs("--alter", "--entity-type", "ips", "--entity-name", "10.0.0.1", "--add-config",
                    "connection_creation_rate=7")
            broker.kill_and_restart()
            self.assertIn("consumer_byte_rate=2048.0", configs("--describe", "--entity-type", "users", "--entity-name",
                                                               "ann", "--entity-type", "clients", "--entity-default"))
            self.assertIn("connection_creation_rate=7.0", configs("--describe", "--entity-type", "ips"))
            configs("--alter", "--entity-type", "ips", "--entity-name", "10.0.0.1", "--delete-config",
                    "connection_creation_rate")
            self.assertNotIn("connection_creation_rate", configs("--describe", "--entity-type", "ips"))


@unittest.skipUnless(os.environ.get("STOKER_WITH_JAVA"), "label slow runs it: it needs a JDK and Apache Kafka's jars")
class Java(unittest.TestCase):
    def test_the_admin_client_makes_finds_and_removes_rules_and_quotas(self):
        libs = os.environ.get("KAFKA_LIBS") or run(ROOT / "scripts" / "kafka-libs", timeout=600).strip()
        with Broker(AUTHORIZER, "super.users=User:ANONYMOUS") as broker:
            source = pathlib.Path(__file__).parent / "AclsAndQuotas.java"
            text = run("java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{libs}/*", source,
                       broker.bootstrap, timeout=120)
            self.assertEqual(text.splitlines()[-1], "as it should be")


if __name__ == "__main__":
    unittest.main()
