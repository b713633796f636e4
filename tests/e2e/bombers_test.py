"""producer-bomber, consumer-bomber and the perf tools under the specification's names, as somebody uses them who has read
it: every security protocol, .env, --config, signals, a broker that is killed, what bad input gets, and no secret anywhere."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from stoker import BIN, Broker, run

LISTENERS = "listeners=" + ",".join(f"{name}://127.0.0.1:0" for name in ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"))
PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_admin="canary-1";'
SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required user_carol="canary-2";'
CLOSED = "127.0.0.1:1"  # a port at which nobody answers
VARIABLES = "KAFKA_"


class FourListeners(Broker):
    """One listener of each security protocol; clients of the encrypted one without passwords show a certificate."""

    def __init__(self, tls, **more):
        store = ["ssl.keystore.type=PEM", f"ssl.keystore.location={tls / 'server.pem'}", "ssl.truststore.type=PEM",
                 f"ssl.truststore.location={tls / 'ca.pem'}", "listener.name.ssl.ssl.client.auth=required"]
        logins = [f"listener.name.{name}.{mechanism}.sasl.jaas.config={entry}" for name in ("sasl_plaintext", "sasl_ssl")
                  for mechanism, entry in (("plain", PLAIN), ("scram-sha-256", SCRAM), ("scram-sha-512", SCRAM))]
        super().__init__(LISTENERS, *store, *logins, "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
                         "num.partitions=4", "group.initial.rebalance.delay.ms=0", **more)

    def spawn(self, port):
        command = [BIN / "stoker", "broker", "--insecure", "--override", f"log.dirs={self.folder}"]
        for override in self.overrides:
            command += ["--override", override]
        with open(self.log_path, "ab") as log:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def start(self, port):
        super().start(port)
        self.at = {"PLAINTEXT": self.bootstrap}
        for _ in range(3):
            name, address = re.search(r"(\w+)://(\S+)", self.process.stdout.readline()).groups()
            self.at[name] = address


class Bombers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = pathlib.Path(tempfile.mkdtemp(prefix="stoker-bombers-"))
        cls.addClassCleanup(shutil.rmtree, cls.base, True)
        cls.tls = cls.base / "tls"
        run(BIN / "stoker", "tls", "init", cls.tls)
        run(BIN / "stoker", "tls", "init", cls.base / "other")
        cls.key = cls.base / "key.pem"
        run("openssl", "pkey", "-in", cls.tls / "client.pem", "-aes256", "-passout", "pass:canary-3", "-out", cls.key)
        cls.broker = FourListeners(cls.tls).__enter__()
        cls.addClassCleanup(cls.broker.__exit__)

    def setUp(self):
        self.folder = self.base / self.id().rsplit(".", 1)[1]
        self.folder.mkdir()

    def environment(self, **more):
        return {name: value for name, value in os.environ.items() if not name.startswith(VARIABLES)} | more

    def start(self, program, *arguments, **more):
        return subprocess.Popen([BIN / program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, text=True, cwd=self.folder, env=self.environment(**more))

    def ran(self, program, *arguments, **more):
        """Status, standard output, standard error. A secret in either is a failure whatever the test is about."""
        process = self.start(program, *arguments, **more)
        self.addCleanup(process.kill)
        out, err = process.communicate(timeout=90)
        self.assertNotIn("canary", out + err)
        return process.returncode, out, err

    def figures(self, program, *arguments, **more):
        status, out, err = self.ran(program, *arguments, "--json", **more)
        self.assertEqual(status, 0, out + err)
        return json.loads(out.strip().splitlines()[-1])

    def dot_env(self, protocol, prefix, *lines):
        """A .env file for that listener, and topics of that prefix."""
        (self.folder / ".env").write_text("\n".join([
            f"KAFKA_BOOTSTRAP_SERVERS={self.broker.at[protocol]}", f"KAFKA_SECURITY_PROTOCOL={protocol}",
            f"KAFKA_TOPIC_PREFIX={prefix}", f"KAFKA_CONSUMER_GROUP={prefix}", "KAFKA_NUM_TOPICS=3",
            "KAFKA_MESSAGES_PER_SECOND=500", f"KAFKA_SSL_CAFILE={self.tls / 'ca.pem'}", *lines]))

    def there_and_back(self, consumers=1):
        sent = self.figures("producer-bomber", "--duration-seconds", 1, "--verify")
        self.assertEqual((sent["messages_sent"] + sent["messages_unsent"], sent["messages_failed"]), (500, 0))
        self.assertEqual(len(sent["topics_created"]), 3)
        got = self.consumed_all(sent["messages_sent"], "--num-consumers", consumers, "--verify")
        self.assertEqual(got["bytes_consumed"], sent["bytes_sent"])
        self.assertEqual(sum(got["messages_by_type"].values()), sent["messages_sent"])
        self.assertEqual(set(got["messages_by_topic"]), set(sent["topics_created"]))
        self.assertEqual(got["verified"]["duplicated"], 0)
        return got

    def consumed_all(self, count, *arguments):
        """Runs a consumer until it has read `count` messages and one report more; its final figures."""
        process = self.start("consumer-bomber", "--duration-seconds", 60, "--processing-delay-ms", 0, "--progress", "json",
                             "--json", *arguments)
        self.addCleanup(process.kill)
        for line in process.stdout:
            if json.loads(line).get("consumed", 0) >= count:
                break
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        self.assertNotIn("canary", out + err)
        got = json.loads(out.strip().splitlines()[-1])
        self.assertEqual((got["messages_consumed"], got["messages_failed"]), (count, 0))
        return got

    def test_plaintext(self):
        self.dot_env("PLAINTEXT", "plaintext")
        self.there_and_back()

    def test_ssl_with_a_client_certificate_and_an_encrypted_key(self):
        self.dot_env("SSL", "ssl", f"KAFKA_SSL_CERTFILE={self.tls / 'client.pem'}", f"KAFKA_SSL_KEYFILE={self.key}",
                     "KAFKA_SSL_PASSWORD=canary-3")
        self.there_and_back()

    def test_sasl_plaintext_with_scram_256(self):
        self.dot_env("SASL_PLAINTEXT", "scram", "KAFKA_SASL_MECHANISM=SCRAM-SHA-256", "KAFKA_USERNAME=carol",
                     "KAFKA_PASSWORD=canary-2")
        self.there_and_back()

    def test_sasl_ssl_with_plain_and_three_consumers(self):
        self.dot_env("SASL_SSL", "plain", "KAFKA_USERNAME=admin", "KAFKA_PASSWORD=canary-1")
        got = self.there_and_back(consumers=3)
        self.assertEqual(len(got["consumer_lag"]), 12)
        self.assertEqual(sum(got["consumer_lag"].values()), 0)

    def test_a_properties_file_of_a_java_client_is_enough(self):
        path = self.folder / "client.properties"
        path.write_text(f"bootstrap.servers={self.broker.at['SASL_SSL']}\nsecurity.protocol=SASL_SSL\n"
                        "sasl.mechanism=SCRAM-SHA-512\nsasl.jaas.config=org.apache.kafka.common.security.scram."
                        'ScramLoginModule required username="carol" password="canary-2";\n'
                        f"ssl.truststore.type=PEM\nssl.truststore.location={self.tls / 'ca.pem'}\n")
        sent = self.figures("producer-bomber", "--command-config", path, "--topic-prefix", "java", "--duration-seconds", 1)
        self.assertEqual(sent["messages_sent"] + sent["messages_unsent"], 1000)

    def test_a_refusal_ends_at_once_and_says_what_was_refused(self):
        login = ["--username", "admin", "--password", "canary-wrong"]
        ca = ["--ssl-cafile", self.tls / "ca.pem"]
        certificate = ["--ssl-certfile", self.base / "other/client.pem", "--ssl-keyfile", self.base / "other/client.pem"]
        cases = [
            ("SASL_SSL", [*login, *ca], "refused the user or the password", "--password"),
            ("SASL_PLAINTEXT", login, "refused the user or the password", "--password"),
            ("SASL_SSL", [*login, "--ssl-cafile", self.base / "other/ca.pem"], "certificate is not trusted", "--ssl-cafile"),
            ("SSL", [*ca, *certificate], "refused our certificate", "--ssl-certfile"),
        ]
        for protocol, arguments, what, remedy in cases:
            for program in ("producer-bomber", "consumer-bomber"):
                with self.subTest(protocol=protocol, program=program, what=what):
                    status, _, err = self.ran(program, "--bootstrap-servers", self.broker.at[protocol],
                                              "--security-protocol", protocol, *arguments)
                    self.assertEqual(status, 1)
                    self.assertEqual(len(err.splitlines()), 1, err)  # no second attempt
                    self.assertIn(what, err)
                    self.assertIn(remedy, err)

    def test_servers_that_do_not_answer_are_tried_so_often(self):
        quick = self.folder / "quick.yml"
        quick.write_text("connection: {retry_delay: 0.1}\n")
        for program in ("producer-bomber", "consumer-bomber"):
            with self.subTest(program=program):
                status, _, err = self.ran(program, "--bootstrap-servers", CLOSED, "--security-protocol", "PLAINTEXT",
                                          "--max-retries", 2, "--config", quick)
                self.assertEqual(status, 1)
                lines = err.splitlines()
                self.assertEqual(len(lines), 2, err)
                self.assertRegex(lines[0], "attempt 1: 127.0.0.1:1: no broker answered .*; again in 0.1 s")
                self.assertRegex(lines[1], r"no broker answered .*\(attempt 2 of 2\)")

    def test_what_is_missing_is_named_with_all_places_and_status_2(self):
        for program in ("producer-bomber", "consumer-bomber"):
            status, _, err = self.ran(program)
            self.assertEqual((status, len(err.splitlines())), (2, 1), err)
            for words in ("--bootstrap-servers", "KAFKA_BOOTSTRAP_SERVERS", ".env"):
                self.assertIn(words, err)
            status, _, err = self.ran(program, "--username", "u", KAFKA_BOOTSTRAP_SERVERS="h:1")
            self.assertEqual((status, len(err.splitlines())), (2, 1), err)
            for words in ("--password", "KAFKA_PASSWORD", ".env"):
                self.assertIn(words, err)

    def test_secrets_are_not_in_ps_nor_in_the_environment_that_it_shows(self):
        process = self.start("consumer-bomber", "--bootstrap-servers", CLOSED, "--username", "admin",
                             "--password", "canary-line", "--ssl-password=canary-key", "--verbose",
                             KAFKA_PASSWORD="canary-environment")
        self.addCleanup(process.kill)
        self.assertIn(CLOSED, process.stderr.readline())  # it has begun
        shown = b"".join(pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
        self.assertIn(b"--password", shown)
        self.assertIn(b"KAFKA_PASSWORD", shown)
        self.assertNotIn(b"canary", shown)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertNotIn("canary", out + err)

    def test_the_command_line_wins_over_the_environment_and_that_over_the_file(self):
        self.dot_env("PLAINTEXT", "layers")
        sent = self.figures("producer-bomber", "--messages-per-second", 200, "--duration-seconds", 1, KAFKA_NUM_TOPICS="2",
                            KAFKA_MESSAGES_PER_SECOND="7")
        self.assertEqual(sent["messages_sent"] + sent["messages_unsent"], 200)
        self.assertEqual(sent["topics_created"], [f"layers.generated-data-0{n}.json" for n in (1, 2)])

    def test_a_signal_ends_both_with_their_summaries(self):
        self.dot_env("PLAINTEXT", "signals")
        quick = self.folder / "quick.yml"
        quick.write_text("stats_report_interval: 0.2\n")
        programs = [self.start(name, "--config", quick) for name in ("producer-bomber", "consumer-bomber")]
        for process, which in zip(programs, (signal.SIGINT, signal.SIGTERM)):
            self.addCleanup(process.kill)
            while not re.search(r"Messages \w+ : [1-9]", process.stdout.readline()):
                self.assertIsNone(process.poll())
        texts = []
        for process, which in zip(programs, (signal.SIGINT, signal.SIGTERM)):
            process.send_signal(which)
            texts.append(process.communicate(timeout=30)[0])
            self.assertEqual(process.returncode, 0)
        for words in ("Résumé du producteur", "Taux moyen", "Débit moyen", "Durée totale", "Topics utilisés     3",
                      "signals.generated-data-03.json"):
            self.assertIn(words, texts[0])
        for words in ("Statistiques globales", "Répartition par topic"):
            self.assertIn(words, texts[1])
        self.assertRegex(texts[1], r"Répartition par type de message\n    [a-z_]+ +[1-9]")  # which ones is chance

    def test_partitions_sizes_and_templates_are_as_wanted(self):
        self.dot_env("PLAINTEXT", "wanted", "KAFKA_DURATION_MINUTES=0.01")
        shape = self.folder / "shape.yml"
        shape.write_text("templates:\n  order: {key: id, fields: {id: {id: o_}, total: {decimal: [900, 2000], digits: 2}}}\n"
                         "weights: {user_activity: 0, system_metrics: 0, transaction: 0, log_event: 0, sensor_data: 0}\n"
                         "processing: {rules: {order: {field: total, above: 1000}}}\n"
                         "producer: {compression_type: lz4, acks: 1}\n")
        arguments = ["--config", shape, "--partitions", "1,2"]
        sent = self.figures("producer-bomber", "--message-size-kb", "1.5", "--num-partitions", 3, *arguments)
        self.assertEqual(sent["bytes_sent"], 1536 * sent["messages_sent"])
        got = self.consumed_all(sent["messages_sent"], *arguments)
        self.assertEqual(got["messages_by_type"], {"order": sent["messages_sent"]})
        self.assertGreater(got["alerts_by_type"]["order"], sent["messages_sent"] // 2)
        self.assertEqual({name[-2:] for name in got["consumer_lag"]}, {"-1", "-2"})

    def test_what_cannot_be_parsed_is_shown_with_its_place(self):
        self.dot_env("PLAINTEXT", "broken")
        topic = "broken.generated-data-01.json"
        run("kcat", "-P", "-b", self.broker.bootstrap, "-t", topic, "-p", 2, stdin='hello\n{"timestamp": 1}\n')
        process = self.start("consumer-bomber", "--verbose", "--duration-seconds", 60)
        self.addCleanup(process.kill)
        found = [line for line in (process.stderr.readline() for _ in range(12)) if topic in line][:2]
        process.send_signal(signal.SIGTERM)
        self.assertIn("Messages échoués      2", process.communicate(timeout=30)[0])
        self.assertEqual(process.returncode, 0)
        self.assertIn(f"{topic} [2] at offset 0: the value is not a JSON object", found[0])
        self.assertIn(f"{topic} [2] at offset 1: the field _metadata is missing", found[1])

    def test_a_rate_that_is_not_reached_is_said_with_what_limited_it(self):
        self.dot_env("PLAINTEXT", "fast")
        status, out, err = self.ran("producer-bomber", "--messages-per-second", 10_000_000, "--duration-seconds", 1,
                                    "--num-threads", 1, "--json")
        self.assertEqual(status, 0, err)
        self.assertRegex(err, r"rate not reached: [\d.]+ of [\d.]+ msg/s; limited by (this machine|the )")
        self.assertIs(json.loads(out.splitlines()[-1])["rate_reached"], False)

    def test_a_broker_that_is_killed_costs_no_message_and_doubles_none(self):
        with Broker("num.partitions=2", "group.initial.rebalance.delay.ms=0") as broker:
            (self.folder / ".env").write_text(f"KAFKA_BOOTSTRAP_SERVERS={broker.bootstrap}\n"
                                              "KAFKA_SECURITY_PROTOCOL=PLAINTEXT\nKAFKA_NUM_TOPICS=4\n")
            consumer = self.start("consumer-bomber", "--duration-seconds", 90, "--processing-delay-ms", 0, "--verify",
                                  "--num-consumers", 2, "--progress", "json", "--json")
            self.addCleanup(consumer.kill)
            producer = self.start("producer-bomber", "--messages-per-second", 2000, "--duration-seconds", 8, "--verify",
                                  "--progress", "json", "--json")
            self.addCleanup(producer.kill)
            while json.loads(producer.stdout.readline()).get("acked", 0) < 3000:
                self.assertIsNone(producer.poll())
            broker.kill_and_restart()
            out, err = producer.communicate(timeout=90)
            sent = json.loads(out.strip().splitlines()[-1])
            self.assertEqual((producer.returncode, sent["messages_failed"]), (0, 0), err)
            for line in consumer.stdout:
                progress = json.loads(line)
                if sum(progress["distinct_by_run"].values()) >= sent["messages_sent"]:
                    break
            consumer.send_signal(signal.SIGTERM)
            got = json.loads(consumer.communicate(timeout=60)[0].strip().splitlines()[-1])["verified"]
            self.assertEqual((got["distinct"], got["duplicated"]), (sent["messages_sent"], 0))

    def test_the_perf_tools_have_the_specification_s_names_and_spellings(self):
        servers = self.broker.at["SASL_SSL"]
        login = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="canary-1";'
        trust = f"ssl.truststore.type=PEM\nssl.truststore.location={self.tls / 'ca.pem'}\n"
        path = self.folder / "client.properties"
        path.write_text(f"bootstrap.servers={servers}\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n"
                        f"sasl.jaas.config={login}\n{trust}")
        work = ["--topic", "perf-test", "--num-records", 1000, "--record-size", 100, "--throughput", 10000]
        status, out, err = self.ran("kafka-producer-perf", *work, "--producer-props", f"config-file={path}")
        self.assertEqual(status, 0, err)
        self.assertIn("1000 records sent", out)
        joined = (f"bootstrap.servers={servers},security.protocol=SASL_SSL,sasl.mechanism=PLAIN,ssl.truststore.type=PEM,"
                  f"ssl.truststore.location={self.tls / 'ca.pem'},sasl.jaas.config={login}")
        status, out, err = self.ran("kafka-producer-perf", *work, "--producer-props", joined)
        self.assertIn("1000 records sent", out, err)
        status, out, err = self.ran("kafka-consumer-perf", "--topic", "perf-test", "--messages", 2000, "--consumer.config", path)
        self.assertEqual(status, 0, err)
        self.assertIn(", 2000, ", out)


if __name__ == "__main__":
    unittest.main()
