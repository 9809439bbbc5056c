//! The review for programs.

use serde_json::{Value, json};

use super::Review;
use crate::compile::Compiles;

/// The object of the report, with more members.
pub(super) fn render(review: &Review) -> Value {
    let mut object = review.report.json();
    let findings: Vec<_> = review.findings.iter().map(ToString::to_string).collect();
    object["findings"] = json!(findings);
    object["staleFiles"] = json!(review.stale);
    object["snapshots"] = json!(review.snapshots);
    object["compiles"] = match &review.compiles {
        None => Value::Null,
        Some(Compiles::Yes) => json!({"checked": true, "errors": []}),
        Some(Compiles::No { errors, .. }) => json!({"checked": true, "errors": errors}),
        Some(Compiles::NotChecked { why }) => json!({"checked": false, "why": why}),
    };
    object
}
