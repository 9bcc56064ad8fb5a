/**
 * The Lease: a version number is bound to one digest for ever, an epoch is one leadership, and
 * nobody publishes what does not happen, though answers get lost and people delete the Lease or put
 * it back.
 *
 * The Lease is a register that changes by compare-and-swap on its resourceVersion, which grows with
 * each write, also over deletions. A PUT lands at any later moment as long as the resourceVersion
 * has not moved. README.md says what is left out and maps names to code.
 */
module lease

open util/ordering[Number] as numbers

// The rules that can be taken out, by their numbers in docs/protocol.md.

abstract sig Rule {}

one sig
  P1,   // each write carries the resourceVersion that was seen last
  P3,   // only our nonce on the Lease means that our write happened
  P4,   // nothing new is written before a write of unknown outcome is settled
  P6,   // nothing is published before its write is confirmed
  P10,  // the numbers of a leadership lie above the resourceVersion that it replaces
  P10b  // a number above the resourceVersion of the Lease that it is on counts as absent
  extends Rule {}

/** The rules that are taken out of this run. */
sig Broken in Rule {}

pred holds[rule: Rule] { rule not in Broken }

/** Epochs, versions and resourceVersions are numbers on one line. */
sig Number {}

sig Digest {}

/** One PUT: who sends it, from which resourceVersion, and what it says. Each has its own nonce. */
sig Put {
  by: one Replica,
  base: one Number,
  epoch: one Number,
  version: lone Number,
  digest: lone Digest
}

/** Sent; can still land; has been on the Lease; is a take-over and not a new version. */
var sig Sent, Flying, Landed, TakeOvers in Put {}

/** What a hand may write on the Lease; nobody sends it. */
sig Forged in Put {}

/** The register: what it says is what some PUT said; nothing after a deletion. */
one sig Lease { var rv: one Number, var says: lone Put }

sig Replica {
  var intended: lone Put,    // its write that is not settled
  var leads: lone Number,    // the epoch that it leads
  var seen: one Number,      // the resourceVersion that it saw last
  var newest: lone Number      // its next version is the one above
}

/** What followers were sent, ever. */
var sig Published in Put {}

// The claims.

/** A version is bound to one digest. */
pred oneDigest { all p, q: Landed + Published | p.version = q.version implies p.digest = q.digest }

/** An epoch is one leadership: nobody takes an epoch that somebody has taken. */
pred oneLeadership { all disj p, q: Landed & TakeOvers | p.epoch != q.epoch }

/** What followers were sent has happened. */
pred nothingImagined { Published in Landed }

pred sound { oneDigest and oneLeadership and nothingImagined }

// The start: an empty Lease that nobody has seen change.

fact start {
  Lease.rv = numbers/first and no Lease.says
  no Sent and no Flying and no Landed and no TakeOvers and no Published
  no intended and no leads and no newest
  Replica.seen = numbers/first
}

// Events. A replica that sends may get the answer in the same step, or never.

pred unmoved { Lease.rv' = Lease.rv and Lease.says' = Lease.says }

/** What the Lease says, as far as it is believed. */
fun read: lone Put {
  { p: Lease.says | holds[P10b] implies numbers/lte[p.version, Lease.rv] }
}

/** Takes the Lease as it was read just now. */
pred take[r: Replica, p: Put] {
  no r.leads and no r.intended
  p not in Sent + Forged and p.by = r and p.base = Lease.rv
  p.epoch = (holds[P10] implies numbers/next[Lease.rv]
    else (some Lease.says implies numbers/next[Lease.says.epoch] else numbers/first))
  p.version = read.version and p.digest = read.digest
  Sent' = Sent + p and Flying' = Flying + p and TakeOvers' = TakeOvers + p
  intended' = intended + r -> p
  seen' = seen ++ r -> Lease.rv
  Landed' = Landed and Published' = Published and leads' = leads and newest' = newest
  unmoved
}

/** The next version of a leader. */
pred bump[r: Replica, p: Put] {
  some r.leads and no r.intended
  p not in Sent + Forged and p.by = r and p.base = r.seen and p.epoch = r.leads
  p.version = (some r.newest implies numbers/next[r.newest] else numbers/first)
  some p.version and some p.digest
  Sent' = Sent + p and Flying' = Flying + p
  intended' = intended + r -> p
  Published' = (holds[P6] implies Published else Published + p)
  TakeOvers' = TakeOvers and Landed' = Landed
  leads' = leads and seen' = seen and newest' = newest
  unmoved
}

/** Leads, or publishes the version; later versions lie above `above`. */
pred confirmed[r: Replica, p: Put, above: lone Number] {
  intended' = intended - r -> p
  leads' = leads ++ r -> p.epoch
  Published' = (p in TakeOvers implies Published else Published + p)
  newest' = newest - r -> Number + r -> above
}

