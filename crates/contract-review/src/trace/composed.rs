//! What a schema is composed of, by the names of what is in there.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;

use openapi_document::{Contract, Cursor, fold};

use super::BRANCHES;
use super::names::Names;

/// How many parts of a schema are looked at, so that schemas which are composed of each other take no more time
/// than others.
const PARTS: usize = 256;

/// How many branches are taken for one variant.
const ALIKE: usize = 16;

/// The schemas that one is composed of.
pub(super) struct Composed<'a> {
    /// Those schemas, itself first.
    pub(super) parts: Vec<Cursor<'a>>,
    properties: OnceCell<Names<(&'a str, Cursor<'a>)>>,
    required: OnceCell<HashMap<&'a str, Vec<Cursor<'a>>>>,
    variants: OnceCell<Variants<'a>>,
}

impl<'a> Composed<'a> {
    pub(super) fn of(contract: &'a Contract, at: &Cursor<'a>) -> Self {
        let (mut parts, mut seen) = (Vec::new(), HashSet::new());
        let mut todo = vec![at.clone()];
        while let Some(at) = todo.pop().filter(|_| parts.len() < PARTS) {
            let at = contract.follow(at);
            if seen.insert(at.pointer.clone()) {
                let branches: Vec<_> = BRANCHES.iter().flat_map(|key| at.elements(key)).collect();
                todo.extend(branches.into_iter().rev());
                parts.push(at);
            }
        }
        Self {
            parts,
            properties: OnceCell::new(),
            required: OnceCell::new(),
            variants: OnceCell::new(),
        }
    }

    /// The properties of this name, and those that are called so but for how it is spelled.
    pub(super) fn properties(&self, name: &str) -> (Vec<Cursor<'a>>, Vec<Cursor<'a>>) {
        let all = self.properties.get_or_init(|| {
            let all = self.parts.iter().flat_map(|at| at.entries("properties"));
            all.map(|(name, at)| (name, (name, at))).collect()
        });
        told_apart(all.of(&fold(name)), name)
    }

    /// Where a property is required.
    pub(super) fn required(&self, name: &str) -> Vec<Cursor<'a>> {
        let required = self.required.get_or_init(|| {
            let mut required: HashMap<_, Vec<_>> = HashMap::new();
            for at in self.parts.iter().flat_map(|at| at.elements("required")) {
                if let Some(name) = at.value.as_str() {
                    required.entry(name).or_default().push(at);
                }
            }
            required
        });
        required.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn variants(&self) -> &Variants<'a> {
        self.variants.get_or_init(|| Variants::of(&self.parts))
    }
}

/// What a schema says of which values there are.
#[derive(Default)]
pub(super) struct Variants<'a> {
    values: HashMap<String, Vec<(&'a str, Cursor<'a>)>>,
    /// The branches by their names, folded and from the end.
    branches: BTreeMap<String, Vec<Cursor<'a>>>,
    /// The lists of branches.
    pub(super) lists: Vec<Cursor<'a>>,
}

impl<'a> Variants<'a> {
    fn of(parts: &[Cursor<'a>]) -> Self {
        let mut variants = Self::default();
        for part in parts {
            for at in part.elements("enum") {
                if let Some(text) = at.value.as_str() {
                    variants.values.entry(fold(text)).or_default().push((text, at));
                }
            }
            for (key, list) in BRANCHES[1..].iter().filter_map(|key| Some((*key, part.get(key)?))) {
                for branch in part.elements(key) {
                    let reference = branch.text("$ref").unwrap_or_default();
                    let names = [
                        fold(reference.rsplit('/').next().unwrap_or_default()),
                        fold(branch.text("title").unwrap_or_default()),
                        fold(branch.text("type").unwrap_or_default()),
                    ];
                    for name in names.iter().filter(|name| !name.is_empty()) {
                        let name = name.chars().rev().collect();
                        variants.branches.entry(name).or_default().push(branch.clone());
                    }
                }
                variants.lists.push(list);
            }
        }
        variants
    }

    /// Where this value is, and where one that is spelled in another way.
    pub(super) fn values(&self, value: &str) -> (Vec<Cursor<'a>>, Vec<Cursor<'a>>) {
        told_apart(self.values.get(&fold(value)).into_iter().flatten(), value)
    }

    /// The branches of a variant: what the names have in common is left out of each, and one without a name
    /// has its number.
    pub(super) fn branches(&self, name: &str) -> Vec<Cursor<'a>> {
        let end: String = name.chars().rev().collect();
        let bounds = (Bound::Included(end.as_str()), Bound::Unbounded);
        let from = self.branches.range::<str, _>(bounds);
        let within = from.take_while(|(name, _)| name.starts_with(&end));
        let named = within.flat_map(|(_, branches)| branches).take(ALIKE).cloned();
        let number = name.strip_prefix("variant").and_then(|number| number.parse::<usize>().ok());
        let numbered = number.into_iter().flat_map(|number| {
            let at = move |list: &Cursor<'a>| {
                let pointer = format!("{}/{number}", list.pointer);
                Some(Cursor::new(list.value.get(number)?, pointer))
            };
            self.lists.iter().filter_map(at)
        });
        named.chain(numbered).collect()
    }
}

/// What has the name itself, and what has one that is spelled in another way.
fn told_apart<'a: 'c, 'c>(
    all: impl Iterator<Item = &'c (&'a str, Cursor<'a>)>,
    name: &str,
) -> (Vec<Cursor<'a>>, Vec<Cursor<'a>>) {
    let (named, spelled): (Vec<_>, Vec<_>) = all.partition(|(of, _)| *of == name);
    let places = |list: Vec<&(&str, Cursor<'a>)>| list.iter().map(|(_, at)| at.clone()).collect();
    (places(named), places(spelled))
}
