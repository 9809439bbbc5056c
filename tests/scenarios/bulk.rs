//! Many profiles at once: no more is taken than is worked on, and none ends the others.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};
use partner_center::{Outcome, OutcomeKind};

use super::*;

/// An emulator with so many customers, a client of one attempt, and the customers whose profiles can be read.
async fn many(customers: usize) -> (Emulator, PartnerCenter<AppOnly>, Vec<Uuid>) {
    let builder = Emulator::builder().customers(customers).strict(true).journal(100_000);
    let emulator = builder.start().await.expect("a port");
    let client = super::builder(&emulator.url(), AppOnly::token(APP_ONLY_TOKEN));
    let client = client.clock(Hasty::default()).build().expect("a client");
    let ids = emulator.state()["customers"].as_object().expect("customers").clone();
    let ids = ids.keys().filter(|it| *it != STRANGER_CUSTOMER).map(|it| id(it)).collect();
    (emulator, client, ids)
}

fn puts(emulator: &Emulator) -> usize {
    emulator.journal().iter().filter(|it| it.operation == Some(PUT)).count()
}

fn once(fault: Fault, operation: &str) -> Rule {
    Rule { operation: Some(operation.to_owned()), times: Some(1), ..Rule::new(fault) }
}

/// Reads the profiles, changes each, and writes it.
async fn renamed(client: &PartnerCenter<AppOnly>, ids: &[Uuid]) -> Vec<(Uuid, Outcome)> {
    let bulk = client.bulk().concurrency(4);
    let changed = bulk.read(stream::iter(ids.iter().map(|id| (*id, *id)))).map(|(id, read)| {
        let mut profile = read.expect("a profile");
        profile.last_name = Some("Bulk".into());
        (id, profile)
    });
    bulk.update(changed).collect().await
}

#[tokio::test]
async fn no_more_is_taken_than_is_worked_on() {
    let (emulator, client, ids) = many(30).await;
    let taken = AtomicUsize::new(0);
    let customers = stream::iter(ids.iter().inspect(|_| {
        taken.fetch_add(1, Ordering::Relaxed);
    }));
    let bulk = client.bulk().concurrency(3);
    let mut read = std::pin::pin!(bulk.read(customers.map(|id| ((), *id))));
    let mut given = 0;
    while let Some(((), profile)) = read.next().await {
        let _ = profile.expect("a profile");
        given += 1;
        let ahead = taken.load(Ordering::Relaxed) - given;
        assert!(ahead <= 3, "{ahead} are taken and not given");
    }
    assert_eq!(given, ids.len());
    // Whoever stops polling stops the work.
    let before = emulator.journal().len();
    let mut read = Box::pin(bulk.read(stream::iter(ids.iter().map(|id| ((), *id)))));
    let _ = read.next().await.expect("a profile").1.expect("a profile");
    drop(read);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(emulator.journal().len() - before <= 4);
}

#[tokio::test]
async fn a_customer_that_fails_ends_nothing() {
    let (emulator, client, ids) = many(10).await;
    emulator.add_fault(once(Fault::Refuse, PUT));
    let outcomes = renamed(&client, &ids).await;
    let failed: Vec<_> =
        outcomes.iter().filter(|(_, it)| it.kind() == OutcomeKind::Failed).collect();
    let [(_, failed)] = failed[..] else { panic!("{outcomes:?}") };
    let error = failed.error().expect("an error");
    assert_eq!(
        (error.status(), failed.is_open(), failed.may_have_been_applied()),
        (Some(403), false, false)
    );
    assert_eq!(failed.record().status, Some(403));
    assert_eq!(
        outcomes.iter().filter(|(_, it)| it.kind() == OutcomeKind::Updated).count(),
        ids.len() - 1
    );
    let strangers = stream::iter([((), id(STRANGER_CUSTOMER)), ((), ids[0])]);
    let read: Vec<_> = client.bulk().read(strangers).map(|((), read)| read.is_ok()).collect().await;
    assert_eq!(read.iter().filter(|it| **it).count(), 1);
}

#[tokio::test]
async fn what_others_change_is_merged_or_a_conflict() {
    let (emulator, client, ids) = many(2).await;
    let [one, two, three, four] = ids[..] else { panic!("{ids:?}") };
    let bulk = client.bulk();
    let read: Vec<_> = bulk.read(stream::iter(ids.iter().map(|id| (*id, *id)))).collect().await;
    let overwrite = |id: Uuid, change: Value| {
        assert!(emulator.overwrite(Some(&id.to_string()), change.as_object().expect("an object")));
    };
    overwrite(one, json!({"firstName": "Theirs"}));
    overwrite(two, json!({"lastName": "Theirs"}));
    overwrite(three, json!({"lastName": "Bulk"}));
    let changed = read.into_iter().map(|(id, read)| {
        let mut profile = read.expect("a profile");
        profile.last_name = Some("Bulk".into());
        (id, profile)
    });
    let outcomes: Vec<_> = bulk.update(stream::iter(changed)).collect().await;
    let of = |id: Uuid| &outcomes.iter().find(|(it, _)| *it == id).expect("an outcome").1;
    assert_eq!(of(one).kind(), OutcomeKind::Merged);
    let merged = of(one).profile().expect("a profile");
    assert_eq!(
        (merged.first_name.as_deref(), merged.last_name.as_deref()),
        (Some("Theirs"), Some("Bulk"))
    );
    assert_eq!(of(two).record().conflicts, ["/lastName"]);
    assert_eq!((of(three).kind(), of(four).kind()), (OutcomeKind::Unchanged, OutcomeKind::Updated));
}

#[tokio::test]
async fn a_lost_answer_is_recovered_and_a_throttling_holds_all_up() {
    let (emulator, client, ids) = many(10).await;
    let nth = |fault, nth| Rule { nth: Some(nth), ..once(fault, PUT) };
    emulator.add_fault(nth(Fault::CloseAfterCommit, 2));
    emulator.add_fault(Rule { retry_after: Some(7), ..nth(Fault::Throttle, 5) });
    let outcomes = renamed(&client, &ids).await;
    assert!(outcomes.iter().all(|(_, it)| it.kind() == OutcomeKind::Updated), "{outcomes:?}");
    // The lost one is sent again with its id, which the service knows; the throttled one too.
    assert_eq!(puts(&emulator), ids.len() + 2);
    assert_eq!(emulator.journal().iter().filter(|it| it.committed).count(), ids.len());
    assert!(client.counters().waits > 0);
}
