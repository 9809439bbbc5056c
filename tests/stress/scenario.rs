//! The scenarios by name. A service that compares nothing is one on which nothing can hold: it is run,
//! shown, and not counted.

use std::time::Duration;

use crate::stress::fault::Fault;
use crate::stress::switches::{Compare, Framing, Refusal, Switches, Tag, Written};

/// How many scenarios are drawn at random.
const DRAWN: usize = 12;

/// How likely a request is hit by a fault.
const LIKELY: f64 = 0.2;

/// How likely it is hit where each hit costs the time of a client that gives up.
const SELDOM: f64 = 0.04;

/// A service with a name.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it is called on the command line.
    pub name: String,
    /// What the service does.
    pub switches: Switches,
}

impl Scenario {
    fn new(name: impl Into<String>, switches: Switches) -> Self {
        Self { name: name.into(), switches }
    }

    /// Whether anything can be guaranteed on it.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.switches.compare != Compare::Nothing
    }
}

/// Every fault is as likely as any other, but those that cost time.
fn faults() -> Vec<(Fault, f64)> {
    let (slow, fast): (Vec<_>, Vec<_>) =
        Fault::all().into_iter().partition(|fault| matches!(fault, Fault::Late(_)));
    [likely(&fast, LIKELY), likely(&slow, SELDOM / 2.0)].concat()
}

#[allow(clippy::cast_precision_loss, reason = "there are some twenty")]
fn likely(faults: &[Fault], probability: f64) -> Vec<(Fault, f64)> {
    faults.iter().map(|fault| (*fault, probability / faults.len() as f64)).collect()
}

/// Every scenario; the last ones are drawn with the seed.
#[must_use]
pub fn scenarios(seed: u64) -> Vec<Scenario> {
    let calm = Switches::default;
    let rough = || Switches { faults: faults(), ..calm() };
    let faulty =
        |faults: &[Fault], probability| Switches { faults: likely(faults, probability), ..calm() };
    let mut all = vec![
        Scenario::new("calm", calm()),
        Scenario::new("connections", faulty(&Fault::CONNECTION, LIKELY)),
        Scenario::new("late", faulty(&Fault::LATE, SELDOM * 2.0)),
        Scenario::new("gateway-before", faulty(&Fault::gateway_before(), LIKELY)),
        Scenario::new("gateway-after", faulty(&Fault::gateway_after(), LIKELY)),
        Scenario::new("everything", rough()),
        Scenario::new("replay", Switches { replay: true, ..rough() }),
        Scenario::new("lag-5", Switches { lag: Duration::from_millis(5), ..rough() }),
        Scenario::new("lag-40", Switches { lag: Duration::from_millis(40), ..rough() }),
        Scenario::new("normalised", Switches { normalise: true, ..rough() }),
        Scenario::new("stamped", Switches { stamp: true, ..rough() }),
        Scenario::new("unknown-dropped", Switches { drop_unknown: true, ..rough() }),
        Scenario::new("bom-chunked", Switches { bom: true, framing: Framing::Chunked, ..rough() }),
    ];
    // Each fault alone, so that what is found has one cause.
    for fault in Fault::all() {
        let slow = matches!(fault, Fault::Late(_));
        let probability = if slow { SELDOM } else { LIKELY / 2.0 };
        let name = format!("fault-{fault:?}").to_lowercase().replace(['(', ','], "-");
        let name = name.replace([')', ' '], "");
        all.push(Scenario::new(name, faulty(&[fault], probability)));
    }
    for compare in Compare::SOMETHING {
        let name = format!("compare-{compare:?}").to_lowercase();
        all.push(Scenario::new(name, Switches { compare, ..rough() }));
    }
    for tag in Tag::ALL {
        let name = format!("tag-{tag:?}").to_lowercase();
        all.push(Scenario::new(name, sound(Switches { tag, ..rough() })));
    }
    for refusal in Refusal::ALL {
        let name = format!("refusal-{refusal:?}").to_lowercase();
        all.push(Scenario::new(name, Switches { refusal, ..rough() }));
    }
    for written in Written::ALL {
        let name = format!("written-{written:?}").to_lowercase();
        all.push(Scenario::new(name, Switches { written, ..rough() }));
    }
    let mut random = fastrand::Rng::with_seed(seed);
    all.extend((0..DRAWN).map(|n| Scenario::new(format!("drawn-{n}"), drawn(&mut random))));
    let nothing = Switches { compare: Compare::Nothing, ..rough() };
    all.push(Scenario::new("compare-nothing", nothing));
    all
}

/// One in which anything may come with anything.
fn drawn(random: &mut fastrand::Rng) -> Switches {
    let mut one_of = |count| random.usize(..count);
    let compare = Compare::SOMETHING[one_of(Compare::SOMETHING.len())];
    let tag = Tag::ALL[one_of(Tag::ALL.len())];
    let refusal = Refusal::ALL[one_of(Refusal::ALL.len())];
    let written = Written::ALL[one_of(Written::ALL.len())];
    let lag = [0, 0, 3, 20][one_of(4)];
    sound(Switches {
        compare,
        tag,
        refusal,
        written,
        lag: Duration::from_millis(lag),
        replay: random.bool(),
        normalise: random.bool(),
        stamp: random.bool(),
        drop_unknown: random.bool(),
        bom: random.bool(),
        framing: if random.bool() { Framing::Chunked } else { Framing::Length },
        faults: faults(),
        ..Switches::default()
    })
}

/// A service compares what it gives out: a tag that is in the header alone comes back there alone.
fn sound(mut switches: Switches) -> Switches {
    if switches.tag == Tag::Header {
        switches.compare = Compare::Header;
    }
    switches
}
