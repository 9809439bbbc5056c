//! Many writers on one profile, on a service that fails in every way it can: no acknowledged change is
//! lost, no change is made twice, and what was not made was reported.
//!
//! It holds under every combination of what nobody knows of the service, as long as it compares entity
//! tags at all. `cargo test -p partner-center-tests lost_updates -- --nocapture` prints the figures.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::time::Duration;

use partner_center::models::CustomerBillingProfile;
use partner_center::{AppOnly, PartnerCenter, Resource, Retry, UpdateError, Versioned};
use partner_center_emulator::{
    APP_ONLY_TOKEN, Emulator, EtagCheck, Fault, KeyCase, MissingIfMatch, Rule, SAMPLE_CUSTOMER,
    StaleEtag, Switches,
};
use partner_center_tests::Hasty;

/// How many write at the same time, and how many marks each of them adds.
const WRITERS: usize = 4;
const MARKS: usize = 4;

type Profile = Resource<AppOnly, CustomerBillingProfile>;

#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    marks: usize,
    acknowledged: usize,
    recovered: usize,
    refused: usize,
    refused_but_there: usize,
    requests: usize,
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.marks += other.marks;
        self.acknowledged += other.acknowledged;
        self.recovered += other.recovered;
        self.refused += other.refused;
        self.refused_but_there += other.refused_but_there;
        self.requests += other.requests;
    }
}

/// Every combination of the switches that a conflict can depend on.
fn combinations() -> Vec<Switches> {
    let mut all = Vec::new();
    for stale_etag in StaleEtag::ALL {
        for missing_if_match in MissingIfMatch::ALL {
            for etag_check in EtagCheck::ALL.iter().filter(|check| **check != EtagCheck::Neither) {
                for bits in 0..4 {
                    let mut switches = Switches::default();
                    switches.stale_etag = *stale_etag;
                    switches.missing_if_match = *missing_if_match;
                    switches.etag_check = *etag_check;
                    switches.etag_header = bits & 1 != 0;
                    switches.replay = bits & 2 != 0;
                    // How bodies are written has nothing to do with it: every way comes in turn.
                    switches.bom = all.len() % 2 == 0;
                    switches.key_case = KeyCase::ALL[all.len() / 2 % KeyCase::ALL.len()];
                    all.push(switches);
                }
            }
        }
    }
    all
}

/// A fault now and then, before and after the change is made, on reads and on writes.
fn faults() -> Vec<Rule> {
    let now_and_then = |fault| Rule { probability: Some(0.03), ..Rule::new(fault) };
    let mut rules: Vec<_> = [
        Fault::Throttle,
        Fault::Error,
        Fault::CloseBeforeCommit,
        Fault::CloseAfterCommit,
        Fault::Truncate,
        Fault::Garbage,
        Fault::ContentType,
        Fault::Utf16,
    ]
    .map(now_and_then)
    .into();
    rules.push(Rule { status: Some(503), ..now_and_then(Fault::Error) });
    rules
}

fn client(emulator: &Emulator, timeout: Duration) -> Profile {
    let retry = Retry::default()
        .attempts(5)
        .max_conflict_retries(39)
        .total_timeout(Duration::from_secs(1_000_000));
    let partner = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN))
        .endpoint(&emulator.url())
        .clock(Hasty::default())
        .retry(retry)
        .timeout(timeout)
        .build()
        .expect("a client");
    partner.customer(SAMPLE_CUSTOMER.parse().expect("a GUID")).billing_profile()
}

/// Adds a mark to a member that every writer changes.
fn add(profile: &mut CustomerBillingProfile, mark: &str) {
    let marks = profile.company_name.take().unwrap_or_default();
    profile.company_name = Some(format!("{marks} {mark}"));
}

async fn write(
    profile: &Profile,
    mark: &str,
) -> Result<Versioned<CustomerBillingProfile>, UpdateError<CustomerBillingProfile>> {
    profile.modify(|profile| add(profile, mark)).await
}

/// Lets all writers add all their marks, and holds the outcome to what they were told.
async fn race(emulator: &Emulator, profile: &Profile, what: &str) -> Figures {
    let writers = (0..WRITERS).map(|writer| {
        let profile = profile.clone();
        tokio::spawn(async move {
            let mut told = Vec::new();
            for count in 0..MARKS {
                let mark = format!("w{writer}.{count}");
                told.push((mark.clone(), write(&profile, &mark).await));
            }
            told
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut figures = Figures::default();
    let mut told = BTreeMap::new();
    for writer in writers {
        told.extend(writer.await.expect("a writer that did not panic"));
    }

    emulator.clear_faults();
    let end = profile.get().await.expect("a profile");
    let end = end.company_name.as_deref().unwrap_or_default();
    for (mark, outcome) in &told {
        let times = end.split(' ').filter(|there| there == mark).count();
        figures.marks += 1;
        match outcome {
            Ok(written) => {
                assert_eq!(
                    times, 1,
                    "{what}: {mark} was acknowledged; it is there {times} times: {end}"
                );
                figures.acknowledged += 1;
                figures.recovered += usize::from(written.was_recovered());
            }
            Err(error) => {
                assert!(times <= 1, "{what}: {mark} was made {times} times: {end}");
                let known = times == 0 || error.may_have_been_applied();
                assert!(
                    known,
                    "{what}: {mark} is there, and its writer was told that it is not: {error}"
                );
                figures.refused += 1;
                figures.refused_but_there += times;
            }
        }
    }
    figures.requests = emulator.journal().len();
    figures
}

#[tokio::test]
async fn no_acknowledged_change_is_lost_whatever_the_service_does() {
    let mut total = Figures::default();
    for (seed, switches) in combinations().into_iter().enumerate() {
        let what = format!("{switches:?}, seed {seed}");
        let mut builder = Emulator::builder().switches(switches).seed(seed as u64);
        for rule in faults() {
            builder = builder.fault(rule);
        }
        let emulator = builder.start().await.expect("a port");
        let profile = client(&emulator, Duration::from_secs(60));
        total += race(&emulator, &profile, &what).await;
    }
    println!("{total:?}");
    // It would prove little if nothing had gone wrong, or little had gone well: one request in four is
    // hit by a fault.
    assert!(total.recovered > 0 && total.refused_but_there > 0, "{total:?}");
    assert!(total.acknowledged * 2 > total.marks, "{total:?}");
}

#[tokio::test]
async fn nor_when_answers_come_too_late() {
    let mut total = Figures::default();
    for replay in [true, false] {
        let mut switches = Switches::default();
        switches.replay = replay;
        // Before the change is made, and after.
        let [before, after] = [Fault::Latency, Fault::LateAnswer].map(|fault| Rule {
            probability: Some(0.15),
            ms: Some(200),
            ..Rule::new(fault)
        });
        let builder = Emulator::builder().switches(switches).fault(before).fault(after);
        let emulator = builder.start().await.expect("a port");
        let profile = client(&emulator, Duration::from_millis(100));
        total += race(&emulator, &profile, &format!("late, replay {replay}")).await;
    }
    println!("{total:?}");
    assert!(total.acknowledged > 0 && total.recovered + total.refused > 0, "{total:?}");
}
