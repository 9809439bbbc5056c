//! The report for programs.

use serde_json::{Map, Value, json};

use super::{Aspect, Code, Report, Row};

/// One object.
pub(super) fn render(report: &Report) -> Value {
    let changes: Vec<_> = report.rows.iter().map(|row| change(report, row)).collect();
    let code = match &report.code {
        Code::Compared { items } => {
            let names: Vec<_> = items.iter().map(|item| item.name.as_str()).collect();
            json!({"compared": true, "identical": items.is_empty(), "changedItems": names})
        }
        Code::NotCompared { why } => json!({"compared": false, "why": why}),
    };
    json!({
        "base": report.base,
        "revision": report.revision,
        "changes": changes,
        "generatedCode": code,
        "staleAcceptances": report.stale,
        "recommendedVersions": report.advice,
    })
}

fn change(report: &Report, row: &Row) -> Value {
    let names = ["wire", "rustApi", "runTime"].into_iter().zip(Aspect::ALL);
    let verdicts: Map<_, _> =
        names.map(|(name, aspect)| (name.to_owned(), json!(report.verdict(row, aspect)))).collect();
    let change = row.change.as_ref();
    json!({
        "rule": row.rule(),
        "message": row.message(),
        "direction": change.map(|change| change.direction),
        "verdicts": verdicts,
        "runTimeNote": change.and_then(|change| change.run_time_note.as_deref()),
        "operations": row.operations(),
        "base": change.and_then(|change| change.base.as_ref()),
        "revision": change.and_then(|change| change.revision.as_ref()),
        "rust": row.rust,
        "accepted": row.accepted,
    })
}
