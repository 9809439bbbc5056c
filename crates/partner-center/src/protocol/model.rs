//! The update protocol in small, explored exhaustively: every order of a few writers, requests that are
//! lost or late, answers that are lost or a gateway's, repeats, and reads that lag.
//!
//! The invariant: what the library reports of an update agrees with what the service committed, then and
//! ever after. The decisions are the library's own functions; only the world around them is a model.
//!
//! It takes for granted what the decisions do: a 4xx status of the service itself, other than 408, proves
//! that it did nothing, and nobody but the service answers that a precondition failed.

use std::time::Instant;

use stateright::{Checker, Model, Property};

use super::{Answer, Reading, Resolved, begins_another_round, resolve};

/// How often a reading is made again while reads lag.
const REREADS: u32 = 1;

/// The decisions that are put to the test.
#[derive(Clone, Copy)]
struct Rules {
    may_have_been_applied: fn(Answer) -> bool,
    is_resolved_by_reading: fn(Answer, bool) -> bool,
    resolve: fn(bool, Reading, u32) -> Resolved,
    begins_another_round: fn(Answer, bool, bool) -> bool,
    /// What is uncertain after a round: of the earlier rounds, of this one.
    over_rounds: fn(bool, bool) -> bool,
}

/// Those of the library.
const RULES: Rules = Rules {
    may_have_been_applied: Answer::may_have_been_applied,
    is_resolved_by_reading: Answer::is_resolved_by_reading,
    resolve,
    begins_another_round,
    over_rounds: |before, now| before | now,
};

/// What an update does to the profile, whose content is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// Adds the writer's mark to a list that all write.
    Append,
    /// Adds one to a number, as everyone else does.
    Count,
    /// Sets a member that only this writer writes.
    Own,
    /// Sets a member that all write to a value that only this writer writes.
    Set,
}

impl Change {
    fn is_idempotent(self) -> bool {
        matches!(self, Self::Own | Self::Set)
    }

    fn apply(self, content: u32, writer: usize) -> u32 {
        match self {
            Self::Append => content << 2 | mark(writer),
            Self::Count => content + 1,
            Self::Own => content | 1 << writer,
            Self::Set => mark(writer),
        }
    }

    /// Whether the content has everything that made `mine` of the content before: the members that this
    /// update changed are compared as wholes, as the library does.
    fn holds(self, content: u32, mine: u32, writer: usize) -> bool {
        match self {
            Self::Append | Self::Count | Self::Set => content == mine,
            Self::Own => content & 1 << writer != 0,
        }
    }
}

fn mark(writer: usize) -> u32 {
    u32::try_from(writer + 1).expect("there are few writers")
}

/// A world to explore.
#[derive(Clone, Copy)]
struct World {
    rules: Rules,
    writers: usize,
    change: Change,
    /// The rounds of `modify`; with 0 it is `update`.
    rounds: u8,
    /// How often an update is attempted.
    attempts: u8,
    /// The service answers a request id that it knows as it did before, and does nothing.
    replays: bool,
    /// A tag is the hash of the content: the same content has the same tag again.
    hashes: bool,
    /// How many versions a read may lag behind.
    lag: usize,
    /// How often something goes wrong.
    faults: u8,
    /// All that goes wrong is that there is no answer, or that a read lags.
    lossy: bool,
    /// How often someone puts back what was there at first.
    reverts: u8,
}

const WORLD: World = World {
    rules: RULES,
    writers: 2,
    change: Change::Append,
    rounds: 2,
    attempts: 2,
    replays: false,
    hashes: false,
    lag: 0,
    faults: 2,
    lossy: false,
    reverts: 0,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    /// What was committed, the oldest first.
    versions: Vec<Version>,
    /// The requests that may still arrive. One that never does was dropped.
    late: Vec<Put>,
    /// The request ids that the service has processed, and whether it committed.
    known: Vec<(usize, u8, bool)>,
    writers: Vec<Writer>,
    faults: u8,
    reverts: u8,
    /// A commit replaced something that its writer did not know.
    blind: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Version {
    content: u32,
    by: Option<usize>,
}

/// A conditional `PUT` on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Put {
    writer: usize,
    /// The version that it names in `If-Match`.
    base: usize,
    content: u32,
    /// Always the same where the service does not look at it.
    id: u8,
}

