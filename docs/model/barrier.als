/**
 * The barrier: whom a leader counts, and why nobody whom it stopped counting makes an "open" wrong.
 *
 * A step is one event: a message or a write arrives, somebody decides, somebody crashes. Requests
 * to the API server take effect at any later moment, or never; their answers may be lost. A pod is
 * a register that changes by compare-and-swap; so is the Lease. The drain time D is "the removal of
 * the endpoint has reached every proxy". README.md says what is left out and maps names to code.
 */
module barrier

open util/ordering[Epoch] as epochs
open util/ordering[Version] as versions

// The rules that can be taken out, by their numbers in docs/protocol.md.

abstract sig Rule {}

one sig
  P6,   // nothing is published before the write that binds it is confirmed
  P22,  // an ack says: durable
  P26,  // a replica is counted from its hello on
  P27,  // the set grows before the write that admits is sent
  P28a, // the set shrinks only after the write that fences is confirmed
  P28b, // ... and then D
  P28c, // ... and not while an admission is pending
  P29,  // only a probe that began after the confirmation cuts D short
  P30,  // a new leader counts every pod that it finds, also those out of sync
  P31,  // condition writes carry the resourceVersion of the pod
  P32,  // a higher epoch on a pod deposes the leader
  P34,  // admitted is only who acked the newest committed version
  P47a, // the Lease vouches for a restarted replica only while its pod is in sync
  P47b  // alone, a restarted replica waits D
  extends Rule {}

/** The rules that are taken out of this run. */
sig Broken in Rule {}

pred holds[rule: Rule] { rule not in Broken }

// Who and what there is.

sig Version {}

/** A leadership, with what its leader knows. */
sig Epoch {
  var leader: lone Replica,              // who took it
  var known: lone Version,               // newest version that it knows to be committed
  var put: lone Version,                 // its write of the Lease, in flight or of unknown outcome
  var counted: set Replica,              // whom its barrier must hear from
  var acked: Replica -> lone Version,    // acks that it got
  var seen: set Replica,                 // pods that it believes to be in sync
  var fresh: set Replica,                // pods whose newest resourceVersion it knows
  var out: set Replica,                  // confirmed: out of sync, under this epoch
  var virgin: set Replica,               // pods that no leader had written to when first seen
  var gone: set Replica,                 // every port refused a probe
  var admitting: set Replica,            // condition writes in flight or of unknown outcome ...
  var excluding: set Replica,
  var live: set Replica                  // ... that can still land
}

/** Leaderships whose leader runs and believes in them, have listed the pods, vouch for `known`. */
var sig Leading, Listed, Vouched in Epoch {}

one sig Lease { var epoch: one Epoch, var version: one Version }

/** A replica and its pod. */
sig Replica {
  var applied: lone Version,             // held, on disk
  var link: lone Epoch,                  // to which leader
  var heard: one Epoch,                  // highest epoch that it heard of
  var stamp: lone Epoch                  // of the pod: epoch of its last writer
}

/** Processes: running; taking requests; read the Lease after they applied; saw since their start
 * that their pod is in sync; that the Lease names what they hold. */
var sig Alive, Serving, Checked, PodRead, LeaseRead in Replica {}

/** Pods: condition True; endpoint not yet gone from every proxy; not yet gone when it was bound. */
var sig InSync, Lagging, BootLagging in Replica {}

/** Versions that somebody was told to be open. */
var sig Told in Version {}

abstract sig Kind {}

one sig Idle, Propose, LandPut, Confirm, StepDown, TakeOver, List, Hello, Apply, Ack, Check, Admit,
  Exclude, LandPod, SeePod, Forget, Probe, Propagate, Crash, Restart, ReadPod, ReadLease, Open
  extends Kind {}

/** What happens next, to whom. */
one sig Next { var kind: one Kind, var epoch: one Epoch, var replica: one Replica }

fun E: Epoch { Next.epoch }
fun R: Replica { Next.replica }

// The claim.

