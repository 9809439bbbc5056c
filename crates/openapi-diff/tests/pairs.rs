//! Pairs of small contracts, each made for one change: is what breaks found, and nothing else?
//!
//! `tests/pairs/NAME.yaml` holds the base and, after `---`, the revision. `expected.txt` says of each
//! whether it breaks anybody, and which rule should say so, if one has that very name.

use std::fmt::Write as _;
use std::path::Path;

use openapi_diff::{Document, Verdict, diff};

#[test]
fn every_pair_is_judged_right() {
    let pairs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pairs");
    let read = |name: &str| std::fs::read_to_string(pairs.join(name)).expect("a pair");
    let expected = read("expected.txt");
    let files = std::fs::read_dir(&pairs).expect("pairs").count();
    assert_eq!(expected.lines().count() + 1, files, "each pair has a line");
    let mut wrong = String::new();
    for line in expected.lines() {
        let mut words = line.split_whitespace();
        let (name, verdict) = (words.next().expect("a name"), words.next().expect("a verdict"));
        let text = read(&format!("{name}.yaml"));
        let (base, revision) = text.split_once("\n---\n").expect("two documents");
        let parse = |text| Document::parse(name, text).expect("a document");
        let changes = diff(&parse(base), &parse(revision));
        let breaks = changes.iter().any(|change| change.wire > Verdict::Compatible);
        let unnamed = words.find(|rule| !changes.iter().any(|change| change.rule == *rule));
        if breaks != (verdict == "breaking") || unnamed.is_some() {
            let found: Vec<_> = changes.iter().map(|c| (&c.rule, c.wire, &c.message)).collect();
            writeln!(wrong, "{line}\n    found {found:?}").expect("memory");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
