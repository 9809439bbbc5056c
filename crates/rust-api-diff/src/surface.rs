//! A generated file as those see it who compile against it: its items by path, what belongs to each,
//! and what each implements.

use std::collections::{BTreeMap, BTreeSet};

use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, File, GenericArgument, Generics, Ident, ImplItem, Item, ItemImpl, Meta, Path,
    PathArguments, Token, Type, UseTree, Visibility,
};

use crate::change::Subject;
use crate::code;

/// The names that a name may not be mistaken for: a type and a function may share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Space {
    Types,
    Values,
    Exports,
}

/// What a path stands for.
pub(super) enum Definition<'a> {
    Item(&'a Item),
    /// A name from elsewhere, and the path it has there.
    Export(String),
}

/// An item with a name.
pub(super) struct Entry<'a> {
    pub(super) definition: Definition<'a>,
    /// Whether it can be named from outside.
    pub(super) public: bool,
}

/// A method, constant or type of an `impl` without a trait.
pub(super) struct Member<'a> {
    pub(super) owner: String,
    pub(super) item: &'a ImplItem,
}

/// How a type comes by a trait.
pub(super) enum By<'a> {
    Derive(Path),
    Block(&'a ItemImpl, &'a Path),
}

/// A trait of a type.
pub(super) struct Implemented<'a> {
    /// The type of the file that it is about: the one that implements it, or one in its arguments.
    pub(super) owner: String,
    /// The type that implements it, if it is not the owner.
    pub(super) foreign: Option<&'a Type>,
    pub(super) by: By<'a>,
    /// The condition of `cfg_attr`.
    pub(super) condition: Option<String>,
}

impl Implemented<'_> {
    /// `types::Address: Default`
    pub(super) fn path(&self) -> String {
        let on = self.foreign.map_or_else(|| self.owner.clone(), code::ty);
        format!("{on}: {}", self.name())
    }

    /// `From<String>`
    pub(super) fn name(&self) -> String {
        let path = match &self.by {
            By::Derive(path) => path,
            By::Block(_, path) => path,
        };
        let Some(last) = path.segments.last() else { return String::new() };
        let text = code::path(&Path::from(last.clone()));
        match &self.condition {
            Some(condition) => format!("{text} if {condition}"),
            None => text,
        }
    }

    /// The line of code that says so.
    pub(super) fn code(&self) -> String {
        match &self.by {
            By::Derive(path) => match &self.condition {
                Some(condition) => {
                    format!("#[cfg_attr({condition}, derive({}))]", code::path(path))
                }
                None => format!("#[derive({})]", code::path(path)),
            },
            By::Block(block, path) => {
                let (generics, on) = (&block.generics, &block.self_ty);
                let bounds = &block.generics.where_clause;
                let text = code::item(&quote!(impl #generics #path for #on #bounds {}));
                text.trim_end_matches("{}").trim_end().to_owned()
            }
        }
    }
}

/// What tells one trait of a type from another: the module, the type, the trait, the condition.
type TraitKey = (String, String, String, Option<String>);

/// What of a file can be named, and what is implemented.
#[derive(Default)]
pub(super) struct Surface<'a> {
    pub(super) items: BTreeMap<(Space, String), Entry<'a>>,
    pub(super) members: BTreeMap<String, Member<'a>>,
    pub(super) traits: BTreeMap<TraitKey, Implemented<'a>>,
}

impl<'a> Surface<'a> {
    pub(super) fn read(file: &'a File) -> Self {
        let mut surface = Self::default();
        let mut blocks = Vec::new();
        surface.items("", true, &file.items, &mut blocks);
        for (module, block) in blocks {
            match &block.trait_ {
                None => surface.inherent(&module, block),
                Some((path, _)) => surface.implemented(&module, block, path),
            }
        }
        surface
    }

    /// Whether a type of this path can be named from outside.
    pub(super) fn has_type(&self, path: &str) -> bool {
        self.items.get(&(Space::Types, path.to_owned())).is_some_and(|entry| entry.public)
    }