/** What the leader of an epoch would answer. */
pred opens[v: Version] {
  some e: Leading & Listed & Vouched {
    versions/lte[v, e.known]
    all r: e.counted - e.leader | some e.acked[r] and versions/lte[v, e.acked[r]]
  }
}

/** Clients reach it through the Service. */
fun reachable: set Replica { InSync + Lagging }

/** Nobody is served less than what anybody was told to be open. */
pred truthful {
  no r: Serving & reachable | some v: Told | no r.applied or versions/lt[r.applied, v]
}

// The start: one leader, who is in sync with everybody but those that are new.

fact start {
  Leading = epochs/first and Listed = Leading and Vouched = Leading
  Lease.epoch = epochs/first and Lease.version = versions/first
  one epochs/first.leader and leader.Replica = epochs/first
  known = epochs/first -> versions/first
  no put and no admitting and no excluding and no live and no gone and no out
  counted = epochs/first -> InSync
  seen = epochs/first -> InSync
  fresh = epochs/first -> Replica
  virgin = epochs/first -> (Replica - InSync)
  epochs/first.leader in InSync
  stamp = InSync -> epochs/first
  Alive = Replica
  no Lagging and no BootLagging and no PodRead and no LeaseRead
  Replica.heard = epochs/first
  // Who is not in sync is as new as can be, or has just joined and waits to be admitted.
  link.Epoch in Replica - epochs/first.leader and InSync - epochs/first.leader in link.Epoch
  Serving = link.Epoch + epochs/first.leader
  applied = Serving -> versions/first
  Checked = link.Epoch
  acked = epochs/first -> link.Epoch -> versions/first
  Told = versions/first
}

// The Lease.

/** A leader asks for the next version. */
pred propose {
  E in Leading & Listed and no E.put and some versions/next[E.known]
  put' = put + E -> versions/next[E.known]
  holds[P6] implies unpublished else publish[versions/next[E.known]]
}

pred unpublished {
  known' = known and applied' = applied and Vouched' = Vouched and Serving' = Serving
}

/** The leader serves the version itself, and pushes it from now on. */
pred publish[v: Version] {
  known' = known ++ E -> v
  Vouched' = Vouched + E
  applied' = applied ++ E.leader -> v
  Serving' = Serving + E.leader
}

