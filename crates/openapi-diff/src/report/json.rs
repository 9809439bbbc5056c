//! The report for programs. `report.schema.json` describes it, and a test holds the two together.

use serde_json::{Value, json};

use super::{Report, Row};

/// Raised when something that was there is gone or means something else.
const VERSION: u32 = 1;

/// One object.
pub(super) fn render(report: &Report) -> Value {
    let counts = |[breaking, maybe, compatible]: [usize; 3]| json!({"breaking": breaking, "potentiallyBreaking": maybe, "compatible": compatible});
    json!({
        "$schema": format!("urn:openapi-diff:report:{VERSION}"),
        "version": VERSION,
        "base": report.base,
        "revision": report.revision,
        "summary": {
            "wire": counts(report.counts(|change| change.wire)),
            "runTime": counts(report.counts(|change| change.run_time)),
        },
        "changes": report.listed().map(change).collect::<Vec<_>>(),
        "unlisted": report.rows.len() - report.listed().count(),
        "staleAcceptances": report.stale,
    })
}

fn change(row: &Row) -> Value {
    let change = &row.change;
    json!({
        "rule": change.rule,
        "message": change.message,
        "direction": change.direction,
        "verdicts": {"wire": change.wire, "runTime": change.run_time},
        "runTimeNote": change.run_time_note,
        "policy": row.policy,
        "operations": change.operations,
        "base": change.base,
        "revision": change.revision,
        "before": row.before,
        "after": row.after,
        "accepted": row.accepted,
    })
}
