//! What holds of every comparison, whatever the documents.

mod breaking;
mod contract;
mod files;
mod hostile;
mod modern;
mod mutation;
mod refactoring;
mod sites;
#[path = "../support/mod.rs"]
mod support;
mod unions;

use std::collections::{BTreeMap, BTreeSet};

use openapi_diff::{Change, Direction, Document, Location, Verdict, diff};
use proptest::prelude::*;
use serde_json::Value;

use contract::{Choices, contract};
use files::Parts;
use mutation::{mutate, wreck};

fn document(path: &str, json: &Value) -> Document {
    Document::parse(path, &json.to_string()).expect("well-formed")
}

fn compared(base: &Value, revision: &Value) -> Vec<Change> {
    diff(&document("base.json", base), &document("revision.json", revision))
}

/// Where a change is, which way its message goes, and whom it reaches.
type Seen = (Option<Location>, Option<Location>, Direction, Option<(String, String)>);

/// What of changes does not depend on which document came first, operation by operation: what a change
/// calls its place does, and two places with the same name are one change; what is written as text in one place and
/// as JSON in another may be two changes one way.
fn seen(changes: impl IntoIterator<Item = Change>) -> BTreeSet<Seen> {
    let mut all = BTreeSet::new();
    for change in changes {
        let at = (change.base, change.revision, change.direction);
        let mut operations: Vec<_> =
            change.operations.into_iter().map(|one| Some((one.path, one.method))).collect();
        if operations.is_empty() {
            operations.push(None);
        }
        all.extend(operations.into_iter().map(|one| (at.0.clone(), at.1.clone(), at.2, one)));
    }
    all
}

/// A rule, which way the message goes, and an operation.
type Told = (String, Direction, Option<String>);

/// What changed, and for which operation, whatever it is called and wherever it stands: the worst of what is one
/// change only where it has the same name.
fn told(changes: Vec<Change>) -> BTreeMap<Told, (Verdict, Verdict)> {
    let mut all = BTreeMap::new();
    for change in changes {
        let mut operations: Vec<_> =
            change.operations.iter().map(|one| Some(one.to_string())).collect();
        if operations.is_empty() {
            operations.push(None);
        }
        for operation in operations {
            let worst = all
                .entry((change.rule.to_string(), change.direction, operation))
                .or_insert((change.wire, change.run_time));
            *worst = (worst.0.max(change.wire), worst.1.max(change.run_time));
        }
    }
    all
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_document_is_the_same_as_itself(mut choices in Choices::any(1_500)) {
        let json = contract(&mut choices);
        prop_assert_eq!(compared(&json, &json), []);
        let block = Document::parse("a.yaml", &support::block(&json)).expect("well-formed");
        prop_assert_eq!(&block.json, &json);
        prop_assert_eq!(diff(&document("a.json", &json), &block), []);
    }

    #[test]
    fn who_refactors_changes_nothing(mut choices in Choices::any(1_500), mut how in Choices::any(40)) {
        let base = contract(&mut choices);
        let mut revision = base.clone();
        let mut done = Vec::new();
        for _ in 0..=how.below(4) {
            let (name, refactoring) = how.pick(&refactoring::SILENT);
            if refactoring(&mut how, &mut revision).is_some() {
                done.push(name);
            }
        }
        prop_assert_eq!(compared(&base, &revision), [], "{:?}\n{}\n{}", done, base, revision);
    }

    #[test]
    fn who_rewrites_changes_nothing_on_the_wire(mut choices in Choices::any(1_500), mut how in Choices::any(40)) {
        let base = contract(&mut choices);
        let mut revision = base.clone();
        for _ in 0..=how.below(6) {
            let all: Vec<_> = refactoring::SILENT.into_iter().chain(refactoring::TOLD).collect();
            let (_, rewriting) = *how.pick(&all);
            rewriting(&mut how, &mut revision);
        }
        for change in compared(&base, &revision) {
            prop_assert_eq!(change.wire, Verdict::Compatible, "{:?}", change);
        }
    }

    /// Each change is at the same two places, goes the same way and reaches the same
    /// operations when the documents change places. More cannot be said: a wider request is compatible
    /// and a narrower one breaks, a renamed rule has another name, an added optional member is compatible
    /// while a removed one may break, and what is neither wider nor narrower breaks both ways. And not of unions:
    /// which alternative became which depends on what the others take; a validator judges those.
    #[test]
    fn what_changed_one_way_changed_the_other_way(mut choices in Choices::any(1_500), mut how in Choices::any(200)) {
        let base = contract(&mut choices);
        let mut revision = base.clone();
        for _ in 0..=how.below(3) {
            mutate(&mut how, &mut revision);
        }
        let (base, revision) = (document("base.json", &base), document("revision.json", &revision));
        let there = diff(&base, &revision);
        let back = diff(&revision, &base).into_iter().map(|change| Change {
            base: change.revision,
            revision: change.base,
            ..change
        });
        let back: Vec<_> = back.collect();
        let of_union = |change: &Change| ["any-of", "one-of"].iter().any(|it| change.rule.contains(it));
        let unions = there.iter().chain(&back).any(of_union);
        if !unions {
            prop_assert_eq!(seen(there), seen(back), "{}\n{}", base.json, revision.json);
        }
    }

    /// A component is called otherwise than what was written where it is used, and stands elsewhere: what changed,
    /// for whom, is the same.
    #[test]
    fn who_splits_a_document_changes_nothing(mut choices in Choices::any(1_500), mut how in Choices::any(900)) {
        let whole = contract(&mut choices);
        let mut other = whole.clone();
        for _ in 0..=how.below(3) {
            mutate(&mut how, &mut other);
        }
        let [old, new] = [&whole, &other].map(|json| Parts::of(&mut how, json));
        let [base, revision] = [&old, &new].map(Parts::load);
        let (whole, other) = (document("base.json", &whole), document("revision.json", &other));
        prop_assert_eq!(diff(&whole, &base), [], "{:?}", &old);
        prop_assert_eq!(diff(&revision, &other), [], "{:?}", &new);
        let said = told(diff(&base, &revision));
        prop_assert_eq!(told(diff(&whole, &other)), said, "{:?} {:?}", &old, &new);
    }

    #[test]
    fn what_is_no_contract_is_compared_all_the_same(mut choices in Choices::any(1_500), mut how in Choices::any(200)) {
        let base = contract(&mut choices);
        let mut revision = base.clone();
        for _ in 0..=how.below(30) {
            wreck(&mut how, &mut revision);
        }
        compared(&base, &revision);
        compared(&revision, &base);
        prop_assert_eq!(compared(&revision, &revision), [], "{}", revision);
    }
}
