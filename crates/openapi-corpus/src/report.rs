//! What a run found: counts, and of each kind of failure the smallest example.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::batch::{Batch, Root};

/// Something that generated code got wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What is wrong, without any name or value: failures of one kind most likely have one cause.
    pub kind: String,
    /// What is wrong here.
    pub why: String,
    /// The schema, with those that it refers to.
    pub schema: Map<String, Value>,
    /// The batch, the component and how it is used.
    pub place: String,
    /// The instance as JSON, if it is about one.
    pub instance: Option<String>,
}

impl Failure {
    /// A failure of a schema of a batch.
    #[must_use]
    pub fn new(
        kind: &str,
        why: String,
        batch: &Batch,
        root: &Root,
        instance: Option<&str>,
    ) -> Self {
        Self {
            kind: kind.to_owned(),
            why,
            schema: batch.closure([root.name.as_str()]),
            place: format!("{}, {} as a {:?}", batch.label, root.name, root.used),
            instance: instance.map(str::to_owned),
        }
    }

    /// How much there is to read in it.
    #[must_use]
    pub fn size(&self) -> usize {
        let schema = Value::from(self.schema.clone()).to_string().len();
        schema + self.instance.as_ref().map_or(0, String::len)
    }
}

/// A message without its names, texts and numbers.
#[must_use]
pub fn plain(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    // What an escaped quotation mark parts is within a text all the same.
    let line = line.replace("\\\"", "");
    let mut out = String::new();
    for (index, part) in line.split('`').enumerate() {
        if index % 2 == 1 {
            out.push('…');
            continue;
        }
        let parts = part.split('"').enumerate();
        out.extend(parts.map(|(index, part)| if index % 2 == 1 { "…" } else { part }));
    }
    let words = out.split(' ').scan("", |before, word| {
        let name = ["enum", "struct", "newtype"].contains(&std::mem::replace(before, word));
        let digits = word.trim_end_matches(',').parse::<f64>().is_ok();
        Some(if name || digits || word.starts_with('/') { "…" } else { word })
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The seed of the run.
    pub seed: u64,
    /// How many schemas there were.
    pub schemas: usize,
    /// How many of them have a model that compiles.
    pub generated: usize,
    /// How many have limits that no request may have: their models are those of responses.
    pub only_answers: usize,
    /// How many were refused for which reason.
    pub refused: BTreeMap<String, usize>,
    /// How many the validator does not take, such as for a regular expression.
    pub without_validator: usize,
    /// How many schemas no instance could be made of.
    pub without_instance: usize,
    /// How many instances were made.
    pub instances: usize,
    /// How many of them break a limit.
    pub broken: usize,
    /// How many were parsed.
    pub parsed: usize,
    /// How many models were written back as they were read.
    pub written: usize,
    /// Of how many the violations were compared.
    pub compared: usize,
    /// Of how many the variant of a union was checked.
    pub variants: usize,
    /// The failures by kind: how many, and the smallest.
    pub failures: BTreeMap<String, (usize, Failure)>,
}

impl Report {
    /// Adds a failure.
    pub fn fail(&mut self, failure: Failure) {
        match self.failures.get_mut(&failure.kind) {
            None => {
                self.failures.insert(failure.kind.clone(), (1, failure));
            }
            Some((count, smallest)) => {
                *count += 1;
                if failure.size() < smallest.size() {
                    *smallest = failure;
                }
            }
        }
    }

    /// Whether nothing failed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused: usize = self.refused.values().sum();
        writeln!(f, "seed {}", self.seed)?;
        writeln!(
            f,
            "schemas: {} made, {refused} refusals, {} generated, {} of them as responses alone",
            self.schemas, self.generated, self.only_answers
        )?;
        for (reason, count) in &self.refused {
            writeln!(f, "  {count:>6} {reason}")?;
        }
        writeln!(
            f,
            "instances: {} made, {} of them beyond a limit; {} parsed, {} written back equal, \
             {} compared by violations, {} by variant; {} schemas without any, \
             {} without a validator",
            self.instances,
            self.broken,
            self.parsed,
            self.written,
            self.compared,
            self.variants,
            self.without_instance,
            self.without_validator
        )?;
        let total: usize = self.failures.values().map(|(count, _)| count).sum();
        writeln!(f, "failures: {total} of {} kinds", self.failures.len())?;
        let mut failures: Vec<_> = self.failures.values().collect();
        failures.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        for (count, failure) in failures {
            writeln!(f, "\n{count} x {}", failure.kind)?;
            writeln!(f, "  {}", failure.why.trim_end().replace('\n', "\n  "))?;
            writeln!(f, "  in {}", failure.place)?;
            writeln!(f, "  schema {}", Value::from(failure.schema.clone()))?;
            if let Some(instance) = &failure.instance {
                writeln!(f, "  instance {instance}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_no_names_texts_and_numbers() {
        for (message, kind) in [
            (
                "invalid type: string \"a \\\" b\", expected struct Qaa",
                "invalid type: string …, expected struct …",
            ),
            ("invalid type: integer `1`, expected i64", "invalid type: integer …, expected i64"),
            ("no variant of untagged enum Qaab", "no variant of untagged enum …"),
            ("`enum` of /a/b would be", "… of … would be"),
            ("at most 12 characters\nor so", "at most … characters"),
        ] {
            assert_eq!(plain(message), kind);
        }
    }

    #[test]
    fn of_each_kind_the_smallest_is_kept_and_all_are_counted() {
        let mut report = Report::default();
        for instance in ["{\"a\":1}", "{}", "[1,2]"] {
            let instance = Some(instance.to_owned());
            let (kind, why, place) = ("kind".to_owned(), String::new(), String::new());
            report.fail(Failure { kind, why, place, schema: Map::new(), instance });
        }
        let (count, smallest) = &report.failures["kind"];
        assert_eq!((*count, smallest.instance.as_deref()), (3, Some("{}")));
        assert!(!report.is_clean());
    }
}