/// Where a writer is in its operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Writer {
    at: At,
    round: u8,
    attempts: u8,
    reauthorized: bool,
    base: usize,
    content: u32,
    id: u8,
    /// An attempt of this round may have been applied.
    uncertain: bool,
    /// One of an earlier round may have been.
    uncertain_before: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum At {
    #[default]
    Reading,
    Writing,
    Resolving {
        answer: Answer,
        rereads: u32,
    },
    Ended(Outcome),
}

/// What is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Outcome {
    Acknowledged,
    /// A success that a reading proved.
    Recovered,
    Error {
        may_have_been_applied: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Action {
    /// Reads the version that is this far behind.
    Read(usize, usize),
    /// The operation ends early: there is no time left, or no token, or a reading fails.
    GivesUp(usize),
    Write(usize, Fate),
    /// A request arrives after its sender gave up waiting.
    Arrives(Put),
    /// Someone puts back what was there at first.
    Reverts,
}

/// What becomes of an attempt, as far as the writer does not see it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// The service processes it and answers.
    Answered,
    /// The service processes it, and this is seen instead of its answer.
    Hidden(Answer),
    /// This is seen while the request is still on its way, or gone.
    Late(Answer),
    /// This is seen, and the request never arrives.
    Never(Answer),
}

/// Everything that goes wrong with an attempt. The statuses stand for their kinds: a redirect, one that
/// another token may change, one that is final, one that is transient.
fn faults(lossy: bool) -> impl Iterator<Item = Fate> {
    let gateway = |status| Answer::Status { status, own: false };
    let own = |status| Answer::Status { status, own: true };
    let unknown = [401, 403, 429, 502].map(gateway).into_iter();
    // The service itself proves with a 4xx status other than 408 that it did nothing, and with nothing else.
    let unknown = unknown.chain([302, 408, 500, 501].map(own));
    let unknown = unknown.chain([Answer::Lost, Answer::NoProfile]);
    let never = [401, 403, 429].map(own).into_iter().chain([Answer::Unsent]);
    let fits = move |answer: &Answer| !lossy || matches!(answer, Answer::Lost | Answer::Unsent);
    let unknown =
        unknown.filter(fits).flat_map(|answer| [Fate::Hidden(answer), Fate::Late(answer)]);
    unknown.chain(never.filter(fits).map(Fate::Never))
}

impl World {
    fn tag(&self, state: &State, version: usize) -> u32 {
        if self.hashes {
            state.versions[version].content
        } else {
            u32::try_from(version).expect("there are few versions")
        }
    }

    /// The service processes a request; whether it answers with success.
    fn process(&self, state: &mut State, put: Put) -> bool {
        let known =
            state.known.iter().find(|(writer, id, _)| (*writer, *id) == (put.writer, put.id));
        if let Some((_, _, committed)) = known {
            return *committed;
        }
        let current = state.versions.len() - 1;
        let committed = self.tag(state, put.base) == self.tag(state, current);
        if committed {
            state.blind |= put.base != current;
            state.versions.push(Version { content: put.content, by: Some(put.writer) });
        }
        if self.replays {
            state.known.push((put.writer, put.id, committed));
        }
        committed
    }

    /// One attempt at the request, up to what the writer makes of the answer.
    fn write(&self, state: &mut State, writer: usize, fate: Fate) {
        let Writer { base, content, id, .. } = state.writers[writer];
        let put = Put { writer, base, content, id };
        let answer = match fate {
            Fate::Answered if self.process(state, put) => {
                return end(&mut state.writers[writer], Outcome::Acknowledged);
            }
            Fate::Answered => Answer::Refused,
            Fate::Hidden(answer) => {
                // A conflict has no profile to leave out.
                match (self.process(state, put), answer) {
                    (false, Answer::NoProfile) => Answer::Refused,
                    _ => answer,
                }
            }
            Fate::Late(answer) => {
                state.late.push(put);
                answer
            }
            Fate::Never(answer) => answer,
        };
        self.answered(&mut state.writers[writer], answer);
    }

