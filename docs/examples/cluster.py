"""Whom a follower talks to, as docs/protocol.md describes it: pins, tokens, and the Lease."""
import base64
import contextlib
import gzip
import hmac
import http.client
import json
import re
import socket
import ssl
import sys
import urllib.parse
from digest import sha

try:
    import websockets
    from websockets.exceptions import WebSocketException  # Who follows must catch it.
except ImportError:
    sys.exit("follower: the module websockets is missing (10 or newer: pip install websockets)")

MAX_MESSAGE, MAX_BODY = 8 << 20, 128 << 20  # maxLeaderMessage, maxSnapshot
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/"
LEADER = {"mesh": "lockstep.dev/leader-url", "spkiSha256": "lockstep.dev/leader-spki-sha256",
          **{name: "lockstep.dev/leader-" + name for name in ("http", "https", "api")}}


class LinkOver(Exception):
    """Nothing more comes of this link, or of this request: read the Lease and join again."""


def read(file):
    with open(file, encoding="utf-8") as source:
        return source.read().strip()


def pin_of(certificate):
    """base64 of the SHA-256 of the public key of an X.509 version 3 certificate, in DER."""

    def inside(at):  # Where the content of the element at this place begins, and where it ends.
        size, at = certificate[at + 1], at + 2
        if size > 127:
            size, at = int.from_bytes(certificate[at:at + size - 128], "big"), at + size - 128
        return at, at + size

    at = inside(inside(0)[0])[0]
    for _ in range(6):  # version, serial number, algorithm, issuer, validity, subject; then the key
        at = inside(at)[1]
    return base64.b64encode(sha(certificate[at:inside(at)[1]])).decode()


def pinned(address):
    """A TLS context in whose handshakes only the key with this pin is accepted. Python compares no
    pins: so a first connection fetches the certificate, and later ones trust that one alone."""
    place, anybody = urllib.parse.urlsplit(address["mesh"]), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((place.hostname, place.port), 3) as plain:
        with anybody.wrap_socket(plain) as connection:
            certificate = connection.getpeercert(binary_form=True)
    if not hmac.compare_digest(pin_of(certificate), address["spkiSha256"]):
        raise LinkOver(f"{address['mesh']} has another key than was announced")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=certificate)
    context.check_hostname, context.minimum_version = False, ssl.TLSVersion.TLSv1_3
    context.verify_flags |= 0x80000 | 0x200000  # It is its own authority, and dates do not matter.
    return context


def request(url, context, token, method="GET", body=None):
    to, headers = urllib.parse.urlsplit(url), {"Authorization": "Bearer " + token}
    connection = http.client.HTTPSConnection(to.hostname, to.port, timeout=5, context=context)
    with contextlib.closing(connection):
        connection.request(method, to.path, body, {**headers, "Content-Type": "application/json"})
        answer = connection.getresponse()
        data = answer.read(MAX_BODY + 1)
    if answer.status != 200 or len(data) > MAX_BODY:
        raise LinkOver(f"{method} {url}: status {answer.status}, {len(data)} bytes")
    return data


def lease_request(o, *method_and_body):
    """A GET that names no resourceVersion is a quorum read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if o.kubeconfig:  # One server and one token, each on a line of its own, as in local mode.
        words = r"(?m)^\s*(server|certificate-authority-data|token):\s*(\S+)"
        found = dict(re.findall(words, read(o.kubeconfig)))
        authority = base64.b64decode(found["certificate-authority-data"]).decode()
    else:
        found = {"server": "https://kubernetes.default.svc", "token": read(ACCOUNT + "token")}
        authority = read(ACCOUNT + "ca.crt")
    context.load_verify_locations(cadata=authority)
    path = f"/apis/coordination.k8s.io/v1/namespaces/{o.lease_namespace}/leases/{o.lease}"
    return json.loads(request(found["server"] + path, context, found["token"], *method_and_body))


def read_lease(o):
    """Who leads, in which epoch, and where; what is missing is empty. A Lease that this replica was
    handed is given back."""
    lease = lease_request(o)
    notes, spec = lease["metadata"].get("annotations") or {}, lease.get("spec") or {}
    if spec.get("holderIdentity") == o.replica:
        for note in LEADER.values():
            notes.pop(note, None)
        # Made of what was read alone: repeated, it is the identical object (P4).
        notes["lockstep.dev/nonce"] = o.boot + "-" + lease["metadata"]["resourceVersion"]
        del spec["holderIdentity"]
        lease_request(o, "PUT", json.dumps(lease))
        print("gave the Lease back", flush=True)
    address = {name: notes.get(note, "") for name, note in LEADER.items()}
    return spec.get("holderIdentity", ""), int(notes.get("lockstep.dev/epoch", 0)), address


def parse(text):
    """JSON in which no field occurs twice."""

    def unique(pairs):
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a field occurs twice")
        return dict(pairs)

    return json.loads(text, object_pairs_hook=unique)


def connect(o, address, context):
    """A link: stands once it is entered."""
    more, major = {}, int(websockets.__version__.split(".")[0])
    more["additional_headers" if major >= 14 else "extra_headers"] = {
        "Authorization": "Bearer " + read(o.mesh_token_file)}
    if major >= 15:
        more["proxy"] = None
    return websockets.connect(
        "wss" + address["mesh"][len("https"):] + "/mesh/v1/link", ssl=context, compression=None,
        ping_interval=None, open_timeout=4, close_timeout=1, max_size=MAX_MESSAGE, **more)


def fetch_entries(o, welcome, log):
    """From the first source that has them: whoever that is, the digest tells if they are right."""
    for source in welcome["sources"]:
        try:
            url = f"{source['mesh']}/mesh/v1/snapshots/{welcome['digest']}"
            body = request(url, pinned(source), read(o.mesh_token_file))
            log(f"fetched the whole of version {welcome['version']} from {source['mesh']}")
            return parse(gzip.decompress(body))["entries"]
        except (LinkOver, OSError, EOFError, ValueError) as problem:
            log(f"no snapshot from {source['mesh']}: {problem}")
    return None