    fn items(
        &mut self,
        module: &str,
        public: bool,
        items: &'a [Item],
        blocks: &mut Vec<(String, &'a ItemImpl)>,
    ) {
        for item in items {
            match item {
                Item::Impl(block) => blocks.push((module.to_owned(), block)),
                Item::Use(item) if public && is_public(&item.vis) => {
                    self.exports(module, "", &item.tree);
                }
                _ => {}
            }
            let Some(head) = Head::of(item) else { continue };
            let path = join(module, &head.name.to_string());
            let public = public && is_public(head.visibility);
            if let Item::Mod(inner) = item
                && let Some((_, items)) = &inner.content
            {
                self.items(&path, public, items, blocks);
            }
            if public && matches!(item, Item::Struct(_) | Item::Enum(_) | Item::Union(_)) {
                self.derives(module, &path, head.name, head.attributes);
            }
            let definition = Definition::Item(item);
            self.items.insert((head.space, path), Entry { definition, public });
        }
    }

    fn exports(&mut self, module: &str, from: &str, tree: &UseTree) {
        let mut add = |name: String, path: String| {
            let entry = Entry { definition: Definition::Export(path), public: true };
            self.items.insert((Space::Exports, join(module, &name)), entry);
        };
        match tree {
            UseTree::Path(path) => {
                self.exports(module, &join(from, &path.ident.to_string()), &path.tree);
            }
            UseTree::Name(name) => add(name.ident.to_string(), join(from, &name.ident.to_string())),
            UseTree::Rename(rename) => {
                add(rename.rename.to_string(), join(from, &rename.ident.to_string()));
            }
            UseTree::Glob(_) => add(join(from, "*"), join(from, "*")),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.exports(module, from, tree));
            }
        }
    }

    fn derives(&mut self, module: &str, owner: &str, name: &Ident, attributes: &[Attribute]) {
        for (path, condition) in derived(attributes) {
            let key = (module.to_owned(), code::key(name), trait_key(&path), condition.clone());
            let by = By::Derive(path);
            let found = Implemented { owner: owner.to_owned(), foreign: None, by, condition };
            self.traits.insert(key, found);
        }
    }

    fn inherent(&mut self, module: &str, block: &'a ItemImpl) {
        let Some(owner) = self.local(module, &block.self_ty).filter(|path| self.has_type(path))
        else {
            return;
        };
        for item in &block.items {
            let (visibility, name) = match item {
                ImplItem::Fn(method) => (&method.vis, &method.sig.ident),
                ImplItem::Const(constant) => (&constant.vis, &constant.ident),
                ImplItem::Type(alias) => (&alias.vis, &alias.ident),
                _ => continue,
            };
            if is_public(visibility) {
                let member = Member { owner: owner.clone(), item };
                self.members.insert(join(&owner, &name.to_string()), member);
            }
        }
    }

    fn implemented(&mut self, module: &str, block: &'a ItemImpl, path: &'a Path) {
        let own = self.local(module, &block.self_ty);
        let owner = own.clone().or_else(|| {
            let mut names = Names(Vec::new());
            names.visit_path_mut(&mut path.clone());
            names.0.iter().find_map(|path| self.local_path(module, path))
        });
        let Some(owner) = owner.filter(|path| self.has_type(path)) else { return };
        let on = code::key(&block.self_ty);
        let foreign = own.is_none().then_some(&*block.self_ty);
        let by = By::Block(block, path);
        let found = Implemented { owner, foreign, by, condition: None };
        self.traits.insert((module.to_owned(), on, trait_key(path), None), found);
    }

    /// The path of a type that the file defines.
    fn local(&self, module: &str, ty: &Type) -> Option<String> {
        match ty {
            Type::Path(ty) if ty.qself.is_none() => self.local_path(module, &ty.path),
            _ => None,
        }
    }

    fn local_path(&self, module: &str, path: &Path) -> Option<String> {
        if path.leading_colon.is_some() {
            return None;
        }
        let mut at = module.to_owned();
        for segment in &path.segments {
            let name = segment.ident.to_string();
            match name.as_str() {
                "self" => {}
                "super" => at.truncate(at.rfind("::").unwrap_or(0)),
                _ => at = join(&at, &name),
            }
        }
        self.items.contains_key(&(Space::Types, at.clone())).then_some(at)
    }
}

/// The paths in a piece of code.
struct Names(Vec<Path>);

impl VisitMut for Names {
    fn visit_path_mut(&mut self, path: &mut Path) {
        self.0.push(path.clone());
        visit_mut::visit_path_mut(self, path);
    }
}

/// What all items with a name have.
pub(super) struct Head<'a> {
    pub(super) name: &'a Ident,
    pub(super) visibility: &'a Visibility,
    pub(super) attributes: &'a [Attribute],
    pub(super) generics: Option<&'a Generics>,
    pub(super) space: Space,
    /// What it is, in a word.
    pub(super) kind: &'static str,
}