    fn answered(&self, writer: &mut Writer, answer: Answer) {
        writer.uncertain |= (self.rules.may_have_been_applied)(answer);
        let unauthorized = matches!(answer, Answer::Status { status: 401, .. });
        let again = if unauthorized && !writer.reauthorized {
            writer.reauthorized = true;
            true
        } else {
            writer.attempts += 1;
            answer.is_transient() && writer.attempts < self.attempts
        };
        if again {
            writer.id += u8::from(self.replays && answer.ends_request());
        } else if (self.rules.is_resolved_by_reading)(answer, writer.uncertain) {
            writer.at = At::Resolving { answer, rereads: REREADS };
        } else {
            self.failed(writer, answer);
        }
    }

    fn failed(&self, writer: &mut Writer, answer: Answer) {
        let uncertain = (self.rules.over_rounds)(writer.uncertain_before, writer.uncertain);
        let idempotent = self.change.is_idempotent();
        let again = (self.rules.begins_another_round)(answer, uncertain, idempotent);
        if again && writer.round + 1 < self.rounds {
            *writer = Writer {
                round: writer.round + 1,
                id: writer.id + u8::from(self.replays),
                uncertain_before: uncertain,
                ..Writer::default()
            };
        } else {
            end(writer, Outcome::Error { may_have_been_applied: uncertain });
        }
    }

    fn read(&self, state: &mut State, writer: usize, version: usize) {
        let found = state.versions[version].content;
        let tags = [version, state.writers[writer].base].map(|version| self.tag(state, version));
        let own = &mut state.writers[writer];
        let At::Resolving { answer, rereads } = own.at else {
            let content = self.change.apply(found, writer);
            if content == found {
                return end(own, Outcome::Recovered);
            }
            *own = Writer { at: At::Writing, base: version, content, ..*own };
            return;
        };
        let reading = if self.change.holds(found, own.content, writer) {
            Reading::Holds
        } else if tags[0] == tags[1] {
            Reading::Unchanged
        } else {
            Reading::Other
        };
        match (self.rules.resolve)(own.uncertain, reading, rereads) {
            Resolved::Applied => end(own, Outcome::Recovered),
            Resolved::ReadAgain => own.at = At::Resolving { answer, rereads: rereads - 1 },
            Resolved::Failed => self.failed(own, answer),
        }
    }

    /// Forgets what makes no difference any more, so that states which differ in nothing else are one.
    fn forget(&self, state: &mut State) {
        state.late.sort_unstable();
        state.late.dedup();
        if !self.hashes {
            // Refused whenever it arrives: a version that was replaced does not come back.
            let current = state.versions.len() - 1;
            state.late.retain(|put| put.base == current);
        }
        let State { known, late, writers, .. } = state;
        known.retain(|(writer, id, _)| {
            let late = late.iter().any(|put| (put.writer, put.id) == (*writer, *id));
            late || writers[*writer].at == At::Writing && writers[*writer].id == *id
        });
        known.sort_unstable();
    }
}

fn end(writer: &mut Writer, outcome: Outcome) {
    *writer = Writer { at: At::Ended(outcome), ..Writer::default() };
}

impl State {
    fn commits(&self, writer: usize) -> usize {
        self.versions.iter().filter(|version| version.by == Some(writer)).count()
    }

    /// Whether something is so for every writer whose operation has ended: its number and the outcome.
    fn ended(&self, mut holds: impl FnMut(usize, Outcome) -> bool) -> bool {
        self.writers.iter().enumerate().all(|(number, writer)| match writer.at {
            At::Ended(outcome) => holds(number, outcome),
            _ => true,
        })
    }
}

