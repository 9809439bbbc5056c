//! Operations that the generator cannot take: the client of the others is judged all the same.

use std::collections::{BTreeMap, BTreeSet};

use openapi_diff::OperationRef;
use openapi_document::{Contract, Diagnostic, Document, METHODS, unescape};
use serde_json::Value;

use crate::report::attribution::{component, refer};

/// An operation that the client of neither side has.
#[derive(Debug, Clone)]
pub struct LeftOut {
    /// The operation.
    pub operation: OperationRef,
    /// What the generator cannot take of it, or of what it refers to.
    pub why: Diagnostic,
    /// The generator can take the operation of the base, or there is none.
    pub new: bool,
}

/// The operations of a contract that have one of the findings, by themselves or by what they refer to. Nothing
/// if there is one that no operation has, or if no operation would be left.
pub(crate) fn of(contract: &Contract, findings: Vec<Diagnostic>) -> Vec<LeftOut> {
    let mut places = BTreeMap::new();
    let mut components = Vec::new();
    for why in findings {
        if why.pointer.starts_with("/paths/") {
            places.entry(why.pointer.clone()).or_insert(why);
        } else if let Some(name) = component(&why.pointer) {
            components.push((name.to_owned(), why));
        } else {
            return Vec::new();
        }
    }
    let mut users = BTreeMap::new();
    if !components.is_empty() {
        refer(contract, &contract.root(), &mut users);
    }
    let mut seen = BTreeSet::new();
    while let Some((name, why)) = components.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        for place in users.get(&name).into_iter().flatten() {
            match component(place) {
                Some(outer) => components.push((outer.to_owned(), why.clone())),
                None => {
                    places.entry(place.clone()).or_insert_with(|| why.clone());
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    for (place, why) in places {
        let mut tokens = place.split('/').skip(2).map(unescape);
        let (Some(path), method) = (tokens.next(), tokens.next()) else { continue };
        let one = method.filter(|method| METHODS.contains(&method.as_str()));
        found.entry((path, one)).or_insert(why);
    }
    let operations: Vec<_> = contract.operations().collect();
    let left: Vec<_> = operations
        .iter()
        .filter_map(|it| {
            let of =
                |method: Option<&str>| found.get(&(it.path.to_owned(), method.map(str::to_owned)));
            let why = of(Some(it.method)).or_else(|| of(None))?;
            let id = it.value.get("operationId").and_then(Value::as_str).map(str::to_owned);
            let (path, method) = (it.path.to_owned(), it.method.to_owned());
            Some(LeftOut {
                operation: OperationRef { path, method, id },
                why: why.clone(),
                new: true,
            })
        })
        .collect();
    if left.len() < operations.len() { left } else { Vec::new() }
}

/// Those of the base and of the revision, each operation once.
pub(crate) fn merged([base, revision]: [Vec<LeftOut>; 2]) -> impl Iterator<Item = LeftOut> {
    let base = base.into_iter().map(|it| LeftOut { new: false, ..it });
    let mut seen = BTreeSet::new();
    let all = base.chain(revision);
    all.filter(move |it| seen.insert((it.operation.path.clone(), it.operation.method.clone())))
}

/// A contract without the operations; `None` if it has none of them.
pub(crate) fn without(contract: &Contract, left_out: &[LeftOut]) -> Option<Contract> {
    let left_out: BTreeSet<_> = left_out
        .iter()
        .map(|it| (it.operation.path.as_str(), it.operation.method.as_str()))
        .collect();
    let mut all = contract.operations();
    all.any(|it| left_out.contains(&(it.path, it.method))).then(|| {
        let document: Document = (**contract).clone();
        Contract::new(document.without(|it| left_out.contains(&(it.path, it.method))))
    })
}
