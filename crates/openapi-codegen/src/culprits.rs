//! Which parts of a lowered contract progenitor cannot take. It says why, and not where: it is given parts of
//! what it refused, and halves of those that it refuses too.
//!
//! A part is cut off from the rest: a schema that is not in it, and that it refers to, is there as one of any
//! value. So all the parts of a level are together as large as the contract is, however much they share.

use std::collections::BTreeSet;

use openapi_document::{Contract, Diagnostic};
use openapiv3::OpenAPI;
use serde_json::{Map, Value, json};

use crate::models::Models;
use crate::{lower, rules, tokens};

/// How many are looked for: a contract with more of them has one that is in many places.
const LIMIT: usize = 16;

/// The places that progenitor cannot take, or the whole contract if it takes every part of it.
pub(crate) fn find(
    contract: &Contract,
    models: &Models,
    lowered: &OpenAPI,
    why: &str,
) -> Vec<Diagnostic> {
    let parts = Parts::of(lowered);
    let found = search(&parts.schemas, &|names| parts.schemas_fail(names));
    let place = |name: &&str| models.types.get(*name).map_or("", |model| &model.pointer);
    let mut found: Vec<_> = found.iter().map(|(name, why)| (place(name), why.as_str())).collect();
    let operations: Vec<_> = contract.operations().filter(lower::is_sent).collect();
    let failing;
    if found.is_empty() {
        failing = search(&operations, &|operations| {
            parts.operations_fail(operations.iter().map(|it| (it.path, it.method)))
        });
        found.extend(failing.iter().map(|(it, why)| (it.pointer.as_str(), why.as_str())));
    }
    if found.is_empty() {
        found.push(("", why));
    }
    let most = found.len() == LIMIT;
    let finding = |(pointer, why)| {
        let help = "simplify what the contract says there, leave the operation out by `[operations.skip]`, or add a \
                    lowering pass for it";
        let rest = if most { "; there may be more than the places that are named" } else { "" };
        let message = format!("progenitor cannot take this: {}{rest}", short(why));
        contract.source.diagnostic(rules::GENERATOR, pointer, message, help)
    };
    found.into_iter().map(finding).collect()
}

/// The parts that fail by themselves, and why, in their order.
fn search<'p, P>(
    parts: &'p [P],
    fails: &dyn Fn(&'p [P]) -> Option<String>,
) -> Vec<(&'p P, String)> {
    let (mut todo, mut found) = (vec![parts], Vec::new());
    while let Some(parts) = todo.pop().filter(|_| found.len() < LIMIT) {
        match (parts, fails(parts)) {
            (_, None) => {}
            ([one], Some(why)) => found.push((one, why)),
            (several, Some(_)) => {
                let (first, second) = several.split_at(several.len() / 2);
                todo.extend([second, first].into_iter().filter(|half| !half.is_empty()));
            }
        }
    }
    found
}

/// A lowered contract in parts.
struct Parts<'a> {
    whole: Value,
    schemas: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(lowered: &'a OpenAPI) -> Self {
        let schemas = lowered.components.iter().flat_map(|components| components.schemas.keys());
        Self {
            whole: serde_json::to_value(lowered).unwrap_or_default(),
            schemas: schemas.map(String::as_str).collect(),
        }
    }

    /// Why schemas cannot be taken, without any operation.
    fn schemas_fail(&self, names: &[&str]) -> Option<String> {
        self.fail(Map::new(), names.iter().copied().collect())
    }

    /// Why operations cannot be taken, by their paths and methods, with what they refer to themselves.
    fn operations_fail<'o>(
        &self,
        operations: impl Iterator<Item = (&'o str, &'o str)>,
    ) -> Option<String> {
        let (mut paths, mut references) = (Map::new(), Vec::new());
        for (path, method) in operations {
            let operation = &self.whole["paths"][path][method];
            lower::references(operation, &mut references);
            let item = paths.entry(path).or_insert_with(|| json!({}));
            item[method] = operation.clone();
        }
        let names = references.iter().filter_map(|at| component(at)).collect();
        self.fail(paths, names)
    }

    fn fail(&self, paths: Map<String, Value>, names: BTreeSet<&str>) -> Option<String> {
        let (mut schemas, mut references) = (Map::new(), Vec::new());
        for name in names {
            let schema = &self.whole["components"]["schemas"][name];
            lower::references(schema, &mut references);
            schemas.insert(name.to_owned(), schema.clone());
        }
        for name in references.iter().filter_map(|at| component(at)) {
            schemas.entry(name).or_insert_with(|| json!({}));
        }
        let mut spec = json!({"openapi": self.whole["openapi"], "info": self.whole["info"]});
        spec["paths"] = paths.into();
        spec["components"] = json!({});
        spec["components"]["schemas"] = schemas.into();
        let spec = serde_json::from_value(spec);
        // What was read as a whole is read in parts.
        spec.map_or_else(|error| Some(error.to_string()), |spec| tokens(&spec).err())
    }
}

/// The name of the schema that a reference leads to.
fn component(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

/// What is said before something is printed as Rust has it, which nobody reads.
fn short(why: &str) -> String {
    let words = why.split_whitespace().take_while(|word| {
        let name = word.trim_end_matches(|it: char| !it.is_ascii_alphanumeric());
        let name = name.split(['(', '{']).next().unwrap_or_default();
        let is_value =
            word.contains('(') && name.starts_with(char::is_uppercase) || word.starts_with('{');
        !is_value
    });
    let text = words.collect::<Vec<_>>().join(" ");
    let text: String = text.chars().take(200).collect();
    text.trim_end_matches([':', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// What is found among `count` parts of which these fail, and how many parts were tried in all.
    fn searched(count: usize, failing: &[usize]) -> (Vec<usize>, usize) {
        let (parts, tried): (Vec<_>, _) = ((0..count).collect(), Cell::new(0));
        let fails = |parts: &[usize]| {
            tried.set(tried.get() + parts.len());
            parts.iter().any(|part| failing.contains(part)).then(String::new)
        };
        let found = search(&parts, &fails).iter().map(|(part, _)| **part).collect();
        (found, tried.get())
    }

    #[test]
    fn what_fails_is_found_in_the_time_that_the_whole_takes() {
        assert_eq!(searched(0, &[]), (vec![], 0));
        assert_eq!(searched(1, &[0]), (vec![0], 1));
        for count in [10, 1_000, 100_000] {
            for failing in [vec![0], vec![count - 1], vec![0, count / 2, count - 1]] {
                let (found, tried) = searched(count, &failing);
                assert_eq!(found, failing);
                assert!(tried <= 4 * failing.len() * count, "{count}: {tried}");
            }
        }
        let all: Vec<_> = (0..1_000).collect();
        let (found, tried) = searched(1_000, &all);
        assert_eq!(found, all[..LIMIT]);
        assert!(tried < 3_000, "{tried}");
    }

    #[test]
    fn what_a_message_dumps_is_left_out() {
        for (why, said) in [
            (
                "invalid schema for text/plain: Item(Schema { x: 1 })",
                "invalid schema for text/plain",
            ),
            ("unexpected value Some(1)", "unexpected value"),
            ("type error { a: 1 }", "type error"),
            ("the operation (get) is odd", "the operation (get) is odd"),
        ] {
            assert_eq!(short(why), said);
        }
    }
}
