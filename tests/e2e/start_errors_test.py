"""A start that cannot be: one clear sentence on standard error that says what to do, exit 1 (2 for wrong usage), and
nothing overwritten."""
import hashlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

from small_disk import SmallDisk
from stoker import BIN, Broker, run

FAILURE, WRONG_USAGE = 1, 2


def tree(folder):
    """Every file and folder below, with its content: what must not change."""
    state = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        state[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
    return state


class StartErrors(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="stoker-start-"))
        self.addCleanup(shutil.rmtree, self.base, True)
        self.data = self.base / "data"

    def start(self, *arguments, data=None, listeners="PLAINTEXT://127.0.0.1:0", before=()):
        command = [*before, str(BIN / "stoker"), "broker", "--override", f"log.dirs={data or self.data}",
                   "--override", f"listeners={listeners}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30)

    def assert_refused(self, done, *words, status=FAILURE):
        """One line, one sentence; `words` are what is wrong and what to do."""
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertTrue(lines[0].startswith("stoker: "), lines[0])
        self.assertIn(lines[0][-1], ".?")
        for word in words:
            self.assertIn(word, lines[0])

    def make_data(self):
        """A data folder as a broker leaves it."""
        with Broker(data=self.data) as broker:
            run("kcat", "-P", "-b", broker.bootstrap, "-t", "t", stdin="a\nb\nc")
            broker.stop()
            broker.folder = self.base / "nothing"  # the data stays
        return tree(self.data)

    def change_meta(self, change):
        meta = self.data / "meta.properties"
        meta.write_text(change(meta.read_text()))
        return tree(self.data)

    def test_a_data_folder_of_another_version(self):
        self.make_data()
        for version, words in (("7", ("version '7'", "another data folder")), ("0", ("ZooKeeper", "another data folder"))):
            with self.subTest(version):
                before = self.change_meta(lambda text: "\n".join(
                    f"version={version}" if line.startswith("version=") else line for line in text.splitlines()) + "\n")
                self.assert_refused(self.start(), str(self.data), *words)
                self.assertEqual(tree(self.data), before)

    def test_a_meta_properties_of_garbage(self):
        self.make_data()
        for garbage in (b"", b"\0" * 100, bytes(range(256)), b"node.id=x\nversion=1\ncluster.id=c\n", b"version=1\nnode.id=1\n"):
            with self.subTest(garbage[:20]):
                (self.data / "meta.properties").write_bytes(garbage)
                before = tree(self.data)
                self.assert_refused(self.start(), "meta.properties")
                self.assertEqual(tree(self.data), before)

    def test_a_data_folder_of_another_node(self):
        before = self.make_data()
        self.assert_refused(self.start("--override", "node.id=5"), "node.id=1", str(self.data))
        self.assertEqual(tree(self.data), before)

    def test_a_folder_that_is_no_data_folder(self):
        self.data.mkdir()
        (self.data / "holiday.jpg").write_text("picture")
        before = tree(self.data)
        self.assert_refused(self.start(), str(self.data), "holiday.jpg", "give an empty one")
        self.assertEqual(tree(self.data), before)

    def test_a_data_folder_that_another_process_has(self):
        with Broker(data=self.data) as broker:
            run("kcat", "-P", "-b", broker.bootstrap, "-t", "t", stdin="a")
            before = tree(self.data)
            self.assert_refused(self.start(), str(self.data), "another process", "another directory")
            self.assertEqual(tree(self.data), before)
            self.assertEqual(run("kcat", "-C", "-b", broker.bootstrap, "-t", "t", "-e", "-q"), "a\n")

    def test_a_data_path_that_is_a_file(self):
        self.data.write_text("precious")
        self.assert_refused(self.start(), str(self.data), "give another data folder")
        self.assert_refused(self.start(data=self.data / "below"), str(self.data), "give another data folder")
        self.assertEqual(self.data.read_text(), "precious")

    def as_somebody(self):
        """What makes a program run as a user who owns nothing; none is needed for those who are not root."""
        if os.geteuid() != 0:
            return ()
        if shutil.which("setpriv") is None:
            self.skipTest("root may read everything, and there is no setpriv to be somebody else")
        return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

    def reachable_program(self):
        """A copy that anybody may execute, wherever the build folder lies."""
        self.base.chmod(0o755)
        copy = self.base / "stoker"
        shutil.copy(BIN / "stoker", copy)
        copy.chmod(0o755)
        return copy

    def test_a_data_folder_that_may_not_be_read_or_written(self):
        before = self.make_data()
        somebody, program = self.as_somebody(), self.reachable_program()
        for mode, path in ((0o000, self.data), (0o555, self.data), (0o000, self.data / "meta.properties")):
            with self.subTest(mode=oct(mode), path=path.name):
                if mode == 0o000 and path != self.data:
                    self.data.chmod(0o755)
                kept = path.stat().st_mode
                path.chmod(mode)
                done = subprocess.run([*somebody, program, "broker", "--override", f"log.dirs={self.data}", "--override",
                                       "listeners=PLAINTEXT://127.0.0.1:0"], capture_output=True, text=True, timeout=30)
                path.chmod(kept)
                self.assert_refused(done, str(self.data), "run as the user who owns it")
                self.assertEqual(tree(self.data), before)

    def test_a_full_disk(self):
        with SmallDisk(8) as disk:
            self.data = disk.folder / "data"
            before = self.make_data()
            disk.fill()
            self.assert_refused(self.start(), str(self.data), "full", "make room")
            self.assertEqual(tree(self.data), before)
            empty = disk.folder / "new"
            self.assert_refused(self.start(data=empty), str(empty), "make room")
            disk.free()
            with Broker(data=self.data) as broker:
                self.assertEqual(run("kcat", "-C", "-b", broker.bootstrap, "-t", "t", "-e", "-q"), "a\nb\nc\n")

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.assert_refused(self.start(listeners=f"PLAINTEXT://127.0.0.1:{port}"), str(port), "ss -ltnp", "listeners=")
            done = self.start("--override", f"metrics.port={port}", data=self.base / "other")
            self.assert_refused(done, str(port), "ss -ltnp", "metrics.port=")

    def test_an_address_that_everybody_reaches(self):
        self.assert_refused(self.start(listeners="PLAINTEXT://0.0.0.0:0"), "--insecure")
        figures = ("--override", "metrics.port=0", "--override", "metrics.host=0.0.0.0")
        self.assert_refused(self.start(*figures), "metrics.host", "--insecure")
        self.assertFalse(self.data.exists())

    def test_settings_that_are_none(self):
        wrong = {"log.retention.mss=1": "log.retention.ms", "num.partitions=many": "num.partitions",
                 "num.partitions": "name=value", "=1": "name=value"}
        for setting, word in wrong.items():
            with self.subTest(setting):
                self.assert_refused(self.start("--override", setting), word, status=WRONG_USAGE)
                self.assertFalse(self.data.exists())

    def test_a_configuration_that_cannot_be_read(self):
        missing = self.base / "server.properties"
        self.assert_refused(self.start("--config", missing), str(missing), status=WRONG_USAGE)
        missing.write_text("num.partition=3\n")
        self.assert_refused(self.start("--config", missing), "num.partitions", status=WRONG_USAGE)
        self.assertFalse(self.data.exists())

    def test_options_that_are_none(self):
        for options, word in (("--overide a=b", "--overide"), ("--log-level loud", "loud"), ("--override", "--override")):
            with self.subTest(options):
                self.assert_refused(self.start(*options.split()), word, status=WRONG_USAGE)
        done = subprocess.run([BIN / "stoker", "brokr"], capture_output=True, text=True, timeout=30)
        self.assert_refused(done, "brokr", status=WRONG_USAGE)
        self.assertFalse(self.data.exists())


if __name__ == "__main__":
    unittest.main(verbosity=1)
