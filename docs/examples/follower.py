#!/usr/bin/env python3
"""A minimal follower of a Lockstep mesh, as docs/protocol.md describes it (P19 etc. are its rules).

It joins as a pod of its own, holds what the leader commits and acks it, so the barrier counts it.
Its data plane merely tells which version it serves. A real one acks when all its threads serve the
version, retires client connections (P49; here each carries one request), appends deltas to its
state, encrypted, and offers snapshots to others. This one never leads."""
import asyncio, contextlib, json, os, re, signal, time
import options
from cluster import (
    LinkOver, WebSocketException, connect, fetch_entries, parse, pinned, read, read_lease)
from digest import canonical, digest

NOTHING = {"version": 0, "digest": "0" * 64, "entries": {}, "epochSeen": 0, "versionSeen": 0}


def log(text, last=[""]):
    if text != last[0]:
        last[0] = text
        print(time.strftime("%H:%M:%S"), text, flush=True)


class Misfit(Exception):
    """What came does not fit what is held: ask for the whole."""


class Refused(Exception):
    """A version that cannot be served; its argument is the list of problems."""


class Follower:
    def __init__(self, options):
        self.o, self.file = options, os.path.join(options.state_dir, "follower.json")
        self.in_touch, self.paused, self.leaving = False, False, False
        self.accepts, self.closed_at, self.awake_at = False, time.monotonic(), time.monotonic()
        self.held, self.jobs = NOTHING, []  # The loop itself keeps no task alive.
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
            held = json.loads(read(self.file))  # Nothing on disk can keep a replica from starting.
            self.held = held if digest(held["entries"]) == held["digest"] else NOTHING

    def takes_requests(self):
        """P47, P48: what was missed may be older than what somebody was told is open."""
        now, asleep_since = time.monotonic(), self.awake_at
        self.awake_at = now
        if now - asleep_since > self.o.fence_time:
            log(f"was paused for {now - asleep_since:.1f} s")
            self.accepts, self.closed_at, self.paused = False, now, True
        if self.held["version"] and not self.in_touch and now - self.closed_at > self.o.drain_time:
            self.accepts = True
        return self.accepts

    async def tick(self):
        while True:
            self.takes_requests()
            await asyncio.sleep(self.o.fence_time / 4)

    def stay_awake(self):
        self.takes_requests()
        if self.paused:
            raise LinkOver("was paused, so the link may be old")

    async def serve(self, reader, writer):
        """Tells the version, and whether it has a route for the host of the request."""
        with contextlib.suppress(OSError, EOFError, ValueError, asyncio.TimeoutError):
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).decode("latin-1")
            host = re.search(r"(?im)^host: *([^:\s]*)|\Z", head)[1]
            routed = any(key.startswith(f"route/{host}/") for key in self.held["entries"])
            status = 200 if self.takes_requests() or head.startswith("GET /livez ") else 503
            body = json.dumps({"version": self.held["version"], "host": host, "routed": routed})
            writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\n"
                         f"Connection: close\r\n\r\n{body}".encode())
            await writer.drain()
        writer.close()

    def install(self, version, wanted, entries, puts):
        """Makes a config durable and serves it, or says why not."""
        problems = []
        for entry in puts:
            try:
                if entry["kind"] == "route" and entry["host"] == self.o.refuse_host:
                    raise LookupError("this follower was told to refuse the host")
                entries[canonical(entry)[0]] = entry
            except (LookupError, TypeError, ValueError, AttributeError) as problem:
                subject = entry.get("host") or entry.get("id") or entry.get("kind")
                problems.append({"subject": str(subject)[:1024], "reason": str(problem)[:1024]})
        if problems:
            raise Refused(version, problems[:64])
        if digest(entries) != wanted:
            raise Misfit(f"version {version} has another digest here")
        held = dict(self.held, version=version, digest=wanted, entries=entries)
        secret = os.open(self.file + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(secret, "w", encoding="utf-8") as out:
            json.dump(held, out)  # A write, not an fsync: it survives the process.
        os.replace(self.file + ".new", self.file)
        self.held = held  # Replaced, never changed: a request sees one version.
        log(f"serves version {version}, {len(entries)} entries, digest {wanted[:12]}")

    async def stay_joined(self):
        while True:
            self.paused = False
            try:
                await self.follow()
            except (LinkOver, OSError, ValueError, LookupError, TypeError, asyncio.TimeoutError,
                    WebSocketException) as end:
                log(f"no link: {type(end).__name__} {end}")
            await asyncio.sleep(self.o.poll_period)

    async def follow(self):
        """One link, from the Lease to its end."""
        self.leader, self.epoch, address = await asyncio.to_thread(read_lease, self.o)
        if not self.leader or not address["mesh"]:
            raise LinkOver("the Lease names no leader")
        self.hear(self.epoch)
        context = await asyncio.to_thread(pinned, address)
        async with connect(self.o, address, context) as self.ws:
            self.inbox, self.due, self.acked, self.answered = asyncio.Queue(), 0, 0, 0
            self.checked = self.asked = self.suspended = self.said_bye = False
            seen = {name: self.held[name] for name in ("epochSeen", "versionSeen", "digest")}
            await self.ws.send(json.dumps({
                "type": "hello", "replica": self.o.replica, "pod": self.o.pod, **seen,
                "applied": self.held["version"], "address": self.o.address, "build": "python"}))
            jobs = [asyncio.create_task(job) for job in (self.listen(), self.work(), self.beat())]
            try:
                done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
                done.pop().result()
            finally:
                self.in_touch = False
                [job.cancel() for job in jobs]

    async def say(self, kind, **fields):
        await self.ws.send(json.dumps({"type": kind, "epoch": self.epoch, **fields}))

    def hear(self, epoch, version=0):
        if epoch < self.held["epochSeen"]:
            raise LinkOver(f"epoch {epoch} is over")  # P19
        newest = max(version, self.held["versionSeen"])
        self.held = dict(self.held, epochSeen=epoch, versionSeen=newest)

    async def listen(self):
        while True:
            patience = self.o.link_silence * (1 if self.in_touch else 2)
            message = parse(await asyncio.wait_for(self.ws.recv(), patience))
            self.stay_awake()
            kind, now = message["type"], time.monotonic()
            if kind == "moved":
                raise LinkOver("the leader has handed over")
            if kind not in ("welcome", "push", "heartbeat-reply"):
                continue  # Somebody newer says more.
            version = message["delta"]["target"] if kind == "push" else message["version"]
            self.hear(message["epoch"], version)
            if kind == "welcome":
                self.in_touch, self.asked, self.complete_at = True, False, now
                self.epoch, self.due = message["epoch"], version
            self.due = self.due or version
            if kind != "heartbeat-reply":
                self.inbox.put_nowait(message)
                continue
            self.answered, self.suspended = message["sequence"], message["api"] == "suspended"
            if version <= self.held["version"]:
                self.complete_at = now
            elif now - self.complete_at > self.o.late_time:  # P21, and P22 for what was refused.
                self.complete_at = now
                await self.say("resync")

    async def work(self):
        """Takes in one version after the other: pushes wait while a snapshot is fetched (P21)."""
        while True:
            message = await self.inbox.get()
            try:
                await self.take(message)
            except Refused as refused:
                version, problems = refused.args
                log(f"refuses version {version}: {problems}")
                await self.say("nack", version=version, problems=problems)
            except Misfit as misfit:
                log(str(misfit))
                if not self.asked:  # P20: once until that is answered.
                    self.asked = True
                    await self.say("resync")
            await self.report()

    async def take(self, message):
        held, delta = self.held, message.get("delta")
        if delta and delta["target"] > held["version"]:
            if delta["base"] != held["version"]:
                raise Misfit(f"a delta from {delta['base']}, but {held['version']} is held")
            gone = set(delta["removals"])
            stay = {key: entry for key, entry in held["entries"].items() if key not in gone}
            self.install(delta["target"], delta["digest"], stay, delta["puts"])
        elif not delta and message["version"] > held["version"] and message["sources"]:
            whole = await asyncio.to_thread(fetch_entries, self.o, message, log)
            if whole is not None:  # Else it is asked for again after the late time.
                self.install(message["version"], message["digest"], {}, whole)

    async def report(self):
        held = self.held
        if held["version"] > self.acked:
            self.acked = held["version"]
            await self.say("ack", version=held["version"], digest=held["digest"])
        if held["version"] >= self.due > 0:
            self.stay_awake()
            self.accepts = True  # P47: the leader counts us, and we are in step.
            if not self.checked:
                await self.check()
                self.checked = True
                await self.say("checked")

    async def check(self):
        """P25 and P12: another leadership may have begun that this leader does not know of."""
        leader, epoch, _ = await asyncio.to_thread(read_lease, self.o)
        if (leader, epoch) != (self.leader, self.epoch):
            raise LinkOver("the Lease names another leadership")

    async def beat(self):
        sequence = 0
        while True:
            self.stay_awake()
            if self.in_touch:
                sequence += 1
                await self.say("heartbeat", sequence=sequence, answered=self.answered,
                               version=self.held["version"], digest=self.held["digest"])
                if self.leaving and not self.said_bye:
                    self.said_bye = True
                    await self.say("bye")
            if self.suspended:
                await self.check()
            await asyncio.sleep(self.o.heartbeat_period)


async def run(o):
    follower, loop, end = Follower(o), asyncio.get_running_loop(), asyncio.Event()
    for listen in (o.mesh_listen, o.https_listen, o.http_listen, o.api_listen):  # Before all else.
        hold = listen in (o.mesh_listen, o.https_listen)  # A port that refuses: nobody is here.
        host, _, port = listen.rpartition(":")
        await asyncio.start_server(
            (lambda _, writer: writer.close()) if hold else follower.serve, host, int(port))

    def leave():
        follower.leaving = True
        loop.call_later(o.drain_time, end.set)

    loop.add_signal_handler(signal.SIGTERM, leave)
    log(f"is {o.replica}")
    for job in (follower.stay_joined(), follower.tick()):
        follower.jobs.append(asyncio.create_task(job))  # asyncio.run ends them.
    await end.wait()


if __name__ == "__main__":
    asyncio.run(run(options.parse(__doc__)))
