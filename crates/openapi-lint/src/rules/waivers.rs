//! Exceptions, written beside the place with their reason: `x-lint-waive: {rule: reason}`.
//!
//! One covers the object that has it and all that is in it. It must name a rule, say why, and be
//! needed: an exception that nothing falls under any more is an error.

use std::collections::{BTreeSet, HashMap};

use openapi_document::{Contract, Diagnostic, Rule, escape, nearest};

use crate::walk;

openapi_document::rules! {
    /// A waiver, an entry of `x-lint-waive`, names a rule that can be waived and says why.
    ///
    /// **Fix** the name, or write the reason.
    /// **Waive** for the whole contract, or on an object around.
    WAIVER = error(House, "waiver", "a waiver names a rule that can be waived, and says why") {
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
    /// **Fix** by removing it.
    /// **Waive** for the whole contract, or on an object around.
    STALE_WAIVER = error(House, "stale-waiver", "a waiver is needed") {
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
    // What is wrong with them is waived as well, and by those that are needed for that alone.
    let own = [WAIVER.id, STALE_WAIVER.id];
    let mut used = BTreeSet::new();
    cover(&waivers, findings, &mut used);
    cover(&waivers, &mut wrong, &mut used);
    for own_too in [false, true] {
        let left = waivers.iter().enumerate().filter(|(index, (_, rule, ..))| {
            !used.contains(index) && own.contains(rule) == own_too
        });
        let mut stale: Vec<_> = left
            .map(|(_, (_, rule, _, pointer))| {
                let message = format!("nothing here breaks the rule `{rule}`");
                contract.source.diagnostic(STALE_WAIVER, pointer, message, "remove the waiver")
            })
            .collect();
        cover(&waivers, &mut stale, &mut used);
        wrong.append(&mut stale);
    }
    findings.append(&mut wrong);
}

/// Where a waiver is, the rule, the reason, and the pointer of the waiver itself.
type Waiver<'a> = (String, &'a str, &'a str, String);

/// Marks what is waived among `findings`, and notes which waivers do so.
fn cover(waivers: &[Waiver<'_>], findings: &mut [Diagnostic], used: &mut BTreeSet<usize>) {
    let at: HashMap<_, _> =
        waivers.iter().enumerate().map(|(index, it)| ((it.1, it.0.as_str()), index)).collect();
    for finding in findings.iter_mut().filter(|_| !at.is_empty()) {
        // The nearest one speaks.
        let mut holder = finding.within.as_str();
        let covering = loop {
            let found = at.get(&(finding.rule, holder));
            match holder.rsplit_once('/').filter(|_| found.is_none()) {
                Some((around, _)) => holder = around,
                None => break found,
            }
        };
        if let Some(index) = covering {
            used.insert(*index);
            finding.waived = Some(waivers[*index].2.to_owned());
        }
    }
}
