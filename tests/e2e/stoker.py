"""What the end-to-end tests share: a broker of their own in a fresh folder, on a port of its own."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("STOKER_BIN", ROOT / "bin"))


class Broker:
    """`stoker broker`, ready. Use it in a with-statement: it ends, and its folder is removed, whatever happens."""

    def __init__(self, *overrides, data=None, port=0):
        self.folder = pathlib.Path(data or tempfile.mkdtemp(prefix="stoker-e2e-"))
        self.overrides = overrides
        self.start(port)

    def start(self, port):
        self.log = open(self.folder.with_suffix(".log"), "ab")
        command = [BIN / "stoker", "broker", "--override", f"listeners=PLAINTEXT://127.0.0.1:{port}",
                   "--override", f"log.dirs={self.folder}"]
        for override in self.overrides:
            command += ["--override", override]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        match = re.match(r"stoker broker ready at PLAINTEXT://127\.0\.0\.1:(\d+)", line)
        if match is None:
            raise AssertionError(f"not ready: {line!r} {self.folder.with_suffix('.log').read_text()[-2000:]}")
        self.port = int(match[1])
        self.bootstrap = f"127.0.0.1:{self.port}"

    def kill_and_restart(self, *overrides):
        """kill -9; the same folder and the same port."""
        self.process.kill()
        self.process.wait(10)
        self.overrides += overrides
        self.start(self.port)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def rss_mib(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_suffix(".log").unlink(missing_ok=True)


def run(*command, stdin=None, timeout=60):
    """A program to its end; its standard output. Fails loudly."""
    done = subprocess.run([str(c) for c in command], input=stdin, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, f"{command}: {done.returncode}: {done.stderr[-1500:]}"
    return done.stdout


def eventually(what, check, seconds=20):
    """Waits until check() is true; the deadline is for failing, not for waiting."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")