impl Outcome {
    fn is_success(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Recovered)
    }
}

// What is checked, as the documentation has it.
const LOST: &str = "an acknowledged update was committed, and nothing was replaced unseen";
const TWICE: &str = "a change is made once, unless someone else changed it back";
const CERTAIN: &str = "an update that was certainly not applied never is";
const ENDS: &str = "every operation ends";
const LIVE: &str = "every operation succeeds within its rounds if little goes wrong";
const RECOVERS: &str = "a reading proves a success";
const TELLS: &str = "an uncertain update was applied";

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            versions: vec![Version { content: 0, by: None }],
            late: Vec::new(),
            known: Vec::new(),
            writers: vec![Writer::default(); self.writers],
            faults: self.faults,
            reverts: self.reverts,
            blind: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (number, writer) in state.writers.iter().enumerate() {
            let faulty = state.faults > 0;
            match writer.at {
                At::Reading | At::Resolving { .. } => {
                    let lag = if self.lossy && !faulty { 0 } else { self.lag };
                    let behind = lag.min(state.versions.len() - 1);
                    actions.extend((0..=behind).map(|behind| Action::Read(number, behind)));
                }
                At::Writing => {
                    actions.push(Action::Write(number, Fate::Answered));
                    let fates = faults(self.lossy).filter(|_| faulty);
                    actions.extend(fates.map(|fate| Action::Write(number, fate)));
                }
                At::Ended(_) => continue,
            }
            if faulty && !self.lossy {
                actions.push(Action::GivesUp(number));
            }
        }
        actions.extend(state.late.iter().copied().map(Action::Arrives));
        if state.reverts > 0 {
            actions.push(Action::Reverts);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Read(writer, behind) => {
                next.faults -= u8::from(self.lossy && behind > 0);
                self.read(&mut next, writer, state.versions.len() - 1 - behind);
            }
            Action::GivesUp(writer) => {
                next.faults -= 1;
                let writer = &mut next.writers[writer];
                let uncertain = (self.rules.over_rounds)(writer.uncertain_before, writer.uncertain);
                end(writer, Outcome::Error { may_have_been_applied: uncertain });
            }
            Action::Write(writer, fate) => {
                next.faults -= u8::from(fate != Fate::Answered);
                self.write(&mut next, writer, fate);
            }
            Action::Arrives(put) => {
                next.late.retain(|late| *late != put);
                self.process(&mut next, put);
            }
            Action::Reverts => {
                next.reverts -= 1;
                next.versions.push(Version { content: 0, by: None });
            }
        }
        self.forget(&mut next);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always(LOST, |_, state: &State| {
                let committed =
                    |writer, outcome: Outcome| !outcome.is_success() || state.commits(writer) > 0;
                !state.blind && state.ended(committed)
            }),
            Property::always(TWICE, |world: &Self, state: &State| {
                world.change == Change::Set
                    || (0..world.writers).all(|writer| state.commits(writer) < 2)
            }),
            Property::always(CERTAIN, |_, state: &State| {
                let not_applied = Outcome::Error { may_have_been_applied: false };
                state.ended(|writer, outcome| outcome != not_applied || state.commits(writer) == 0)
            }),
            // Exact, although the checker joins paths: no state is reached twice on one path, and what
            // has ended stays so.
            Property::eventually(ENDS, |_, state: &State| {
                state.writers.iter().all(|writer| matches!(writer.at, At::Ended(_)))
            }),
        ];
        // Every round that is refused was overtaken by a commit. A writer makes one, and one more for each
        // answer it lost if others write; or it was read too late, which is a fault as well.
        let others = self.writers - 1 + usize::from(self.reverts);
        let lost = if self.lossy && others > 0 { usize::from(self.faults) } else { 0 };
        if (self.lag == 0 || self.lossy) && usize::from(self.rounds.max(1)) > others + lost {
            properties.push(Property::always(LIVE, |world: &Self, state: &State| {
                // One that adds is not made again on top of what others wrote.
                let again = world.change.is_idempotent() || world.writers == 1;
                let survives = world.lossy && world.faults < world.attempts && again;
                let faultless = survives || state.faults == world.faults;
                !faultless || state.ended(|_, outcome| outcome.is_success())
            }));
        }
        if self.faults > 0 && !self.lossy {
            // Otherwise what holds above would hold for want of an occasion.
            properties.push(Property::sometimes(RECOVERS, |_, state: &State| {
                !state.ended(|_, outcome| outcome != Outcome::Recovered)
            }));
            properties.push(Property::sometimes(TELLS, |_, state: &State| {
                let maybe = Outcome::Error { may_have_been_applied: true };
                !state.ended(|writer, outcome| outcome != maybe || state.commits(writer) == 0)
            }));
        }
        properties
    }
}

