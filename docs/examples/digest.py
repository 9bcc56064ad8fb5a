#!/usr/bin/env python3
"""The digest of a config, as docs/protocol.md describes it: where an implementation begins.

usage: digest.py SNAPSHOT...

Reads snapshots, as JSON or as the GZIP of it, computes the digest of their entries and compares it
with the one that they name. Exit code: 0 all agree, 1 one does not, 2 one is unreadable."""
import gzip
import hashlib
import json
import struct
import sys

PATH = "{group}/{kind}/{namespace}/{name}"
BACKEND = "{namespace}/{service}:{port}"
SECRET = "{namespace}/{secret}"
MATCHES = {"exact": "EXACT", "prefix": "PREFIX"}
SCHEMES = {"http-and-https": "HTTP_AND_HTTPS", "https-only": "HTTPS_ONLY"}
STATES = {"ready": "READY", "draining": "DRAINING"}


def sha(data):
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).digest()


def text(*fields):
    """Canonical text: each field, a number too, as <length>:<field>, the length in UTF-16 units."""
    return "".join(f"{len(str(field).encode('utf-16-le')) // 2}:{field}" for field in fields)


def utf16(string):
    """Orders like UTF-16 units do."""
    return string.encode("utf-16-be")


def route(entry):
    origin, policy, rules = PATH.format(**entry["origin"]), entry["policy"], []
    for rule in entry["rules"]:
        match, action = rule["match"], rule["action"]
        rules += [MATCHES[match["type"]], match["value"]]
        if "forward" in action:
            rules += ["forward", len(action["forward"])]
            for share in action["forward"]:
                rules += [BACKEND.format(**share["backend"]), share["weight"]]
        else:
            rules += ["respond", action["respond"]["status"], action["respond"]["body"]]
    blocks = policy.get("allowedSources")
    sources = ["all", 0] if blocks is None else ["only", len(blocks), *blocks]
    times = [policy["connectTimeoutMillis"], policy["idleTimeoutMillis"]]
    fields = [*sources, *times, SCHEMES[policy["scheme"]], len(entry["rules"]), *rules]
    return f"route/{entry['host']}/{origin}", text("route", entry["host"], origin, *fields)


def backend(entry):
    key, fields = "backend/" + BACKEND.format(**entry["id"]), []
    ends = {(utf16(e["address"]), e["port"], list(STATES).index(e["state"]), e["address"])
            for e in entry["endpoints"]}
    for _, port, state, address in sorted(ends):
        fields += [address, port, list(STATES.values())[state]]
    return key, text("backend", key, len(ends), *fields)


def certificate(entry):
    key = "certificate/" + SECRET.format(**entry["id"])
    return key, text("certificate", key, entry["chain"], entry["privateKey"], entry["fingerprint"])


def tls(entry):
    names = [SECRET.format(**entry["certificate"]), PATH.format(**entry["origin"])]
    return "tls/" + entry["host"], text("tls", entry["host"], *names)


KINDS = {"route": route, "backend": backend, "certificate": certificate, "tls": tls}


def canonical(entry):
    """The key of an entry and its canonical text. KeyError: a kind or a value not known here."""
    return KINDS[entry["kind"]](entry)


def digest(entries):
    """The digest of a config, its entries by key: a treap, hashed from the leaves up."""
    keys = sorted(entries, key=utf16)
    priorities = [struct.unpack(">q", sha(key)[:8])[0] for key in keys]

    def node(low, high):
        if low == high:
            return bytes(32)
        top = max(range(low, high), key=lambda i: (priorities[i], -i))
        own = sha(text(keys[top])) + sha(canonical(entries[keys[top]])[1])
        return sha(node(low, top) + own + node(top + 1, high))

    return node(0, len(keys)).hex()


def main(files):
    if not files or files[0] in ("-h", "--help"):
        sys.exit(print(__doc__) or (0 if files else 2))
    agree = True
    for file in files:
        try:
            with open(file, "rb") as source:
                data = source.read()
            snapshot = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
            found = digest({canonical(entry)[0]: entry for entry in snapshot["entries"]})
        except (OSError, EOFError, ValueError, LookupError, TypeError) as problem:
            print(f"{file}: not a snapshot that is known here: {problem!r}", file=sys.stderr)
            sys.exit(2)
        print(f"{file}: {found}" + ("" if found == snapshot["digest"] else "  NOT AS IT SAYS"))
        agree = agree and found == snapshot["digest"]
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
