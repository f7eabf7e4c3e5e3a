# SPDX-License-Identifier: GPL-2.0
"""make run: a disk served over iSCSI to the machine that it runs on."""

import contextlib
import ipaddress
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

import client
import guest
import paths
from paths import LAB, LabError
from steps import output, say
from tally import Skip

PORT = 3260
# A network for two. RFC 2544: 198.18/15 is for tests between two machines,
# nobody routes it; each lab has one of its own.
BITS = 30
NET = 198 << 24 | 18 << 16 | os.getpid() % (1 << 15) << 2
HOST, GUEST = (str(ipaddress.ip_address(NET + number)) for number in (1, 2))
FOREVER = 10 ** 9


def _run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(argv)}: {done.stderr.strip()}; make run "
                       "needs root, and /dev/net/tun for a network to the guest")


@contextlib.contextmanager
def _network():
    """An interface that leads to the guest; its name."""
    name = f"scst{os.getpid() % 100000}"
    _run("ip", "tuntap", "add", "dev", name, "mode", "tap")
    try:
        _run("ip", "addr", "add", f"{HOST}/{BITS}", "dev", name)
        _run("ip", "link", "set", name, "up")
        yield name
    finally:
        subprocess.call(["ip", "link", "del", name])


@contextlib.contextmanager
def _relay(port):
    """127.0.0.1:port of this machine is the guest's portal."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise LabError(f"127.0.0.1:{port} is in use; "
                           "make run PORT=n takes another") from None
    relay = subprocess.Popen(
        ["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork",
         f"TCP:{GUEST}:{PORT}"], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        relay.kill()
        relay.wait()


def _prove(portal, target):
    """What the host's libiscsi says of the target."""
    print(f"\n# From this machine, with libiscsi: {portal}", flush=True)
    for argv in (["iscsi-ls", "-s", f"iscsi://{portal}"],
                 ["iscsi-inq", f"iscsi://{portal}/{target}/0"],
                 ["iscsi-readcapacity16", f"iscsi://{portal}/{target}/0"]):
        print("$", *argv)
        print(client.tool(*argv), end="", flush=True)
    size = client.write_and_compare(portal, target)
    print(f"\n{size >> 10} KiB of random data written, read back in another "
          "session, compared: the same", flush=True)


class _Show:
    """Runs beside the guest: proves, then waits for Ctrl-C, or not."""

    def __init__(self, shared, port, once):
        self.shared = shared
        self.portal = f"127.0.0.1:{port}"
        self.once = once
        self.error = None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _wait_ready(self):
        while not (self.shared / "ready").exists():
            if self.over.wait(0.05):
                raise LabError("the guest has ended before it served anything")
        return (self.shared / "ready").read_text().strip()

    def _run(self):
        try:
            target = self._wait_ready()
            _prove(self.portal, target)
            if not self.once:
                print("\n== Serving; connect with\n"
                      f"  iscsiadm -m discovery -t st -p {self.portal}\n"
                      f"  iscsiadm -m node -T {target} --login\n"
                      f"  or libiscsi's URL: iscsi://{self.portal}/{target}/0\n"
                      "Ctrl-C ends it.", flush=True)
                return
        except (LabError, OSError, subprocess.SubprocessError) as error:
            self.error = error
        self.stop()

    def stop(self):
        """The guest takes all down and ends."""
        (self.shared / "stop").touch()


def serve():
    """Boots, serves, proves; a status for the shell."""
    port = int(paths.env("PORT", str(PORT)))
    once = paths.env("ARGS") == "once"
    shared = paths.build_dir() / "serve"
    shutil.rmtree(shared, ignore_errors=True)
    shared.mkdir(parents=True)
    show = _Show(shared, port, once)
    with _network() as name, _relay(port):
        show.thread.start()
        try:
            result = guest.boot(
                "uml", LAB / "serve.sh", [str(shared), f"{GUEST}/{BITS}"],
                FOREVER, writable=[shared],
                machine=[f"vec0:transport=tap,ifname={name},depth=128,gro=1"])
        except KeyboardInterrupt:
            print(flush=True)
            say("ended by Ctrl-C")
            return 0
        finally:
            show.over.set()
    show.thread.join()
    if show.error:
        say(f"libiscsi: {show.error}")
    guest.report("uml", result, False)
    return 1 if show.error else result.status


def _once():
    """"" or what is wrong."""
    try:
        with _network():
            pass
    except LabError as error:
        raise Skip(str(error)) from None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("SCST_")}
    done = output([LAB / "lab.sh", "run"], limit=900,
                  env={**environment, "ARGS": "once", "PORT": str(port)})
    if done.returncode or "compared: the same" not in done.stdout:
        return done.stdout
    return ""


def check(tally):
    """`make run` as one would type it, and its end."""
    tally.check("make run: serves, libiscsi has it, ends", _once)
