"""Completion as bash does it: options of the tool, names of the cluster."""
import os
import subprocess
import unittest

import stoker

SCRIPT = """
source <(kafka-tools --completion bash)
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_kafka_tools
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


class Completion(unittest.TestCase):
    def complete(self, words):
        environment = dict(os.environ, PATH=f"{stoker.BIN}:{os.environ['PATH']}")
        done = subprocess.run(["bash", "-c", SCRIPT.format(words=words)], env=environment, capture_output=True, text=True,
                              timeout=20)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_options(self):
        self.assertEqual(self.complete("kafka-topics --desc"), ["--describe"])
        self.assertEqual(self.complete("kafka-topics.sh --desc"), ["--describe"])

    def test_topics_and_groups_of_the_cluster(self):
        with stoker.Broker() as broker:
            at = f"--bootstrap-server {broker.bootstrap}"
            for topic in ("orders", "ordinary", "payments"):
                stoker.run(stoker.BIN / "kafka-topics", "--create", "--topic", topic, *at.split())
            stoker.run(stoker.BIN / "kafka-consumer-groups", "--create", "billing", "--topic", "orders", *at.split())
            self.assertEqual(self.complete(f"kafka-topics {at} --describe --topic ord"), ["orders", "ordinary"])
            self.assertEqual(self.complete(f"kafka-consumer-groups {at} --group ''"), ["billing"])

    def test_a_cluster_that_is_not_there_has_no_names(self):
        self.assertEqual(self.complete("kafka-topics --bootstrap-server 127.0.0.1:1 --topic ''"), [])


if __name__ == "__main__":
    unittest.main()
