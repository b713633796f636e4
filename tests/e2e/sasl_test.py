"""SASL as foreign clients see it: kcat (librdkafka 2.0.2), kafka-python and confluent-kafka over SASL_PLAINTEXT, the
kafka-* tools with --command-config, users that change while they are connected, kill -9, and no secret in any log."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from confluent_kafka import Producer
from kafka import KafkaProducer
from kafka.errors import KafkaError

from stoker import BIN, Broker

MODULES = "org.apache.kafka.common.security."
JAAS = {
    "plain": MODULES + 'plain.PlainLoginModule required user_admin="canary-admin" user_alice="canary \\"alice\\"";',
    "scram-sha-256": MODULES + 'scram.ScramLoginModule required user_carol="canary-carol";',
    "scram-sha-512": MODULES + "scram.ScramLoginModule required;",
}
ADMIN = ("PLAIN", "admin", "canary-admin")


class SaslBroker(Broker):
    """With one listener of SASL_PLAINTEXT, and everything that it says at trace level kept."""

    def __init__(self, *overrides, **more):
        own = [f"listener.name.sasl_plaintext.{name}.sasl.jaas.config={entry}" for name, entry in JAAS.items()]
        super().__init__("sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512", *own, *overrides, **more)

    def spawn(self, port):
        command = [BIN / "stoker", "broker", "--insecure", "--log-level", "trace",
                   "--override", f"listeners=SASL_PLAINTEXT://127.0.0.1:{port}", "--override", f"log.dirs={self.folder}"]
        for override in self.overrides:
            command += ["--override", override]
        with open(self.log_path, "ab") as log:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def ready_address(self):
        return r"SASL_PLAINTEXT://127\.0\.0\.1:(\d+)"


def librdkafka(broker, login):
    mechanism, user, password = login
    return {"bootstrap.servers": broker.bootstrap, "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": mechanism,
            "sasl.username": user, "sasl.password": password}


def kcat(broker, login, *arguments, stdin=None):
    options = [x for name, value in librdkafka(broker, login).items() if name != "bootstrap.servers"
               for x in ("-X", f"{name}={value}")]
    return subprocess.run(["kcat", "-b", broker.bootstrap, *options, *arguments], input=stdin, capture_output=True,
                          text=True, timeout=60)


class Sasl(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="stoker-sasl-"))
        self.addCleanup(shutil.rmtree, self.base, True)

    def config_file(self, login):
        mechanism, user, password = login
        module = "plain.PlainLoginModule" if mechanism == "PLAIN" else "scram.ScramLoginModule"
        quoted = password.replace("\\", "\\\\").replace('"', '\\"')
        entry = f'{MODULES}{module} required username="{user}" password="{quoted}";'
        path = self.base / f"{user}-{mechanism}.properties"
        path.write_text("security.protocol=SASL_PLAINTEXT\n" f"sasl.mechanism={mechanism}\n"
                        "sasl.jaas.config=" + entry.replace("\\", "\\\\") + "\n")
        return path

    def tool(self, name, broker, login, *arguments, stdin=None):
        option = "--command-config"
        return subprocess.run([BIN / name, "--bootstrap-server", broker.bootstrap, option, self.config_file(login),
                               *arguments], input=stdin, capture_output=True, text=True, timeout=60)

    def add_user(self, broker, user, password, mechanism="SCRAM-SHA-256"):
        done = self.tool("kafka-configs", broker, ADMIN, "--alter", "--entity-type", "users", "--entity-name", user,
                         "--add-config", f"{mechanism}=[iterations=8192,password={password}]")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_kcat_writes_and_reads_with_every_mechanism(self):
        with SaslBroker() as broker:
            self.add_user(broker, "bob", "canary-bob", "SCRAM-SHA-512")
            for login in (ADMIN, ("PLAIN", "alice", 'canary "alice"'), ("SCRAM-SHA-256", "carol", "canary-carol"),
                          ("SCRAM-SHA-512", "bob", "canary-bob")):
                done = kcat(broker, login, "-P", "-t", "t", stdin=login[1])
                self.assertEqual(done.returncode, 0, done.stderr)
            done = kcat(broker, ADMIN, "-C", "-t", "t", "-e", "-q", "-o", "beginning")
            self.assertEqual(done.stdout.split(), ["admin", "alice", "carol", "bob"])

    def test_wrong_passwords_are_refused_in_the_words_of_apache_kafka(self):
        with SaslBroker() as broker:
            done = kcat(broker, ("PLAIN", "admin", "canary-wrong"), "-L", "-m", "2")
            self.assertIn("Authentication failed: Invalid username or password", done.stderr)
            for user in ("carol", "nobody"):
                done = kcat(broker, ("SCRAM-SHA-256", user, "canary-wrong"), "-L", "-m", "2")
                self.assertIn("due to invalid credentials with SASL mechanism SCRAM-SHA-256", done.stderr)
            lines = [line for line in broker.log_lines() if "failed authentication" in line]
            self.assertRegex(lines[0], r"127\.0\.0\.1:\d+ failed authentication at SASL_PLAINTEXT with PLAIN: wrong "
                                       r"user name or password\.")

    def test_kafka_python_writes_and_is_refused(self):
        with SaslBroker() as broker:
            options = {"bootstrap_servers": broker.bootstrap, "security_protocol": "SASL_PLAINTEXT"}
            for mechanism, user, password in (ADMIN, ("SCRAM-SHA-256", "carol", "canary-carol")):
                producer = KafkaProducer(**options, sasl_mechanism=mechanism, sasl_plain_username=user,
                                         sasl_plain_password=password)
                producer.send("py", b"x").get(20)
                producer.close()
            with self.assertRaises(KafkaError):
                KafkaProducer(**options, sasl_mechanism="PLAIN", sasl_plain_username="admin",
                              sasl_plain_password="canary-wrong").send("py", b"x").get(5)

    def test_who_is_connected_stays_and_who_comes_needs_the_new_password(self):
        with SaslBroker() as broker:
            self.add_user(broker, "dave", "canary-one")
            errors = []
            config = librdkafka(broker, ("SCRAM-SHA-256", "dave", "canary-one"))
            producer = Producer({**config, "message.timeout.ms": 20000})

            def send():
                producer.produce("t", b"x", callback=lambda error, _: errors.append(error))
                producer.flush(25)

            send()
            self.add_user(broker, "dave", "canary-two")
            send()
            self.assertEqual(errors, [None, None])
            self.assertNotEqual(kcat(broker, ("SCRAM-SHA-256", "dave", "canary-one"), "-L", "-m", "2").returncode, 0)
            self.assertEqual(kcat(broker, ("SCRAM-SHA-256", "dave", "canary-two"), "-L").returncode, 0)

    def test_users_survive_kill_9(self):
        with SaslBroker() as broker:
            self.add_user(broker, "erin", "canary-erin")
            broker.kill_and_restart()
            done = kcat(broker, ("SCRAM-SHA-256", "erin", "canary-erin"), "-L")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = self.tool("kafka-configs", broker, ADMIN, "--describe", "--entity-type", "users")
            self.assertIn("SCRAM credential configs for user-principal 'erin' are SCRAM-SHA-256=iterations=8192",
                          done.stdout)

    def test_sessions_are_renewed_before_they_end(self):
        with SaslBroker("connections.max.reauth.ms=1500") as broker:
            errors = []
            producer = Producer({**librdkafka(broker, ADMIN), "message.timeout.ms": 10000})
            for _ in range(40):
                producer.produce("t", b"x", callback=lambda error, _: errors.append(error))
                producer.poll(0.1)
            producer.flush(20)
            self.assertEqual(errors, [None] * 40)

    def test_the_tools_authenticate(self):
        with SaslBroker() as broker:
            scram = ("SCRAM-SHA-256", "carol", "canary-carol")
            for login in (ADMIN, scram, ("PLAIN", "alice", 'canary "alice"')):
                done = self.tool("kafka-topics", broker, login, "--create", "--topic", login[1])
                self.assertEqual(done.returncode, 0, done.stderr)
            done = self.tool("kafka-console-producer", broker, scram, "--topic", "carol", stdin="one\ntwo\n")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = self.tool("kafka-console-consumer", broker, scram, "--topic", "carol", "--from-beginning",
                             "--max-messages", "2")
            self.assertEqual(done.stdout, "one\ntwo\n", done.stderr)

    def test_a_tool_with_a_wrong_password_says_so_at_once(self):
        with SaslBroker() as broker:
            done = self.tool("kafka-topics", broker, ("PLAIN", "admin", "canary-wrong"), "--list")
            self.assertEqual(done.returncode, 1)
            self.assertIn("SaslAuthenticationException: Authentication failed: Invalid username or password",
                          done.stdout + done.stderr)
            self.assertNotIn("canary", done.stdout + done.stderr)

    def test_no_secret_is_in_any_log_or_described(self):
        with SaslBroker() as broker:
            self.add_user(broker, "frank", "canary-frank")
            kcat(broker, ("SCRAM-SHA-256", "frank", "canary-frank"), "-L")
            kcat(broker, ("PLAIN", "admin", "canary-wrong"), "-L", "-m", "1")
            done = self.tool("kafka-configs", broker, ADMIN, "--describe", "--all", "--entity-type", "brokers",
                             "--entity-name", "1")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("sasl.jaas.config", done.stdout)
            self.assertNotIn("canary", done.stdout)
            self.assertEqual(broker.stop(), 0)
            log = "\n".join(broker.log_lines())
            self.assertIn("SaslAuthenticate", log)
            for secret in ("canary", "c2FsdA", "user_", "PlainLoginModule"):
                self.assertNotIn(secret, log)

    def test_plain_without_tls_needs_to_be_wanted(self):
        command = [BIN / "stoker", "broker", "--override", f"log.dirs={self.base / 'data'}",
                   "--override", "listeners=SASL_PLAINTEXT://127.0.0.1:0", "--override", "sasl.enabled.mechanisms=PLAIN",
                   "--override", f"listener.name.sasl_plaintext.plain.sasl.jaas.config={JAAS['plain']}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--insecure", done.stderr)
        self.assertIn("SASL_SSL", done.stderr)
        self.assertNotIn("canary", done.stderr)
        done = subprocess.run(command[:-2], capture_output=True, text=True, timeout=30)
        self.assertIn("listener.name.sasl_plaintext.plain.sasl.jaas.config is not set", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
