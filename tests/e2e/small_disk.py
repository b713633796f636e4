"""A small file system of its own, which a test can fill up."""
import errno
import os
import pathlib
import subprocess
import tempfile
import unittest


class SmallDisk:
    """A tmpfs of so many MiB. Skips the test, and says so, where mounting is not allowed."""

    def __init__(self, mebibytes):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stoker-disk-"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "stoker-test", self.folder],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.folder.rmdir()
            reason = f"no small disk can be mounted here: {mounted.stderr.strip()}"
            print(f"SKIPPED: {reason}")
            raise unittest.SkipTest(reason)

    def fill(self):
        with open(self.folder / "filler", "ab", buffering=0) as filler:
            for size in (1 << 16, 4096):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError as error:
                    assert error.errno == errno.ENOSPC, error

    def free(self):
        os.unlink(self.folder / "filler")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.folder], check=True)
        self.folder.rmdir()
