//! Exceptions, written beside the place with their reason: `x-lint-waive: {rule: reason}`.
//!
//! One covers the object that has it and all that is in it. It must name a rule, say why, and be
//! needed: an exception that nothing falls under any more is an error.

use std::collections::BTreeSet;

use openapi_document::{Contract, Diagnostic, Pointer, Rule, escape, nearest};

use crate::walk;

openapi_document::rules! {
    /// A waiver, an entry of `x-lint-waive`, names a rule that can be waived and says why.
    ///
    /// **Fix** the name, or write the reason. Cannot be waived.
    WAIVER = required("waiver", "a waiver names a rule that can be waived, and says why") {
        bad: [
            ("tags: [t]", "x-lint-waive: {path-paramter: why}", 11),
            ("tags: [t]", "x-lint-waive: {path: ' '}", 11),
            ("tags: [t]", "x-lint-waive: {yaml: why}", 11),
            ("tags: [t]", "x-lint-waive: why", 11),
        ],
        good: [
            (", format: uuid}", "}, x-lint-waive: {open-path-parameter: the service makes the ids}"),
        ],
    }

    /// A waiver is needed: something at its place or below would be found without it. Left over, it would hide the
    /// next one.
    ///
    /// **Fix** by removing it. Cannot be waived.
    STALE_WAIVER = required("stale-waiver", "a waiver is needed") {
        bad: [
            ("tags: [t]", "x-lint-waive: {path: why}", 11),
        ],
        good: [
            ("tags: [{name: t}]", "tags: [{name: t}]\nservers: [{url: 'https://a'}]\nx-lint-waive: {ignored-servers: there is one}"),
            ("components:", "    post: {operationId: postA, responses: {'404': {description: gone}, x-lint-waive: {one-success: a stream}}}\ncomponents:"),
            ("paths:\n", "paths:\n  x-lint-waive: {path: a gateway answers it}\n  /b//c: {}\n"),
        ],
    }
}

/// The extension that holds them.
const EXTENSION: &str = "x-lint-waive";

/// Marks what is waived among `findings`, and adds what is wrong with the waivers.
pub(crate) fn apply(contract: &Contract, known: &[Rule], findings: &mut Vec<Diagnostic>) {
    let all = || super::all().chain(known.iter());
    let mut wrong = Vec::new();
    let mut waivers = Vec::new();
    walk::objects(&contract.json, "", &mut |holder, object| {
        let Some(extension) = object.get(EXTENSION) else { return };
        let pointer = format!("{holder}/{EXTENSION}");
        let Some(entries) = extension.as_object().filter(|entries| !entries.is_empty()) else {
            let help = "expected `x-lint-waive: {rule: why it does not hold here}`";
            wrong.push(contract.source.diagnostic(
                WAIVER,
                &pointer,
                "nothing is waived here",
                help,
            ));
            return;
        };
        for (rule, reason) in entries {
            let pointer = format!("{pointer}/{}", escape(rule));
            let reason = reason.as_str().map(str::trim).unwrap_or_default();
            let (message, help) = match all().find(|it| it.id == rule) {
                None => {
                    let near = all().map(|rule| rule.id);
                    let help = nearest(rule, near).map_or_else(
                        || "`cargo xtask lint --explain` lists them".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    (format!("there is no rule `{rule}`"), help)
                }
                Some(known) if !known.waivable => {
                    let help = "fix what it finds: nothing can be generated otherwise".to_owned();
                    (format!("`{rule}` cannot be waived"), help)
                }
                Some(_) if reason.is_empty() => {
                    let help = "say in words why the rule does not hold here".to_owned();
                    (format!("`{rule}` is waived without a reason"), help)
                }
                Some(_) => {
                    waivers.push((holder.to_owned(), rule.as_str(), reason, pointer));
                    continue;
                }
            };
            wrong.push(contract.source.diagnostic(WAIVER, &pointer, message, help));
        }
    });
    let mut used = BTreeSet::new();
    for finding in findings.iter_mut() {
        // The nearest one speaks, and so comes last.
        let mut covering = waivers.iter().enumerate().filter(|(_, (holder, rule, ..))| {
            *rule == finding.rule && Pointer(&finding.within).is_within(holder)
        });
        if let Some((index, (_, _, reason, _))) = covering.next_back() {
            used.insert(index);
            finding.waived = Some((*reason).to_owned());
        }
    }
    for (_, (_, rule, _, pointer)) in
        waivers.iter().enumerate().filter(|(index, _)| !used.contains(index))
    {
        let message = format!("nothing here breaks the rule `{rule}`");
        wrong.push(contract.source.diagnostic(STALE_WAIVER, pointer, message, "remove the waiver"));
    }
    findings.append(&mut wrong);
}
