#!/usr/bin/env python3
"""A minimal follower of a Lockstep mesh: docs/protocol.md in Python (P19 and so on are its rules).
It joins as a pod of its own, with an agent's LOCKSTEP_... variables, holds what the leader commits
and acks it, so the barrier counts it. Its data plane only tells which version it serves."""
import base64, contextlib, gzip, http.client, http.server, itertools, json, os, pathlib, secrets
import signal, socket, socketserver, ssl, struct, threading, time, urllib.parse, urllib.request
from hashlib import sha256
from websockets.sync.client import connect

FENCE_TIME, DRAIN_TIME, LATE_TIME, LINK_SILENCE, PERIOD = 10, 10, 5, 2, 0.5  # In seconds.
ENV, PORTS = os.environ, ("mesh", "https", "http", "api")
ACCOUNT = pathlib.Path(ENV.get("LOCKSTEP_ACCOUNT", "/var/run/secrets/kubernetes.io/serviceaccount"))
LEASE = ("https://{KUBERNETES_SERVICE_HOST}:{KUBERNETES_SERVICE_PORT}/apis/coordination.k8s.io/v1"
         "/namespaces/{LOCKSTEP_POD_NAMESPACE}/leases/{LOCKSTEP_LEASE}")
NOTHING = {"version": 0, "digest": "0" * 64, "entries": {}, "epochSeen": 0, "versionSeen": 0}
KEYS = {"backend": "backend/{id[namespace]}/{id[service]}:{id[port]}", "tls": "tls/{host}",
        "certificate": "certificate/{id[namespace]}/{id[secret]}",
        "route": "route/{host}/{origin[group]}/{origin[kind]}/{origin[namespace]}/{origin[name]}"}
WORDS = {"exact": "EXACT", "prefix": "PREFIX", "ready": "READY", "draining": "DRAINING",
         "http-and-https": "HTTP_AND_HTTPS", "https-only": "HTTPS_ONLY"}
parse = json.JSONDecoder(  # An object in which a field occurs twice is none.
    object_pairs_hook=lambda pairs: dict(pairs) if len(dict(pairs)) == len(pairs) else None).decode


def text(*fields):  # Canonical: the length is in UTF-16 units.
    return "".join(f"{len(str(it).encode('utf-16-le')) // 2}:{it}" for it in fields).encode()


def canonical(entry):  # Its key, and its canonical text. LookupError: it is not known here.
    kind, key, host = entry["kind"], KEYS[entry["kind"]].format(**entry), entry.get("host")
    if kind == "backend" and "protocol" not in entry:  # Of another protocol: not known here.
        ends = {(end["address"], end["port"], WORDS[end["state"]]) for end in entry["endpoints"]}
        ends = sorted(ends, key=lambda end: (end[:2], end[2] == "DRAINING"))
        return key, text(kind, key, len(ends), *itertools.chain(*ends))
    if kind == "certificate":
        return key, text(kind, key, entry["chain"], entry["privateKey"], entry["fingerprint"])
    path = "{group}/{kind}/{namespace}/{name}".format(**entry["origin"])
    if kind == "tls":
        return key, text(kind, host, "{namespace}/{secret}".format(**entry["certificate"]), path)
    policy, rules, blocks = entry["policy"], entry["rules"], entry["policy"].get("allowedSources")
    fields = ["all", 0] if blocks is None else ["only", len(blocks), *blocks]
    fields += [policy["connectTimeoutMillis"], policy["idleTimeoutMillis"]]
    fields += [WORDS[policy["scheme"]], len(rules)]
    for match, action in ((rule["match"], rule["action"]) for rule in rules):
        fields += [WORDS[match["type"]], match["value"]]
        if "respond" in action:
            fields += ["respond", action["respond"]["status"], action["respond"]["body"]]
            continue
        fields += ["forward", len(action["forward"])]
        for share in action["forward"]:
            fields += ["{namespace}/{service}:{port}".format(**share["backend"]), share["weight"]]
    return key, text(kind, host, path, *fields)


def digest(entries):  # Entries by key form a treap, which is hashed from the leaves up.
    def node(keys):
        if not keys:
            return bytes(32)
        top = max(keys, key=lambda key: struct.unpack_from(">q", sha256(key.encode()).digest()))
        at, own = keys.index(top), sha256(text(top)).digest()
        own += sha256(canonical(entries[top])[1]).digest()
        return sha256(node(keys[:at]) + own + node(keys[at + 1:])).digest()
    return node(sorted(entries)).hex()  # Keys are ASCII: this is the order of UTF-16 units.


