//! The report for programs.

use std::collections::HashMap;
use std::sync::Arc;

use rust_api_diff::ItemChange;
use serde_json::{Map, Value, json};

use super::{Aspect, Code, Report, Row};

/// The changes of items, each once, by their numbers.
#[derive(Default)]
struct Items<'r> {
    all: Vec<&'r ItemChange>,
    numbers: HashMap<*const ItemChange, usize>,
}

impl<'r> Items<'r> {
    fn number(&mut self, item: &'r Arc<ItemChange>) -> usize {
        *self.numbers.entry(Arc::as_ptr(item)).or_insert_with(|| {
            self.all.push(item);
            self.all.len() - 1
        })
    }
}

/// One object. A change has the numbers of the items that it changes.
pub(super) fn render(report: &Report) -> Value {
    let mut items = Items::default();
    let changes: Vec<_> = report.rows.iter().map(|row| change(report, row, &mut items)).collect();
    let code = match &report.code {
        Code::Compared { items, left_out } => {
            let names: Vec<_> = items.iter().map(|item| item.name.as_str()).collect();
            let left_out: Vec<_> = left_out
                .iter()
                .map(|it| json!({"operation": it.operation, "why": it.why.to_string()}))
                .collect();
            json!({
                "compared": true,
                "identical": items.is_empty(),
                "changedItems": names,
                "leftOut": left_out,
            })
        }
        Code::NotCompared { why } => json!({"compared": false, "why": why}),
    };
    json!({
        "base": report.base,
        "revision": report.revision,
        "changes": changes,
        "rustItems": items.all,
        "generatedCode": code,
        "staleAcceptances": report.stale,
        "recommendedVersions": report.advice,
    })
}

fn change<'r>(report: &Report, row: &'r Row, items: &mut Items<'r>) -> Value {
    let names = ["wire", "rustApi", "runTime"].into_iter().zip(Aspect::ALL);
    let verdicts: Map<_, _> =
        names.map(|(name, aspect)| (name.to_owned(), json!(report.verdict(row, aspect)))).collect();
    let change = row.change.as_ref();
    let rust: Vec<_> = row.rust.iter().map(|item| items.number(item)).collect();
    json!({
        "rule": row.rule(),
        "message": row.message(),
        "direction": change.map(|change| change.direction),
        "verdicts": verdicts,
        "runTimeNote": change.and_then(|change| change.run_time_note.as_deref()),
        "operations": row.operations(),
        "base": change.and_then(|change| change.base.as_ref()),
        "revision": change.and_then(|change| change.revision.as_ref()),
        "rust": rust,
        "accepted": row.accepted,
    })
}
