//! A run: batches are generated and compiled, instances are made, read and judged.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use fastrand::Rng;
use serde_json::Value;

use crate::batch::Batch;
use crate::harness::{Package, Workspace};
use crate::instances::Instance;
use crate::report::{Failure, Report};
use crate::schemas;
use crate::verdict::Subject;

/// How many schemas are in one package.
const BATCH: usize = 100;

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The workspace with the client library.
    pub source: PathBuf,
    /// Where the throw-away workspace is.
    pub target: PathBuf,
    /// The seed of everything that is random.
    pub seed: u64,
    /// How many schemas to make.
    pub schemas: usize,
    /// How many instances to make of each schema.
    pub instances: usize,
    /// Contracts whose schemas are taken too: what each is called, and its text.
    pub contracts: Vec<(String, String)>,
}

/// Runs a plan.
///
/// # Errors
/// A file cannot be read or written, cargo cannot be started, or a contract is no YAML.
pub fn run(plan: &Plan) -> io::Result<Report> {
    let mut report = Report { seed: plan.seed, ..Report::default() };
    let mut rng = Rng::with_seed(plan.seed);
    let mut batches = Vec::new();
    for (label, text) in &plan.contracts {
        let batch = Batch::of_contract(label.clone(), text).map_err(io::Error::other)?;
        batches.push(batch);
    }
    for first in (0..plan.schemas).step_by(BATCH) {
        let numbers = first..plan.schemas.min(first + BATCH);
        let schemas = numbers.map(|number| schemas::schema(number, &mut rng)).collect();
        batches.push(Batch::of(format!("random schemas from {first}"), schemas));
    }
    report.schemas = batches.iter().map(|batch| batch.roots.len()).sum();
    let workspace = Workspace::new(&plan.source, &plan.target)?;
    for package in workspace.build(batches, &mut report)? {
        judge(plan, &workspace, &package, &mut rng, &mut report)?;
    }
    Ok(report)
}

/// Makes instances for each model of a package, and judges what becomes of them.
fn judge(
    plan: &Plan,
    workspace: &Workspace,
    package: &Package,
    rng: &mut Rng,
    report: &mut Report,
) -> io::Result<()> {
    let batch = &package.batch;
    let mut made: Vec<(usize, Instance)> = Vec::new();
    let mut subjects = Vec::new();
    let closures: Vec<_> =
        package.entries.iter().map(|entry| batch.closure([entry.name.as_str()])).collect();
    for (index, (entry, components)) in package.entries.iter().zip(&closures).enumerate() {
        let subject = Subject::new(entry, components);
        let before = made.len();
        for number in 0..plan.instances {
            let Some(Subject { instances, .. }) = &subject else { break };
            let broken = number % 3 == 2 && entry.whole;
            let one = if broken { instances.broken(rng) } else { instances.good(rng) };
            // Many a schema has no limit to break.
            let one = one.or_else(|| broken.then(|| instances.good(rng)).flatten());
            made.extend(one.map(|one| (index, one)));
        }
        report.without_instance += usize::from(made.len() == before);
        report.without_validator += usize::from(subject.is_none());
        subjects.push(subject);
    }
    report.instances += made.len();
    report.broken += made.iter().filter(|(_, instance)| instance.broken).count();
    let lines: Vec<_> = made.iter().map(|(index, one)| (*index, one.text.as_str())).collect();
    let verdicts = workspace.run(package, &lines)?;
    let verdicts = verdicts.into_iter().map(Some).chain(std::iter::repeat(None));
    let mut found: BTreeMap<String, (usize, usize, String, &Instance)> = BTreeMap::new();
    for ((index, instance), verdict) in made.iter().zip(verdicts) {
        let Some(subject) = &subjects[*index] else { continue };
        let Some(verdict) = verdict else {
            let why = "the program ended before it has a verdict".to_owned();
            let root = &package.entries[*index].root;
            report.fail(Failure::new("crash", why, batch, root, Some(&instance.text)));
            break;
        };
        for (kind, why) in subject.faults(instance, &verdict, report) {
            let size = |index: usize, text: &str| {
                Value::from(closures[index].clone()).to_string().len() + text.len()
            };
            let smallest = found.entry(kind).or_insert((0, *index, why.clone(), instance));
            smallest.0 += 1;
            if size(*index, &instance.text) < size(smallest.1, &smallest.3.text) {
                (smallest.1, smallest.2, smallest.3) = (*index, why, instance);
            }
        }
    }
    for (kind, (count, index, why, instance)) in found {
        let (entry, Some(subject)) = (&package.entries[index], &subjects[index]) else { continue };
        let mut shrunk = (instance.clone(), why);
        while let Some(smaller) = shrink(workspace, package, subject, index, &kind, &shrunk.0)? {
            shrunk = smaller;
        }
        let why = format!("{} (read as {})", shrunk.1, entry.name);
        let failure = Failure::new(&kind, why, batch, &entry.root, Some(&shrunk.0.text));
        for _ in 0..count {
            report.fail(failure.clone());
        }
    }
    Ok(())
}

/// An instance with less in it that fails in the same way, and how.
fn shrink(
    workspace: &Workspace,
    package: &Package,
    subject: &Subject<'_>,
    index: usize,
    kind: &str,
    instance: &Instance,
) -> io::Result<Option<(Instance, String)>> {
    let candidates = smaller(&instance.value).into_iter();
    let candidates: Vec<_> =
        candidates.filter_map(|value| subject.instances.again(value, instance.broken)).collect();
    let lines: Vec<_> = candidates.iter().map(|one| (index, one.text.as_str())).collect();
    let verdicts = workspace.run(package, &lines)?;
    let failing = candidates.iter().zip(verdicts).find_map(|(one, verdict)| {
        let faults = subject.faults(one, &verdict, &mut Report::default());
        let why = faults.into_iter().find(|(other, _)| other == kind)?.1;
        Some((one.clone(), why))
    });
    Ok(failing)
}

/// A value without one of its parts, or with a part that is as simple as can be; the largest first to go.
fn smaller(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let mut without = members.clone();
                without.shift_remove(name);
                found.push(without.into());
                for member in smaller(member) {
                    let mut simpler = members.clone();
                    simpler.insert(name.clone(), member);
                    found.push(simpler.into());
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let mut without = items.clone();
                without.remove(index);
                found.push(without.into());
                for item in smaller(item) {
                    let mut simpler = items.clone();
                    simpler[index] = item;
                    found.push(simpler.into());
                }
            }
        }
        Value::String(text) if text.len() > 1 => found.extend(["".into(), "a".into()]),
        _ => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_instance_gets_smaller_part_by_part() {
        let found = smaller(&json!({"a": ["xy"], "b": 1}));
        let expected = [
            json!({"b": 1}),
            json!({"a": [], "b": 1}),
            json!({"a": [""], "b": 1}),
            json!({"a": ["a"], "b": 1}),
            json!({"a": ["xy"]}),
        ];
        assert_eq!(found, expected);
    }
}