/** The write lands, if the Lease has not moved; the leader hears of it at once, or does not. */
pred landPut {
  some E.put and Lease.epoch = E and versions/gt[E.put, Lease.version]
  version' = Lease -> E.put
  (put' = put and unpublished) or (confirmed)
}

pred confirmed { E in Leading and put' = put - E -> Version and publish[E.put] }

/** A read finds the write on the Lease. */
pred confirm { Lease.epoch = E and E.put = Lease.version and confirmed }

/** A read finds another leader. */
pred stepDown { E in Leading and Lease.epoch != E and Leading' = Leading - E }

/** Anybody may take the Lease. */
pred takeOver {
  E = epochs/next[Lease.epoch] and R in Alive
  Lease.epoch' = E
  leader' = leader + E -> R
  known' = known + E -> Lease.version
  Leading' = Leading - leader.R + E
  link' = link - R -> Epoch
  heard' = heard ++ R -> E
}

/** A new leader lists the pods by a quorum read, and looks if it holds what the Lease named. */
pred list {
  E in Leading - Listed
  let deposed = { r: Replica | some r.stamp & epochs/nexts[E] } |
    (some deposed and holds[P32]) implies {
      Leading' = Leading - E
      Listed' = Listed and Vouched' = Vouched and Serving' = Serving
      counted' = counted and seen' = seen and fresh' = fresh and virgin' = virgin
    } else {
      Leading' = Leading and Listed' = Listed + E
      let found = (holds[P30] implies Replica else InSync + E.leader) |
        counted' = counted + E -> found
      seen' = seen + E -> InSync
      fresh' = fresh + E -> Replica
      virgin' = virgin + E -> (Replica - InSync - stamp.Epoch)
      (E.leader in InSync and E.leader.applied = E.known)
        implies (Vouched' = Vouched + E and Serving' = Serving + E.leader)
        else (Vouched' = Vouched and Serving' = Serving)
    }
}

// Followers.

/** A follower says hello: it is counted before the welcome leaves. */
pred hello {
  R in Alive and E in Leading and R not in Leading.leader and epochs/gte[E, R.heard]
  link' = link ++ R -> E
  heard' = heard ++ R -> E
  acked' = acked - E -> R -> Version
  gone' = gone - E -> R
  Checked' = Checked - R
  counted' = (holds[P26] implies counted + E -> R else counted)
}

/** It gets its leader's newest version, or holds it already; its ack comes at once, or later. */
pred apply {
  R.link = E and E in Leading & Vouched and (R not in Serving or R.applied != E.known)
  no R.applied or versions/lte[R.applied, E.known]
  applied' = applied ++ R -> E.known
  Serving' = Serving + R
  acked' = acked or acked' = acked ++ E -> R -> E.known
}

/** An ack comes in. One of a version beyond the leader's newest counts for nothing. */
pred ack {
  R.link = E and E in Leading and R in Serving and versions/lte[R.applied, E.known]
  E.acked[R] != R.applied
  acked' = acked ++ E -> R -> R.applied
}

/** A joiner reads the Lease after it applied, and finds its leader's epoch there. */
pred recheck {
  R.link = E and R in Serving - Checked and Lease.epoch = E
  Checked' = Checked + R
}

// Condition writes.

pred nothingPending { R not in E.admitting + E.excluding }

/** A write leaves; it will land only if it was made from the newest sight of the pod. */
pred send { live' = live + ((R in E.fresh or not holds[P31]) implies E -> R else none -> none) }

/** The leader admits who is up to date. */
pred admit {
  E in Leading & Listed & Vouched and R not in E.seen and nothingPending
  R = E.leader or (R.link = E and R in Checked and some E.acked[R])
  holds[P34] implies (R = E.leader implies R.applied else E.acked[R]) = E.known
  admitting' = admitting + E -> R
  counted' = (holds[P27] implies counted + E -> R else counted)
  out' = (holds[P28c] implies out - E -> R else out)
  virgin' = virgin - E -> R
  gone' = gone - E -> R
  send
}

/** The leader fences whom it likes, and stamps who is out of sync. */
pred exclude {
  E in Leading & Listed and R not in E.out and R != E.leader and nothingPending
  excluding' = excluding + E -> R
  counted' = (holds[P28a] implies counted else counted - E -> R)
  send
}

/** A condition write lands, though its writer may be deposed or dead. */
pred landPod {
  R in E.live
  R in E.admitting implies InSync' = InSync + R else InSync' = InSync - R
  (R in E.excluding and R in InSync) implies Lagging' = Lagging + R else Lagging' = Lagging
  stamp' = stamp ++ R -> E
  live' = live - (holds[P31] implies Epoch else E) -> R
  fresh' = fresh - Epoch -> R
}

/** The leader learns how a pod is now: from the answer to a write, a watch, or a read. */
pred seePod {
  E in Leading & Listed and R not in E.fresh
  (some R.stamp & epochs/nexts[E] and holds[P32]) implies {
    Leading' = Leading - E
    seen' = seen and fresh' = fresh and counted' = counted and out' = out and virgin' = virgin
    gone' = gone and admitting' = admitting and excluding' = excluding
  } else {
    Leading' = Leading
    fresh' = fresh + E -> R
    admitting' = admitting - ((R in E.live) implies none -> none else E -> R)
    excluding' = excluding - ((R in E.live) implies none -> none else E -> R)
    ((some R.stamp and R.stamp != E) or R in InSync)
      implies virgin' = virgin - E -> R else virgin' = virgin
    R in InSync implies {
      seen' = seen + E -> R
      counted' = counted + E -> R
      out' = out - E -> R
      gone' = (holds[P29] implies gone - E -> R else gone)
    } else {
      seen' = seen - E -> R
      counted' = counted
      R.stamp = E and R not in E.admitting'
        implies (out' = out + E -> R) else (out' = out)
      gone' = (R not in E.out and holds[P29] implies gone - E -> R else gone)
    }
  }
}

/** The leader stops counting a replica. */
pred forget {
  E in Leading and R in E.counted - E.leader and R in E.out
  holds[P28c] implies R not in E.admitting
  R in E.virgin + E.gone or R not in Lagging or not holds[P28b]
  counted' = counted - E -> R
}

/** A probe finds that no process runs there; it counts if it began after the confirmation. */
pred probe {
  E in Leading and R not in Alive + E.gone and (R in E.out or not holds[P29])
  gone' = gone + E -> R
}

/** Every proxy of the cluster has forgotten the endpoint. */
pred propagate {
  R in Lagging
  Lagging' = Lagging - R
  BootLagging' = BootLagging - R
}

// Processes.

pred crash {
  R in Alive
  Alive' = Alive - R and Serving' = Serving - R
  Checked' = Checked - R and PodRead' = PodRead - R and LeaseRead' = LeaseRead - R
  link' = link - R -> Epoch
  Leading' = Leading - leader.R
  applied' = applied or
    (not holds[P22] and some R.applied
      and applied' = applied - R -> Version + R -> versions/prev[R.applied])
}

pred restart {
  R not in Alive
  Alive' = Alive + R
  heard' = heard ++ R -> Lease.epoch
  BootLagging' = BootLagging - R + (R & Lagging)
}

pred readPod { R in Alive - Serving - PodRead and R in InSync and PodRead' = PodRead + R }

pred readLease {
  R in Alive - Serving - LeaseRead and R.applied = Lease.version and LeaseRead' = LeaseRead + R
}

/** A restarted replica serves what it holds, without having heard of a leader. */
pred openGate {
  R in Alive - Serving and some R.applied
  (R in LeaseRead and (R in PodRead or not holds[P47a]))
    or (no R.link and (R not in BootLagging or not holds[P47b]))
  Serving' = Serving + R
}

// One event per step, and what each leaves alone.

pred happens[k: Kind] { Next.kind = k }

fact events {
  always {
    happens[Propose] implies propose
    happens[LandPut] implies landPut
    happens[Confirm] implies confirm
    happens[StepDown] implies stepDown
    happens[TakeOver] implies takeOver
    happens[List] implies list
    happens[Hello] implies hello
    happens[Apply] implies apply
    happens[Ack] implies ack
    happens[Check] implies recheck
    happens[Admit] implies admit
    happens[Exclude] implies exclude
    happens[LandPod] implies landPod
    happens[SeePod] implies seePod
    happens[Forget] implies forget
    happens[Probe] implies probe
    happens[Propagate] implies propagate
    happens[Crash] implies crash
    happens[Restart] implies restart
    happens[ReadPod] implies readPod
    happens[ReadLease] implies readLease
    happens[Open] implies openGate
    happens[Idle] implies always happens[Idle]
    // What only ends something comes as late as it can: earlier, it would allow nothing more.
    happens[Propagate] implies R = R' and Next.kind' in Forget + Restart + LandPod
    happens[Crash] implies R = R' and Next.kind' in Probe + Restart
    happens[StepDown] implies R = R' and Next.kind' = Hello
    // Where an event has no epoch or no replica, there is nothing to choose.
    Next.kind in Idle + Propagate + Crash + Restart + ReadPod + ReadLease + Open
      implies E = epochs/first
    Next.kind in Propose + LandPut + Confirm + StepDown + List implies R = E.leader
    Next.kind in Idle implies R = epochs/first.leader
  }
}

fact frames {
  always {
    Next.kind not in TakeOver implies (Lease.epoch' = Lease.epoch and leader' = leader)
    Next.kind not in LandPut implies Lease.version' = Lease.version
    Next.kind not in Propose + LandPut + Confirm implies put' = put
    Next.kind not in Propose + LandPut + Confirm + TakeOver implies known' = known
    Next.kind not in Propose + LandPut + Confirm + List implies Vouched' = Vouched
    Next.kind not in StepDown + TakeOver + List + SeePod + Crash implies Leading' = Leading
    Next.kind not in List implies Listed' = Listed
    Next.kind not in List + Hello + Admit + Exclude + SeePod + Forget implies counted' = counted
    Next.kind not in Hello + Apply + Ack implies acked' = acked
    Next.kind not in List + SeePod implies seen' = seen
    Next.kind not in List + SeePod + LandPod implies fresh' = fresh
    Next.kind not in Admit + SeePod implies (out' = out and admitting' = admitting)
    Next.kind not in List + Admit + SeePod implies virgin' = virgin
    Next.kind not in Hello + Admit + SeePod + Probe implies gone' = gone
    Next.kind not in Exclude + SeePod implies excluding' = excluding
    Next.kind not in Admit + Exclude + LandPod implies live' = live
    Next.kind not in LandPod implies (InSync' = InSync and stamp' = stamp)
    Next.kind not in LandPod + Propagate implies Lagging' = Lagging
    Next.kind not in Propagate + Restart implies BootLagging' = BootLagging
    Next.kind not in Propose + LandPut + Confirm + Apply + Crash implies applied' = applied
    Next.kind not in Propose + LandPut + Confirm + List + Apply + Crash + Open
      implies Serving' = Serving
    Next.kind not in TakeOver + Hello + Crash implies link' = link
    Next.kind not in TakeOver + Hello + Restart implies heard' = heard
    Next.kind not in Hello + Check + Crash implies Checked' = Checked
    Next.kind not in Crash + Restart implies Alive' = Alive
    Next.kind not in ReadPod + Crash implies PodRead' = PodRead
    Next.kind not in ReadLease + Crash implies LeaseRead' = LeaseRead
    all v: Version | v in Told' iff (v in Told or after opens[v])
  }
}


// What is checked. One leader and its followers, then two leaders.

oneLeader: check { no Broken implies always truthful }
  for exactly 2 Replica, exactly 1 Epoch, exactly 2 Version, 10..10 steps expect 0

threeReplicas: check { no Broken implies always truthful }
  for exactly 3 Replica, exactly 1 Epoch, exactly 2 Version, 8..8 steps expect 0

twoLeaders: check { no Broken implies always truthful }
  for exactly 2 Replica, exactly 2 Epoch, exactly 2 Version, 9..9 steps expect 0

// Without one rule, it is refuted.

withoutP22: check { Broken = P22 implies always truthful }
  for exactly 2 Replica, exactly 1 Epoch, exactly 2 Version, 8..8 steps expect 1

withoutP27: check { Broken = P27 implies always truthful }
  for exactly 2 Replica, exactly 1 Epoch, exactly 2 Version, 6..6 steps expect 1

withoutP28a: check { Broken = P28a implies always truthful }
  for exactly 2 Replica, exactly 1 Epoch, exactly 2 Version, 6..6 steps expect 1

withoutP28b: check { Broken = P28b implies always truthful }
  for exactly 2 Replica, exactly 1 Epoch, exactly 2 Version, 8..8 steps expect 1

withoutP28c: check { Broken = P28c implies always truthful }
  for exactly 2 Replica, exactly 1 Epoch, exactly 2 Version, 10..10 steps expect 1

withoutP30: check { Broken = P30 implies always truthful }
  for exactly 2 Replica, exactly 2 Epoch, exactly 2 Version, 8..8 steps expect 1

withoutP34: check { Broken = P34 implies always truthful }
  for exactly 2 Replica, exactly 1 Epoch, exactly 2 Version, 9..9 steps expect 1

// What can happen at all, so that the checks are not empty.

opensAfterFence: run {
  no Broken
  eventually (happens[Forget] and eventually versions/last in Told)
} for exactly 2 Replica, exactly 1 Epoch, exactly 2 Version, 9..9 steps expect 1

opensAfterTakeOver: run {
  no Broken
  eventually (happens[TakeOver] and eventually versions/last in Told)
} for exactly 2 Replica, exactly 2 Epoch, exactly 2 Version, 8..8 steps expect 1

joinerIsAdmitted: run {
  no Broken
  eventually (some r: Replica - InSync | no r.applied and eventually r in InSync)
} for exactly 2 Replica, exactly 1 Epoch, exactly 2 Version, 9..9 steps expect 1
