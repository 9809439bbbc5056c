//! The generated client is what the contract gives, and what it gives is reviewed item by item.

use partner_center_tests::{orphans, root};
use syn::{File, ImplItem, Item, ItemImpl, Type};

fn generated() -> File {
    let text =
        std::fs::read_to_string(root().join(xtask::codegen::CLIENT)).expect("a generated file");
    syn::parse_file(&text).expect("Rust")
}

#[test]
fn is_what_the_contract_gives() {
    let report = xtask::codegen::check(root()).expect("a contract that can be generated");
    let stale: String = report.stale.iter().map(|file| file.diff.as_str()).collect();
    assert!(
        stale.is_empty(),
        "{stale}\nhelp: run `cargo xtask codegen` and commit what it changes"
    );
}

#[test]
fn is_the_same_from_run_to_run() {
    let contract = xtask::contract::Contract::read(root()).expect("a contract");
    let first = xtask::codegen::generate(&contract).expect("a client");
    for _ in 0..3 {
        assert!(xtask::codegen::generate(&contract).expect("a client") == first);
    }
}

/// One snapshot for every type with what is implemented for it, one for every operation, and one
/// for what is left. Together they are the whole file.
#[test]
fn items_are_reviewed() {
    let mut snapshots = Snapshots::default();
    for item in generated().items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                let (_, items) = module.content.expect("a module with its items");
                for item in items {
                    let name = match &item {
                        Item::Struct(model) => Some(model.ident.to_string()),
                        Item::Enum(model) => Some(model.ident.to_string()),
                        Item::Type(alias) => Some(alias.ident.to_string()),
                        Item::Impl(block) => subject(block),
                        _ => None,
                    };
                    snapshots.add(name.map_or("rest".into(), |name| format!("type.{name}")), item);
                }
            }
            Item::Impl(block)
                if block.trait_.is_none() && subject(&block).as_deref() == Some("Client") =>
            {
                for item in &block.items {
                    let name = match item {
                        ImplItem::Fn(method) if method.sig.asyncness.is_some() => {
                            format!("operation.{}", method.sig.ident)
                        }
                        _ => "rest".into(),
                    };
                    let mut alone = block.clone();
                    alone.items = vec![item.clone()];
                    snapshots.add(name, Item::Impl(alone));
                }
            }
            Item::Impl(block) if block.trait_.is_some() => {
                let name = subject(&block).filter(|name| name != "Client");
                snapshots.add(
                    name.map_or("rest".into(), |name| format!("type.{name}")),
                    Item::Impl(block),
                );
            }
            item => snapshots.add("rest".into(), item),
        }
    }
    let operations = snapshots.0.iter().filter(|(name, _)| name.starts_with("operation.")).count();
    let contract = xtask::contract::Contract::read(root()).expect("a contract");
    assert_eq!(operations, contract.operations().count());
    snapshots.check();
}

/// The type that an `impl` is for.
fn subject(block: &ItemImpl) -> Option<String> {
    match &*block.self_ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// The items of each snapshot, in the order of the file.
#[derive(Default)]
struct Snapshots(Vec<(String, Vec<Item>)>);

impl Snapshots {
    fn add(&mut self, name: String, item: Item) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, items)) => items.push(item),
            None => self.0.push((name, vec![item])),
        }
    }

    fn check(self) {
        let names: Vec<_> = self.0.iter().map(|(name, _)| name.clone()).collect();
        insta::with_settings!({
            snapshot_path => "snapshots/generated", prepend_module_to_snapshot => false, omit_expression => true
        }, {
            for (name, items) in self.0 {
                let file = File { shebang: None, frontmatter: None, attrs: Vec::new(), items };
                insta::assert_snapshot!(name, prettyplease::unparse(&file));
            }
        });
        let orphans = orphans("generated", &names);
        assert!(orphans.is_empty(), "nothing generates these any more, delete them: {orphans:#?}");
    }
}