def dial(url, pin):  # A TLS connection. Nothing is sent over it before the pin was compared.
    def split(der):  # The content of the first DER element, and what comes after it.
        size, at = der[1], 2
        if size > 127:  # So many bytes, of which there is one at least, hold the size.
            size, at = int(der[2:size - 126].hex(), 16), size - 126
        return der[at:at + size], der[at + size:]
    context, to = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), urllib.parse.urlsplit(url)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # The pin, nothing else.
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    connection = context.wrap_socket(socket.create_connection((to.hostname, to.port), timeout=5))
    rest = split(split(connection.getpeercert(True))[0])[0]
    for _ in range(6):  # version, serial number, algorithm, issuer, validity, subject; then the key
        rest = split(rest)[1]
    key = sha256(rest[:len(rest) - len(split(rest)[1])]).digest()
    if not secrets.compare_digest(base64.b64encode(key).decode(), pin):
        raise ssl.SSLError(f"{url} has another key than was announced")
    return connection


class DataPlane(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # Tells which version is served, and whether it has a route for the host.
        follower.awake()
        host, held = self.headers["Host"].split(":")[0], follower.held
        routed = any(key.startswith(f"route/{host}/") for key in held["entries"])
        self.send_response(200 if follower.accepts or self.path == "/livez" else 503)
        self.end_headers()
        self.wfile.write(json.dumps({"version": held["version"], "routed": routed}).encode())


class Follower:
    def __init__(self):
        self.file = pathlib.Path(ENV["LOCKSTEP_STATE_DIR"], "follower.json")
        self.replica = f"{ENV['LOCKSTEP_POD_NAME']}/{secrets.token_hex(8)}"
        self.held, self.accepts, self.in_touch = dict(NOTHING), False, False
        self.awake_at, self.end = time.monotonic(), threading.Timer(DRAIN_TIME, os._exit, [0])
        with contextlib.suppress(Exception):  # Nothing on disk can keep a replica from starting.
            held = {**NOTHING, **parse(self.file.read_text())}
            self.held = held if digest(held["entries"]) == held["digest"] else self.held

    def awake(self):
        now = time.monotonic()
        if now - self.awake_at > FENCE_TIME:  # P48: the next run joins again before it serves.
            print("was paused", flush=True)
            os._exit(1)
        self.awake_at = now

    def leadership(self):  # Who leads, in which epoch, and all annotations of the Lease.
        def request(method="GET", body=None):  # Without resourceVersion, so a quorum read.
            headers = {**self.token(ACCOUNT / "token"), "Content-Type": "application/json"}
            to = urllib.request.Request(LEASE.format(**ENV), body, headers, method=method)
            context = ssl.create_default_context(cafile=ACCOUNT / "ca.crt")
            return json.load(urllib.request.urlopen(to, timeout=5, context=context))
        lease = request()
        notes, spec = lease["metadata"].setdefault("annotations", {}), lease["spec"]
        if spec.get("holderIdentity") == self.replica:  # It was handed over, and is given back.
            del spec["holderIdentity"]
            for note in [note for note in notes if note.startswith("lockstep.dev/leader-")]:
                del notes[note]
            notes["lockstep.dev/nonce"] = self.replica + lease["metadata"]["resourceVersion"]  # P4
            request("PUT", json.dumps(lease).encode())
            print("gave the Lease back", flush=True)
        return spec.get("holderIdentity"), int(notes.get("lockstep.dev/epoch", 0)), notes

    def token(self, file):  # Read for each connection, because it is rotated.
        return {"Authorization": "Bearer " + pathlib.Path(file).read_text().strip()}

    def say(self, kind, **fields):
        self.link.send(json.dumps({"type": kind, "epoch": self.epoch, **fields}))

    def beat(self):
        for sequence in itertools.count(1):
            self.awake()
            held = self.held  # Its version and its digest belong together.
            with contextlib.suppress(Exception):  # Who listens learns that the link has ended.
                if self.in_touch:
                    self.say("heartbeat", sequence=sequence, answered=self.answered,
                             version=held["version"], digest=held["digest"])
                if self.in_touch and self.end.is_alive():  # It was asked to leave.
                    self.say("bye")
            time.sleep(PERIOD)

    def follow(self):  # One link, from the Lease to its end.
        self.leader, self.epoch, notes = self.leadership()
        self.acked = self.due = self.answered = 0
        self.checked = self.in_touch = False
        own = {"spkiSha256": base64.b64encode(secrets.token_bytes(32)).decode(),  # No key has it.
               **{port: ENV[f"LOCKSTEP_{port.upper()}_ADVERTISE"] for port in PORTS}}
        url, pin = notes["lockstep.dev/leader-url"], notes["lockstep.dev/leader-spki-sha256"]
        with connect("ws" + url[len("https"):] + "/mesh/v1/link", sock=dial(url, pin),
                     open_timeout=4, close_timeout=1, max_size=8 << 20, compression=None,
                     additional_headers=self.token(ENV["LOCKSTEP_MESH_TOKEN_FILE"])) as self.link:
            self.say("hello", replica=self.replica, address=own, build="python",
                     pod={"name": ENV["LOCKSTEP_POD_NAME"], "uid": ENV["LOCKSTEP_POD_UID"]},
                     epochSeen=self.held["epochSeen"], versionSeen=self.held["versionSeen"],
                     applied=self.held["version"], digest=self.held["digest"])
            while True:
                self.hear(parse(self.link.recv(LINK_SILENCE * (1 if self.in_touch else 2))))

    def hear(self, message):
        kind, epoch, now = message["type"], message.get("epoch"), time.monotonic()
        if kind not in ("welcome", "push", "heartbeat-reply", "moved"):
            return  # Somebody newer says more.
        if kind == "moved" or epoch < self.held["epochSeen"]:
            raise ValueError(f"epoch {epoch} is over")  # P19
        what = message.get("delta", message)
        version = what["target"] if kind == "push" else what["version"]
        self.held.update(epochSeen=epoch, versionSeen=max(version, self.held["versionSeen"]))
        self.due, self.answered = self.due or version, message.get("sequence", self.answered)
        if kind == "welcome":
            self.epoch, self.in_touch, self.asked, self.ask_at = epoch, True, False, now + LATE_TIME
        if version > self.held["version"] and kind != "heartbeat-reply":
            self.apply(version, what)
        if self.held["version"] >= version:
            self.ask_at = now + LATE_TIME
        elif now > self.ask_at:  # P20, P21, P22
            self.asked, self.ask_at = True, now + LATE_TIME
            self.say("resync")
        if self.held["version"] > self.acked:
            self.acked = self.held["version"]
            self.say("ack", version=self.acked, digest=self.held["digest"])
        in_step, suspended = self.acked >= self.due > 0, message.get("api") == "suspended"
        self.accepts = self.accepts or in_step  # P47
        if suspended or in_step and not self.checked:
            with contextlib.suppress(OSError):  # Nobody knows while the API server is away.
                if self.leadership()[:2] != (self.leader, self.epoch):  # P12, P25
                    raise ValueError("the Lease names another leadership")
                if in_step and not self.checked:
                    self.checked = True
                    self.say("checked")

    def apply(self, version, what):
        for source in what.get("sources", ()):  # Whoever has it: the digest tells if it is right.
            try:
                request = http.client.HTTPConnection(urllib.parse.urlsplit(source["mesh"]).netloc)
                request.sock = dial(source["mesh"], source["spkiSha256"])
                token = self.token(ENV["LOCKSTEP_MESH_TOKEN_FILE"])
                request.request("GET", "/mesh/v1/snapshots/" + what["digest"], headers=token)
                whole = gzip.decompress(request.getresponse().read(128 << 20)).decode()
                print("fetched the whole from", source["mesh"], flush=True)
                if not self.install(version, what["digest"], {}, parse(whole)["entries"]):
                    return
            except Exception as problem:  # Later it is asked for again (P21).
                print(f"no snapshot from {source['mesh']}: {problem!r}", flush=True)
        if "base" in what:
            gone, fits = set(what["removals"]), what["base"] == self.held["version"]
            kept = {key: it for key, it in self.held["entries"].items() if key not in gone}
            if not fits or self.install(version, what["digest"], kept, what["puts"]):
                self.ask_at = self.ask_at if self.asked else 0  # P20: at once, and once.

    def install(self, version, wanted, entries, puts):  # Tells whether the digest is another.
        try:
            for entry in puts:
                if entry.get("host") == ENV.get("LOCKSTEP_REFUSE_HOST", ""):
                    raise LookupError("this follower was told to refuse the host")
                entries[canonical(entry)[0]] = entry
        except (LookupError, TypeError, ValueError) as problem:
            name, why = entry.get("host", entry["kind"]), f"{type(problem).__name__}: {problem}"
            self.say("nack", version=version, problems=[{"subject": name, "reason": why}])
            return False
        if digest(entries) != wanted:
            return True
        held = {**self.held, "version": version, "digest": wanted, "entries": entries}
        self.file.with_suffix(".new").write_text(json.dumps(held))
        self.file.with_suffix(".new").replace(self.file)  # Durable: it survives the process.
        self.held = held  # Replaced as a whole: a request sees one version.
        return False


if __name__ == "__main__":
    os.umask(0o077)  # What is held has private keys.
    follower = Follower()
    for port in PORTS:  # Bound before all else: a port that refuses tells that nobody is here.
        host, number = ENV[f"LOCKSTEP_{port.upper()}_LISTEN"].rsplit(":", 1)
        handler = DataPlane if port in ("http", "api") else socketserver.BaseRequestHandler
        server = http.server.ThreadingHTTPServer((host, int(number)), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: follower.end.start())
    threading.Thread(target=follower.beat, daemon=True).start()
    print("This is", follower.replica, flush=True)
    while True:
        try:
            follower.follow()
        except Exception as problem:  # Whatever ended the link, the Lease says how to go on.
            print("no link:", repr(problem), flush=True)
        time.sleep(PERIOD)
