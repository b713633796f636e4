"""Everything at once, as `stoker tls init` sets it up: TLS, SCRAM and ACLs, and behind them transactions, readers of
committed records, groups and administration; with kill -9 in the middle, and a clean stop at the end."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient,
                                   ConfigResource, NewPartitions, NewTopic, ResourcePatternType, ResourceType,
                                   ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion)
from kafka import KafkaConsumer

from exact_copy import copy_while_killed
from stoker import BIN, Broker, run

AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"


class SecuredBroker(Broker):
    """With the configuration of `stoker tls init`, and its ACLs in force."""

    def __init__(self, tls):
        self.tls = tls
        super().__init__("super.users=User:admin", f"authorizer.class.name={AUTHORIZER}")

    def spawn(self, port):
        command = [BIN / "stoker", "broker", "--config", self.tls / "server.properties",
                   "--override", f"listeners=SASL_SSL://localhost:{port}", "--override", f"log.dirs={self.folder}"]
        for override in self.overrides:
            command += ["--override", override]
        with open(self.log_path, "ab") as log:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def ready_address(self):
        return r"SASL_SSL://127\.0\.0\.1:(\d+)"

    def settings(self, user, password, mechanism="SCRAM-SHA-512"):
        return {"bootstrap.servers": f"localhost:{self.port}", "security.protocol": "SASL_SSL",
                "ssl.ca.location": str(self.tls / "ca.pem"), "sasl.mechanism": mechanism, "sasl.username": user,
                "sasl.password": password}


def allow(resource, name, operation, pattern=ResourcePatternType.LITERAL):
    return AclBinding(resource, name, pattern, "User:alice", "*", operation, AclPermissionType.ALLOW)


RULES = [allow(ResourceType.TOPIC, "in", AclOperation.ALL), allow(ResourceType.TOPIC, "out", AclOperation.ALL),
         allow(ResourceType.GROUP, "copy", AclOperation.READ, ResourcePatternType.PREFIXED),
         allow(ResourceType.TRANSACTIONAL_ID, "copier", AclOperation.WRITE)]


class Secured(unittest.TestCase):
    def setUp(self):
        base = pathlib.Path(tempfile.mkdtemp(prefix="stoker-secured-"))
        self.addCleanup(shutil.rmtree, base, True)
        self.tls = base / "tls"
        run(BIN / "stoker", "tls", "init", self.tls)
        text = (self.tls / "client.properties").read_text()
        self.password = re.search(r'password="([^"]+)"', text)[1]

    def set_up(self, broker):
        """User alice, topics, and what she may do. What the administrator's answers say is checked on the way."""
        admin = AdminClient(broker.settings("admin", self.password, "PLAIN"))
        credential = UserScramCredentialUpsertion("alice", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                                                  b"alice-secret")
        for future in admin.alter_user_scram_credentials([credential]).values():
            future.result(30)
        for future in admin.create_topics([NewTopic(name, 1, 1) for name in ("in", "out", "hidden")]).values():
            future.result(30)
        for future in admin.create_acls(RULES).values():
            future.result(30)
        return admin

    def read_all(self, settings, topic):
        consumer = Consumer({**settings, "group.id": "copy-reader", "isolation.level": "read_committed",
                             "enable.auto.commit": False})
        end = consumer.get_watermark_offsets(TopicPartition(topic, 0), 30)[1]
        consumer.assign([TopicPartition(topic, 0, 0)])
        values, deadline = [], time.monotonic() + 60
        while time.monotonic() < deadline:
            values += [m.value().decode() for m in consumer.consume(500, 0.5) if not m.error()]
            if consumer.position([TopicPartition(topic, 0)])[0].offset >= end:
                break
        consumer.close()
        return values

    def test_a_copy_in_transactions_is_exact_and_nobody_sees_more_than_he_may(self):
        count = 600
        with SecuredBroker(self.tls) as broker:
            admin = self.set_up(broker)
            alice = broker.settings("alice", "alice-secret")
            self.assertEqual(set(AdminClient(alice).list_topics(timeout=30).topics), {"in", "out"})
            copy_while_killed(self, broker, alice, count, kills=3)
            self.assertEqual(self.read_all(alice, "out"), [str(i) for i in range(count)])
            self.read_with_kafka_python(broker, count)
            self.administer(broker, admin)
            self.assertEqual(broker.stop(), 0)

    def read_with_kafka_python(self, broker, count):
        consumer = KafkaConsumer("out", bootstrap_servers=f"localhost:{broker.port}", security_protocol="SASL_SSL",
                                 ssl_cafile=str(self.tls / "ca.pem"), sasl_mechanism="SCRAM-SHA-512",
                                 sasl_plain_username="alice", sasl_plain_password="alice-secret", group_id="copy-py",
                                 auto_offset_reset="earliest", isolation_level="read_committed",
                                 consumer_timeout_ms=60_000)
        values = [next(consumer).value.decode() for _ in range(count)]
        consumer.close()
        self.assertEqual(values, [str(i) for i in range(count)])

    def administer(self, broker, admin):
        for future in admin.create_partitions([NewPartitions("hidden", 3)]).values():
            future.result(30)
        for future in admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, "out")]).values():
            self.assertEqual(future.result(30)["cleanup.policy"].value, "delete")
        groups = {group.group_id for group in admin.list_consumer_groups().result(30).valid}
        self.assertLessEqual({"copy", "copy-py"}, groups)
        everything = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY,
                                      AclPermissionType.ANY)
        self.assertEqual(set(admin.describe_acls(everything).result(30)), set(RULES))
        for future in admin.delete_acls([everything]).values():
            self.assertEqual(len(future.result(30)), len(RULES))
        self.assertEqual(AdminClient(broker.settings("alice", "alice-secret")).list_topics(timeout=30).topics, {})
        for future in admin.delete_topics(["in", "hidden"]).values():
            future.result(30)


if __name__ == "__main__":
    unittest.main()