/** Versions of a leadership count from what it replaced; those of a leader go on. */
fun counted[p: Put]: lone Number {
  p in TakeOvers and holds[P10] implies numbers/max[p.base + p.version] else p.version
}

/** A PUT lands; the answer comes, or is lost. */
pred land[r: Replica, p: Put] {
  p in Flying and p.by = r
  p.base = Lease.rv or not holds[P1]
  Lease.rv' = numbers/next[Lease.rv] and some Lease.rv'
  Lease.says' = p
  Flying' = Flying - p and Landed' = Landed + p
  Sent' = Sent and TakeOvers' = TakeOvers
  (r.intended = p and confirmed[r, p, counted[p]] and seen' = seen ++ r -> Lease.rv')
    or (intended' = intended and leads' = leads and Published' = Published and newest' = newest
      and seen' = seen)
}

/** A read settles a write: it happened, or it never will and its writer leads no longer. */
pred settle[r: Replica, p: Put] {
  r.intended = p and Sent' = Sent and Flying' = Flying and Landed' = Landed
  TakeOvers' = TakeOvers and unmoved
  let ours = (holds[P3] implies Lease.says = p else Lease.says.by = r) | {
    ours or Lease.rv != p.base
    seen' = seen ++ r -> Lease.rv
    ours implies confirmed[r, p, Lease.rv]
      else {
        intended' = intended - r -> p
        leads' = leads - r -> Number
        Published' = Published and newest' = newest
      }
  }
}

/** Without P4: no answer is a failure, and the leader writes on top of what it reads. */
pred giveUp[r: Replica] {
  not holds[P4] and some r.intended and some r.leads and Lease.says.by = r
  intended' = intended - r -> Put
  seen' = seen ++ r -> Lease.rv
  Sent' = Sent and Flying' = Flying and Landed' = Landed and Published' = Published
  TakeOvers' = TakeOvers and leads' = leads and newest' = newest
  unmoved
}

/**
 * Somebody deletes the Lease, puts back what it said at any earlier time, or writes a version on it
 * that nobody has come to yet. Another digest under a number that was used is no question of the
 * Lease alone: P18 is not in this model.
 */
pred edit {
  Lease.rv' = numbers/next[Lease.rv] and some Lease.rv'
  Lease.says' in Landed + { p: Forged | some p.version and numbers/gt[p.version, Lease.rv'] }
  Sent' = Sent and Flying' = Flying and Landed' = Landed and Published' = Published
  TakeOvers' = TakeOvers and untouched
}

pred untouched { intended' = intended and leads' = leads and seen' = seen and newest' = newest }

pred idle {
  Sent' = Sent and Flying' = Flying and Landed' = Landed and Published' = Published
  TakeOvers' = TakeOvers and untouched and unmoved
}

fact events {
  always (
    (some r: Replica, p: Put | take[r, p] or bump[r, p] or land[r, p] or settle[r, p])
    or (some r: Replica | giveUp[r])
    or edit
    or (idle and always idle)
  )
}

// What is checked.

allRules: check { no Broken implies always sound }
  for exactly 2 Replica, exactly 2 Digest, exactly 6 Number, exactly 4 Put, 8..8 steps expect 0

withoutP1: check { Broken = P1 implies always sound }
  for exactly 2 Replica, exactly 2 Digest, exactly 6 Number, exactly 4 Put, 8..8 steps expect 1

withoutP3: check { Broken = P3 implies always sound }
  for exactly 2 Replica, exactly 2 Digest, exactly 6 Number, exactly 4 Put, 8..8 steps expect 1

withoutP4: check { Broken = P4 implies always sound }
  for exactly 2 Replica, exactly 2 Digest, exactly 6 Number, exactly 4 Put, 8..8 steps expect 1

withoutP6: check { Broken = P6 implies always sound }
  for exactly 2 Replica, exactly 2 Digest, exactly 6 Number, exactly 4 Put, 8..8 steps expect 1

withoutP10: check { Broken = P10 implies always sound }
  for exactly 2 Replica, exactly 2 Digest, exactly 6 Number, exactly 4 Put, 8..8 steps expect 1

withoutP10b: check { Broken = P10b implies always sound }
  for exactly 2 Replica, exactly 2 Digest, exactly 7 Number, exactly 5 Put, 10..10 steps expect 1

// What can happen at all, so that the checks are not empty.

successorPublishes: run {
  no Broken
  eventually (some disj p, q: Landed | p.by != q.by and p in TakeOvers and q in Published)
} for exactly 2 Replica, exactly 2 Digest, exactly 6 Number, exactly 4 Put, 8..8 steps expect 1
