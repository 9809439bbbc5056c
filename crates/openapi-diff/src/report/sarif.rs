//! The report as a SARIF log (OASIS, "Static Analysis Results Interchange Format", version 2.1.0), which
//! GitHub's code scanning, GitLab and editors read.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Report, Row};
use crate::change::{Location, Verdict};

/// What a path may not have in a URI (RFC 3986 section 3.3).
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn render(report: &Report, path: impl Fn(&str) -> String) -> Value {
    let mut numbers = HashMap::new();
    for row in report.listed() {
        let next = numbers.len();
        numbers.entry(&*row.change.rule).or_insert(next);
    }
    let mut rules: Vec<_> = crate::rules()
        .filter_map(|rule| Some((*numbers.get(&*rule.id)?, rule)))
        .map(|(number, rule)| {
            let text = |text: &str| json!({"text": text});
            let mut described = json!({"id": rule.id, "shortDescription": text(&rule.explanation)});
            if rule.turned.is_some() {
                described["help"] = text(&rule.whole());
            }
            (number, described)
        })
        .collect();
    rules.sort_by_key(|(number, _)| *number);
    let rules: Vec<_> = rules.into_iter().map(|(_, rule)| rule).collect();
    let results = report.listed().map(|row| result(row, numbers[&*row.change.rule], &path));
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "openapi-diff",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            // Columns count characters, not UTF-16 code units.
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn result(row: &Row, rule: usize, path: impl Fn(&str) -> String) -> Value {
    let Row { change, accepted, policy, shown, .. } = row;
    let level = match change.worst() {
        Verdict::Compatible => "note",
        Verdict::PotentiallyBreaking => "warning",
        Verdict::Breaking => "error",
    };
    let mut result = json!({
        "ruleId": change.rule,
        "ruleIndex": rule,
        "level": level,
        "message": {"text": change.message},
        "locations": [{
            "physicalLocation": physical(shown, &path),
            "logicalLocations": [{"fullyQualifiedName": shown.pointer}],
        }],
        // Without lines, so that the result is the same one when others are added above it.
        "partialFingerprints": {
            "openapiDiff/v1": format!("{} {} {}", change.rule, change.pointer(), change.message),
        },
        "properties": {
            "wire": change.wire,
            "runTime": change.run_time,
            "operations": change.operations.iter().map(ToString::to_string).collect::<Vec<_>>(),
        },
    });
    if let Some(base) = &change.base {
        result["relatedLocations"] = json!([{
            "physicalLocation": physical(base, &path),
            "message": {"text": format!("in the base, {}", base.file)},
        }]);
    }
    for (name, text) in
        [("runTimeNote", change.run_time_note.as_deref()), ("policy", policy.as_deref())]
    {
        if let Some(text) = text {
            result["properties"][name] = json!(text);
        }
    }
    if let Some(reason) = accepted {
        result["suppressions"] = json!([{"kind": "external", "justification": reason}]);
    }
    result
}

fn physical(location: &Location, path: impl Fn(&str) -> String) -> Value {
    let uri = utf8_percent_encode(&path(&location.file), PATH).to_string();
    let mut region = json!({"startLine": location.line.unwrap_or(1)});
    if let Some(column) = location.column {
        region["startColumn"] = json!(column);
    }
    json!({"artifactLocation": {"uri": uri}, "region": region})
}
