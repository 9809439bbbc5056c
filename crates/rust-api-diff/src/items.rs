//! The generated file in groups that a person reviews one at a time: an operation, a type with all
//! that is implemented for it, and what is left. Together the groups are the whole file.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use similar::TextDiff;
use syn::{File, ImplItem, Item, ItemImpl, Type};

use crate::code;

/// What differs in one group of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemDiff {
    /// The name of the group.
    pub name: String,
    /// Its code as it was; `None` if the group is new.
    pub before: Option<String>,
    /// Its code as it is; `None` if the group is gone.
    pub after: Option<String>,
}

/// How long the shortest diff of a group is looked for: then it is one that may be longer.
const PATIENCE: Duration = Duration::from_millis(200);

impl ItemDiff {
    /// A unified diff of its code.
    #[must_use]
    pub fn diff(&self) -> String {
        let [old, new] =
            [&self.before, &self.after].map(|text| text.as_deref().unwrap_or_default());
        let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
        diff.unified_diff().context_radius(3).to_string()
    }
}

/// The items of `file` by group: `operation.NAME` for a method of the client that calls the service,
/// `type.NAME` for a type and its `impl` blocks, `rest` for everything else.
#[must_use]
pub fn items(file: &File) -> BTreeMap<String, File> {
    let mut groups = BTreeMap::new();
    let mut add = |name: Option<String>, item: Item| {
        let empty = || File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![] };
        let name = name.unwrap_or_else(|| "rest".to_owned());
        groups.entry(name).or_insert_with(empty).items.push(item);
    };
    let of_type = |name: String| format!("type.{name}");
    for item in &file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                for item in module.content.iter().flat_map(|(_, items)| items) {
                    let name = match item {
                        Item::Struct(model) => Some(model.ident.to_string()),
                        Item::Enum(model) => Some(model.ident.to_string()),
                        Item::Type(alias) => Some(alias.ident.to_string()),
                        Item::Impl(block) => subject(block),
                        _ => None,
                    };
                    add(name.map(of_type), item.clone());
                }
            }
            Item::Impl(block)
                if block.trait_.is_none() && subject(block).as_deref() == Some("Client") =>
            {
                let frame = frame(block);
                for item in &block.items {
                    let name = match item {
                        ImplItem::Fn(method) if method.sig.asyncness.is_some() => {
                            Some(format!("operation.{}", method.sig.ident))
                        }
                        _ => None,
                    };
                    add(name, Item::Impl(ItemImpl { items: vec![item.clone()], ..frame.clone() }));
                }
            }
            Item::Impl(block) if block.trait_.is_some() => {
                let name = subject(block).filter(|name| name != "Client");
                add(name.map(of_type), item.clone());
            }
            _ => add(None, item.clone()),
        }
    }
    groups
}

/// The groups of two files that differ, public or not, sorted by their names.
#[must_use]
pub fn item_diff(before: &File, after: &File) -> Vec<ItemDiff> {
    let (before, after) = (items(before), items(after));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differs = |name: &&String| match (before.get(*name), after.get(*name)) {
        (Some(old), Some(new)) => !code::same(old, new),
        _ => true,
    };
    let diff = |name: &String| {
        let [before, after] = [&before, &after].map(|items| items.get(name).map(code::unparse));
        ItemDiff { name: name.clone(), before, after }
    };
    let found = names.into_iter().filter(differs).map(diff);
    found.filter(|found| found.before != found.after).collect()
}

/// An `impl` without its items. To clone it with them for each of them takes time that grows with
/// their square.
fn frame(block: &ItemImpl) -> ItemImpl {
    ItemImpl {
        attrs: block.attrs.clone(),
        modifiers: block.modifiers.clone(),
        unsafety: block.unsafety,
        impl_token: block.impl_token,
        generics: block.generics.clone(),
        trait_: block.trait_.clone(),
        self_ty: block.self_ty.clone(),
        brace_token: block.brace_token,
        items: Vec::new(),
    }
}

/// The type that an `impl` is for.
fn subject(block: &ItemImpl) -> Option<String> {
    match &*block.self_ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}