impl<'a> Head<'a> {
    pub(super) fn of(item: &'a Item) -> Option<Self> {
        macro_rules! head {
            ($item:expr, $space:ident, $kind:literal, $generics:expr) => {
                Self {
                    name: &$item.ident,
                    visibility: &$item.vis,
                    attributes: &$item.attrs,
                    generics: $generics,
                    space: Space::$space,
                    kind: $kind,
                }
            };
        }
        Some(match item {
            Item::Struct(x) => head!(x, Types, "struct", Some(&x.generics)),
            Item::Enum(x) => head!(x, Types, "enum", Some(&x.generics)),
            Item::Union(x) => head!(x, Types, "union", Some(&x.generics)),
            Item::Type(x) => head!(x, Types, "type alias", Some(&x.generics)),
            Item::Trait(x) => head!(x, Types, "trait", Some(&x.generics)),
            Item::TraitAlias(x) => head!(x, Types, "trait alias", Some(&x.generics)),
            Item::Mod(x) => head!(x, Types, "module", None),
            // `const _` is a check of the compiler's, not a constant.
            Item::Const(x) if x.ident != "_" => head!(x, Values, "constant", None),
            Item::Static(x) => head!(x, Values, "static", None),
            Item::Fn(x) => Self {
                name: &x.sig.ident,
                visibility: &x.vis,
                attributes: &x.attrs,
                generics: None,
                space: Space::Values,
                kind: "function",
            },
            _ => return None,
        })
    }
}

/// What an item of this path is named after.
pub(super) fn subject(path: &str) -> Subject {
    match path.strip_prefix("types::") {
        Some(name) if !name.contains("::") => Subject::Type { name: name.to_owned() },
        _ if path == "Client" => Subject::Contract,
        _ => Subject::Nothing,
    }
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

pub(super) fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

/// The name of an identifier, without what makes it one where it is a keyword.
pub(super) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// The traits that are derived, with the condition of each.
pub(super) fn derived(attributes: &[Attribute]) -> Vec<(Path, Option<String>)> {
    fn list(meta: &Meta, condition: Option<&String>, found: &mut Vec<(Path, Option<String>)>) {
        let Meta::List(list) = meta else { return };
        let parse = Punctuated::<Path, Token![,]>::parse_terminated;
        if list.path.is_ident("derive")
            && let Ok(paths) = list.parse_args_with(parse)
        {
            found.extend(paths.into_iter().map(|path| (path, condition.cloned())));
        }
    }
    let mut found = Vec::new();
    for attribute in attributes {
        list(&attribute.meta, None, &mut found);
        for (condition, meta) in conditional(attribute) {
            list(&meta, Some(&condition), &mut found);
        }
    }
    found
}

/// The attributes in a `cfg_attr`, with its condition.
pub(super) fn conditional(attribute: &Attribute) -> Vec<(String, Meta)> {
    let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
    if !attribute.path().is_ident("cfg_attr") {
        return Vec::new();
    }
    let mut metas = attribute.parse_args_with(parse).into_iter().flatten();
    let Some(condition) = metas.next() else { return Vec::new() };
    let condition = condition.to_token_stream().to_string();
    metas.map(|meta| (condition.clone(), meta)).collect()
}

/// A trait is known by its name and what it is of: `::std::clone::Clone` is `Clone`, and the lifetime
/// of `Deserialize` has a name of the block's own.
fn trait_key(path: &Path) -> String {
    let Some(last) = path.segments.last() else { return String::new() };
    let mut key = last.ident.to_string();
    if let PathArguments::AngleBracketed(arguments) = &last.arguments {
        let lifetime =
            |argument: &&GenericArgument| matches!(argument, GenericArgument::Lifetime(_));
        for argument in arguments.args.iter().filter(|argument| !lifetime(argument)) {
            key.push(' ');
            key.push_str(&code::key(argument));
        }
    }
    key
}

/// What two files have in common, and what is known of it already.
pub(super) struct Items<'s, 'a> {
    pub(super) before: &'s Surface<'a>,
    pub(super) after: &'s Surface<'a>,
    /// Types that are in both files, and of the same kind: what they have can be compared.
    pub(super) common: BTreeSet<&'s str>,
    /// Types that are made of something else: what their traits do follows from it.
    pub(super) remade: BTreeSet<&'s str>,
}
