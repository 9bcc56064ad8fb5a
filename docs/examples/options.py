"""What a follower is told, by options like those of `lockstep agent` (docs/settings.md)."""
import argparse
import base64
import re
import secrets
import sys

PORTS = {"http": ("http", 8080), "https": ("https", 8443), "api": ("http", 8090),
         "mesh": ("https", 8091)}
TEXTS = {"state-dir": "/var/lib/lockstep", "mesh-token-file": "/var/run/secrets/lockstep/token",
         "kubeconfig": "", "lease": "lockstep", "lease-namespace": "", "refuse-host": ""}
HELP = {"kubeconfig": "for the API server; without it the ServiceAccount of the pod is used",
        "lease-namespace": "without it that of the pod",
        "refuse-host": "answers each version that routes this host with a nack"}
TIMES = {"fence-time": "10s", "drain-time": "10s", "late-time": "5s", "link-silence": "2s",
         "heartbeat-period": "500ms", "poll-period": "500ms"}


def seconds(text):
    match = re.fullmatch(r"(\d+)(ms|s|m|)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text} (expected: such as 500ms, 5s or 2m)")
    return int(match[1]) * {"ms": 0.001, "m": 60}.get(match[2], 1)


def parse(description):
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Defaults are those of lockstep agent, whose other options are taken and ignored.")
    for name in ("pod-name", "pod-uid", "pod-namespace"):
        parser.add_argument("--" + name, required=True)
    for name, (scheme, port) in PORTS.items():
        parser.add_argument(f"--{name}-listen", default=f"0.0.0.0:{port}", metavar="HOST:PORT")
        parser.add_argument(f"--{name}-advertise", required=True, metavar=scheme + "://HOST:PORT")
    for name, default in TEXTS.items():
        parser.add_argument("--" + name, default=default, help=HELP.get(name))
    for name, default in TIMES.items():
        parser.add_argument("--" + name, default=default, type=seconds, metavar="DURATION")
    o, ignored = parser.parse_known_args()
    if ignored:
        print("ignored:", " ".join(ignored), file=sys.stderr)
    o.boot = secrets.token_hex(8)  # A process that restarts is another replica in the same pod.
    o.replica, o.pod = f"{o.pod_name}/{o.boot}", {"name": o.pod_name, "uid": o.pod_uid}
    o.lease_namespace = o.lease_namespace or o.pod_namespace
    # It offers no snapshots: this is the pin of a key that nobody has, so nobody takes one here.
    nobody = base64.b64encode(secrets.token_bytes(32)).decode()
    o.address = {"mesh": o.mesh_advertise, "http": o.http_advertise, "https": o.https_advertise,
                 "api": o.api_advertise, "spkiSha256": nobody}
    return o