/// Explores all of a world and prints how much that was.
fn explore(name: &str, world: World) -> impl Checker<World> {
    let started = Instant::now();
    let checker = world.checker().spawn_bfs().join();
    println!(
        "{name}: {} states, {} of them different, depth {}, {:.1?}",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth(),
        started.elapsed(),
    );
    checker
}

/// Explores the worlds of a change: with and without replay, with and without lag, with either kind of tag.
fn holds(world: World) {
    // Three writers with more lag take longer than a build has time for.
    let lag = if world.writers < 3 { 2 } else { 1 };
    for (replays, lag, hashes) in (0..8).map(|n| (n & 1 != 0, (n >> 1 & 1) * lag, n & 4 != 0)) {
        // A value that all may set comes back, and its hash with it.
        if hashes && world.change == Change::Set {
            continue;
        }
        let world = World { replays, hashes, lag, ..world };
        let World { writers, change, rounds, faults, .. } = world;
        let tags = if hashes { "hashes" } else { "unique" };
        let name = format!(
            "{change:?}, {writers} writers, {rounds} rounds, {faults} faults, replays {replays}, \
             lag {lag}, tags {tags}"
        );
        explore(&name, world).assert_properties();
    }
}

/// Looks for the shortest counterexample and prints it.
fn breaks(name: &str, property: &'static str, world: World) {
    // The checker keeps the last that it finds, so it looks a step farther each time.
    let found = (1..40).find_map(|depth| {
        let checker = world.checker().target_max_depth(depth).spawn_bfs().join();
        Some((checker.unique_state_count(), checker.discovery(property)?.into_actions()))
    });
    let (states, actions) = found.unwrap_or_else(|| panic!("not caught: {name}"));
    println!("{name}: {states} states, and it is not so that {property}:");
    for action in actions {
        println!("    {action:?}");
    }
}

#[test]
fn updates() {
    for change in [Change::Append, Change::Own] {
        holds(World { change, rounds: 0, faults: 3, ..WORLD });
    }
}

#[test]
fn modifies_by_adding() {
    holds(World { faults: 3, attempts: 3, ..WORLD });
}

#[test]
fn modifies_by_setting_its_own() {
    holds(World { change: Change::Own, ..WORLD });
}

#[test]
fn modifies_by_setting() {
    holds(World { change: Change::Set, faults: 3, ..WORLD });
}

#[test]
fn three_writers() {
    for change in [Change::Append, Change::Own, Change::Set] {
        holds(World { change, writers: 3, rounds: 3, faults: 1, ..WORLD });
    }
}

/// More of everything than a build has time for.
#[test]
#[ignore = "takes minutes"]
fn farther() {
    holds(World { change: Change::Own, faults: 3, ..WORLD });
    for change in [Change::Append, Change::Own, Change::Set] {
        holds(World { change, writers: 3, rounds: 3, ..WORLD });
    }
}

/// Whoever repeats and reads often enough succeeds, although answers are lost and reads lag.
#[test]
fn loss_is_survived() {
    let lossy = World { lossy: true, attempts: 3, ..WORLD };
    for change in [Change::Append, Change::Own] {
        holds(World { change, writers: 1, rounds: 0, ..lossy });
    }
    for change in [Change::Own, Change::Set] {
        holds(World { change, rounds: 4, ..lossy });
    }
}

/// Each rule is there for a reason: without it there is a way to go wrong.
#[test]
fn every_rule_is_needed() {
    let update = |rules| World { rules, rounds: 0, ..WORLD };
    let modify = |rules| World { rules, ..WORLD };

    let goes_on = |answer, _, idempotent| begins_another_round(answer, false, idempotent);
    let rules =
        Rules { resolve: |_, _, _| Resolved::Failed, begins_another_round: goes_on, ..RULES };
    breaks("a refusal counts as proof after a lost answer", TWICE, modify(rules));

    let rules = Rules { resolve: |_, _, _| Resolved::Failed, ..RULES };
    let world = World { lossy: true, faults: 1, writers: 1, ..update(rules) };
    breaks("nothing is resolved by reading", LIVE, world);

    let once = |uncertain, reading, _| resolve(uncertain, reading, 0);
    let world =
        World { lag: 1, faults: 2, attempts: 3, rules: Rules { resolve: once, ..RULES }, ..world };
    breaks("nothing is read again", LIVE, world);

    let rules = Rules {
        begins_another_round: |answer, maybe, _| begins_another_round(answer, maybe, true),
        ..RULES
    };
    breaks("every change counts as idempotent", TWICE, modify(rules));

    let rules = Rules { over_rounds: |_, now| now, ..RULES };
    let world = World { change: Change::Own, ..modify(rules) };
    breaks("only the last round counts", CERTAIN, world);

    let gives_up = |answer, maybe, _| begins_another_round(answer, maybe, false);
    let rules = Rules { begins_another_round: gives_up, ..RULES };
    let world = World { change: Change::Own, lossy: true, faults: 1, rounds: 3, ..modify(rules) };
    breaks("no change counts as idempotent", LIVE, world);

    let certain = |answer| match answer {
        Answer::Status { status, .. } => {
            Answer::Status { status, own: true }.may_have_been_applied()
        }
        _ => answer.may_have_been_applied(),
    };
    let rules = Rules { may_have_been_applied: certain, ..RULES };
    breaks("a gateway counts as the service", CERTAIN, update(rules));

    let certain = |answer| match answer {
        Answer::Status { status: 500.., own: true } => false,
        _ => answer.may_have_been_applied(),
    };
    let rules = Rules { may_have_been_applied: certain, ..RULES };
    breaks("a service that failed did nothing", CERTAIN, update(rules));

    let certain = |answer: Answer| answer != Answer::Lost && answer.may_have_been_applied();
    let rules = Rules { may_have_been_applied: certain, ..RULES };
    breaks("what is not answered was not applied", CERTAIN, update(rules));

    let applied = |uncertain, reading, reads| match reading {
        Reading::Other if uncertain => Resolved::Applied,
        _ => resolve(uncertain, reading, reads),
    };
    let rules = Rules { resolve: applied, ..RULES };
    breaks("another version counts as this update", LOST, update(rules));

    let rules = Rules { resolve: |_, reading, reads| resolve(true, reading, reads), ..RULES };
    let world = World { change: Change::Count, faults: 0, ..update(rules) };
    breaks("what others wrote counts as this update", LOST, world);
}

/// What the library cannot see, and says so: a tag that comes back, a value that is nobody's own.
#[test]
fn the_limits_are_as_documented() {
    let reverted = World { reverts: 1, rounds: 3, ..WORLD };
    explore("reverted, tags unique", reverted).assert_properties();
    let hashed = World { hashes: true, ..reverted };
    breaks("reverted, tags hashes", TWICE, hashed);
    // It helps where the request is the same, and a gateway's answer ends it.
    breaks("reverted, tags hashes, replays", TWICE, World { replays: true, ..hashed });
    let set = World { change: Change::Set, hashes: true, ..WORLD };
    breaks("set back by its own writer, tags hashes", LOST, set);
    breaks("counted up by two", LOST, World { change: Change::Count, ..WORLD });
}
