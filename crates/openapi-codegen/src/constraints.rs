//! The constraints of what may be written, as constants of the models: from the contract, written once.
//!
//! A model can hold anything (see [`crate::models`]); these tables say what a request should not hold, so
//! that the library can check it before it is sent.

use std::collections::{BTreeMap, HashMap, HashSet};

use indexmap::IndexSet;
use openapi_document::{Contract, Cursor, Diagnostic, Rule, escape};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value;
use syn::visit::{self, Visit};
use syn::{File, Item, Type, parse_quote};

use crate::models::{Kind, Models, Shape, typed};
use crate::refine::{argument, argument_of, model};
use crate::rules;

/// The extension of a string that the service may write in another case than it was given.
const ANY_CASE: &str = "x-any-case";

/// The extension of what the service alone writes, and an update sends back as it was read.
const SENT_BACK: &str = "x-sent-back";

/// How many schemas one request may hold, each counted wherever it stands.
const VISITS: usize = 10_000;

/// How many bytes the paths to all of them may take together in all bodies: this many, and as many more for each
/// byte of the contract. Schemas that hold each other could make paths as long as there are schemas.
const PATHS: (usize, usize) = (64 << 10, 16);

/// The formats that `Constraint` of partner-center-api can check, by their names there.
const FORMATS: [(&str, &str); 7] = [
    ("email", "Email"),
    ("uuid", "Uuid"),
    ("date", "Date"),
    ("date-time", "DateTime"),
    ("byte", "Base64"),
    ("ipv4", "Ipv4"),
    ("ipv6", "Ipv6"),
];

/// Adds `impl Constrained` for whatever is read or sent as a document: what a request is checked by, and
/// which members the contract knows.
///
/// *Works around*: progenitor has no check but parsing, which would hit responses too. *Can go*
/// when it checks requests by the contract.
pub(crate) fn add(file: &mut File, tables: &Tables) {
    let documents = documents(file);
    if documents.is_empty() {
        return;
    }
    let variants = tables.values().any(|table| !table.variants.is_empty());
    let imported: Item = if variants {
        parse_quote!(
            use crate::validation::{Constrained, Constraint, Variant};
        )
    } else {
        parse_quote!(
            use crate::validation::{Constrained, Constraint};
        )
    };
    file.items.insert(0, imported);
    for ty in documents {
        let table = model(&ty).and_then(|name| tables.get(&name.to_string()));
        let empty = Table::default();
        let Table { constraints, read_only, members, any_case, recursions, variants, .. } =
            table.unwrap_or(&empty);
        let constraints = constraints.iter().map(|(at, constraint)| {
            let constraint: TokenStream = constraint.parse().unwrap_or_default();
            quote!((#at, Constraint::#constraint))
        });
        let members = members.iter();
        let recursions = (!recursions.is_empty()).then(|| {
            let pairs = recursions.iter().map(|(at, to)| quote!((#at, #to)));
            quote!(const RECURSIONS: &'static [(&'static str, &'static str)] = &[#(#pairs),*];)
        });
        let variants = (!variants.is_empty()).then(|| {
            let pairs = variants.iter().map(|(at, union)| {
                let union = quote::format_ident!("{union}");
                quote!((#at, |value| types::#union::read(value).map(|(index, _)| index)))
            });
            quote!(const VARIANTS: &'static [(&'static str, Variant)] = &[#(#pairs),*];)
        });
        let item: Item = parse_quote! {
            impl Constrained for #ty {
                const CONSTRAINTS: &'static [(&'static str, Constraint)] = &[#(#constraints),*];
                const READ_ONLY: &'static [&'static str] = &[#(#read_only),*];
                const MEMBERS: &'static [&'static str] = &[#(#members),*];
                const ANY_CASE: &'static [&'static str] = &[#(#any_case),*];
                #recursions
                #variants
            }
        };
        file.items.push(item);
    }
}

/// The types that are read and sent as documents.
fn documents(file: &File) -> Vec<Type> {
    struct Documents(BTreeMap<String, Type>);
    impl<'ast> Visit<'ast> for Documents {
        // A signature says it.
        fn visit_block(&mut self, _: &'ast syn::Block) {}

        fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}

        fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
            visit::visit_path_segment(self, segment);
            if segment.ident == "Document"
                && let Some(ty) = argument(segment)
            {
                // What may be null has the limits of what it is.
                let ty = argument_of(ty, "Option").unwrap_or(ty);
                self.0.insert(quote!(#ty).to_string(), ty.clone());
            }
        }
    }
    let mut found = Documents(BTreeMap::new());
    found.visit_file(file);
    found.0.into_values().collect()
}

/// What the types of parameters do not check, see [`Kind::Strict`] and [`Shape::Strict`].
fn parameters(contract: &Contract, models: &Models, findings: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    for operation in contract.operations() {
        for parameter in contract.parameters(&operation) {
            let mut todo = vec![format!("{}/schema", parameter.place)];
            let strict = models.places.get(&todo[0]).is_some_and(|ty| match &ty.kind {
                Kind::Strict(_) => true,
                Kind::List(item) => matches!(item.kind, Kind::Strict(_)),
                _ => false,
            });
            while let Some(place) = todo.pop() {
                let Some(at) = contract.resolve_at(&place) else { continue };
                if !seen.insert(at.pointer.clone()) {
                    continue;
                }
                let mut report = |rule, keyword: &str, message: String, help| {
                    let pointer = format!("{}/{keyword}", at.pointer);
                    findings.push(contract.source.diagnostic(rule, &pointer, message, help));
                };
                let is_text = at.text("type").is_none_or(|class| class == "string");
                let plain = ["password", "binary", "float", "double", "int64", "int32"];
                if let Some(format) = at.text("format")
                    && !strict
                    && !plain.contains(&format)
                {
                    let message =
                        format!("the format `{format}` of a parameter is checked by nobody");
                    let help = if is_text {
                        "say by a `pattern` what the service takes, or leave it at that"
                    } else {
                        "say in words which numbers the service takes"
                    };
                    report(rules::UNCHECKED_FORMAT, "format", message, help);
                }
                let values = at.value.get("enum").and_then(Value::as_array);
                let others = |values: &Vec<Value>| {
                    values.iter().any(|value| !value.is_string() && !value.is_null())
                };
                let unchecked = [
                    ("enum", values.is_some_and(others)),
                    ("oneOf", at.value.get("oneOf").is_some()),
                    ("anyOf", at.value.get("anyOf").is_some()),
                    ("not", at.value.get("not").is_some()),
                ];
                for (keyword, _) in unchecked.iter().filter(|(_, is_unchecked)| *is_unchecked) {
                    let message =
                        format!("what `{keyword}` asks of a parameter is checked by nobody");
                    report(rules::UNCHECKED_LIMIT, keyword, message, UNCHECKED);
                }
                if at.value.get("items").is_some() {
                    todo.push(format!("{}/items", at.pointer));
                }
                let branches = at.value.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
                todo.extend((0..branches).map(|index| format!("{}/allOf/{index}", at.pointer)));
            }
        }
    }
}

/// The tables of models that are bodies, by their names.
pub(crate) type Tables = BTreeMap<String, Table>;

/// The table of each model that is a body. What only responses hold has no limits. What is found is what of the
/// limits of requests is checked by nobody, and what is wrong with their extensions.
pub(crate) fn tables(contract: &Contract, models: &Models) -> (Tables, Vec<Diagnostic>) {
    let mut tables = Tables::new();
    let mut requests: BTreeMap<&str, Vec<Table>> = BTreeMap::new();
    let mut walked = HashSet::new();
    let mut findings = Vec::new();
    let mut bodies: Vec<(bool, Cursor<'_>)> = Vec::new();
    for operation in contract.operations() {
        let request = format!("{}/requestBody", operation.pointer);
        bodies.extend(contract.resolve_at(&request).map(|at| (true, at)));
        let responses = contract.responses(&operation).into_iter();
        let successes = responses.filter(|(status, ..)| status.starts_with('2'));
        bodies.extend(successes.filter_map(|(_, at, _)| Some((false, contract.resolve_at(&at)?))));
    }
    let unions: HashMap<_, _> = models
        .types
        .iter()
        .filter_map(|(name, model)| match &model.shape {
            Shape::Union { list, .. } => Some((list.as_str(), name.as_str())),
            _ => None,
        })
        .collect();
    let size = contract.json.to_string().len();
    let mut room = size.saturating_mul(PATHS.1).saturating_add(PATHS.0);
    // Requests first: the table of one is that of the response, too.
    bodies.sort_by_key(|(request, _)| !request);
    for (request, body) in bodies {
        let Some(place) = typed(&body, &["application/json"]).into_iter().next() else { continue };
        let Some(Kind::Named(name)) = models.places.get(&place).map(|ty| &ty.kind) else {
            continue;
        };
        let Some(schema) = contract.resolve_at(&place) else { continue };
        let known = !request && requests.contains_key(name.as_str()) || tables.contains_key(name);
        if known || !walked.insert((name, schema.pointer)) {
            continue;
        }
        let (open, visits, room, findings) = (Vec::new(), 0, &mut room, &mut findings);
        let mut walk = Walk { contract, models, unions: &unions, open, visits, room, findings };
        let mut table = Table::default();
        // Of what only the service writes, the members count.
        walk.schema(&place, "", !request, &mut table);
        if request && (walk.visits > VISITS || *walk.room == 0) {
            let message = "the schemas of the body refer to each other in too many ways";
            let help = "a request with that many limits cannot be checked; untie the schemas";
            walk.report(rules::UNCHECKED_LIMIT, &body.pointer, message, help);
        }
        if request {
            requests.entry(name).or_default().push(table);
        } else {
            table.any_case.clear();
            tables.insert(name.clone(), table);
        }
    }
    for (name, bodies) in requests {
        let (open, visits, room, findings) = (Vec::new(), 0, &mut room, &mut findings);
        let mut walk = Walk { contract, models, unions: &unions, open, visits, room, findings };
        let mut table = Table::default();
        // What is one type has the limits that all of its bodies agree on.
        walk.agreed(bodies, &mut table);
        tables.insert(name.to_owned(), table);
    }
    parameters(contract, models, &mut findings);
    (tables, findings)
}

/// What the contract says of the members of a body, as JSON Pointers in which `*` stands for every element
/// of a list. In those of constraints `~*` stands for every member of a map, but for those after `~!`, and
/// `~|` is before the number of a variant.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// The constraints, as Rust.
    constraints: Vec<(String, String)>,
    /// Where each of them is in the contract.
    sources: Vec<String>,
    read_only: Vec<String>,
    members: IndexSet<String>,
    /// What the service may write in another case.
    any_case: Vec<String>,
    /// What holds itself: where, and what it is there.
    recursions: Vec<(String, String)>,
    /// The unions whose variants have constraints of their own: where, and their types.
    variants: Vec<(String, String)>,
}

impl Table {
    /// Adds what a variant of the value says, but for what is read-only.
    fn extend(&mut self, part: Table) {
        self.members.extend(part.members);
        self.any_case.extend(part.any_case);
        self.constraints.extend(part.constraints);
        self.sources.extend(part.sources);
        self.recursions.extend(part.recursions);
        self.variants.extend(part.variants);
    }

    fn has_limits(&self) -> bool {
        !(self.constraints.is_empty() && self.recursions.is_empty() && self.variants.is_empty())
    }
}

/// The members that are read-only in every variant that has them.
fn read_only(parts: &[Table]) -> IndexSet<String> {
    let sets: Vec<HashSet<_>> = parts.iter().map(|part| part.read_only.iter().collect()).collect();
    let agrees = |pointer: &String| {
        let mut all = parts.iter().zip(&sets);
        all.all(|(part, set)| !part.members.contains(pointer) || set.contains(pointer))
    };
    let all = parts.iter().flat_map(|part| &part.read_only);
    all.filter(|pointer| agrees(pointer)).cloned().collect()
}

/// A path of a constraint as a JSON Pointer in which `*` stands for whatever has no name.
fn plain(at: &str) -> String {
    let tokens = at.split('/').map(|token| {
        let token = token.split_once("~|").map_or(token, |(token, _)| token);
        if token.starts_with("~*") { "*" } else { token }
    });
    tokens.collect::<Vec<_>>().join("/")
}

/// What is in every one of several lists.
struct Common<'t> {
    lists: Vec<&'t [(String, String)]>,
    /// In how many of them each is.
    counts: HashMap<&'t (String, String), usize>,
}

impl<'t> Common<'t> {
    fn of(lists: impl Iterator<Item = &'t [(String, String)]>) -> Self {
        let lists: Vec<_> = lists.collect();
        let mut counts = HashMap::new();
        for list in &lists {
            for element in list.iter().collect::<HashSet<_>>() {
                *counts.entry(element).or_default() += 1;
            }
        }
        Self { lists, counts }
    }

    fn has(&self, element: &(String, String)) -> bool {
        self.counts.get(element) == Some(&self.lists.len())
    }

    /// Each of them once, in the order of the lists.
    fn distinct(&self) -> Vec<(String, String)> {
        let all = self.lists.iter().flat_map(|list| list.iter()).filter(|it| self.has(it));
        all.collect::<IndexSet<_>>().into_iter().cloned().collect()
    }
}

struct Walk<'a, 'f> {
    contract: &'a Contract,
    models: &'a Models,
    /// The types of unions, by the pointers of their variants.
    unions: &'a HashMap<&'a str, &'a str>,
    /// The references being followed and where they stand, so that a schema that holds itself ends.
    open: Vec<(&'a str, String)>,
    visits: usize,
    /// The bytes that are left for paths.
    room: &'f mut usize,
    findings: &'f mut Vec<Diagnostic>,
}

impl Walk<'_, '_> {
    fn report(&mut self, rule: Rule, pointer: &str, message: impl Into<String>, help: &str) {
        self.findings.push(self.contract.source.diagnostic(rule, pointer, message, help));
    }

    /// Walks the schema at `place`, which is for what is at `at` in a request; of what is `owned` by
    /// the service, only the members count.
    fn schema(&mut self, place: &str, at: &str, owned: bool, table: &mut Table) {
        self.visits += 1;
        *self.room = self.room.saturating_sub(at.len());
        if self.visits > VISITS || *self.room == 0 {
            return;
        }
        let Some(value) = self.contract.json.pointer(place) else { return };
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let Some(target) = self.contract.resolve_at(place) else { return };
            match self.open.iter().find(|(open, _)| *open == reference) {
                None => {
                    self.open.push((reference, at.to_owned()));
                    self.schema(&target.pointer, at, owned, table);
                    self.open.pop();
                }
                Some((_, to)) if !owned && to != at => {
                    table.recursions.push((at.to_owned(), to.clone()));
                }
                Some(_) => {}
            }
            return;
        }
        let read_only = self.is_read_only(place, &mut Vec::new());
        if read_only && !owned {
            table.read_only.push(plain(at));
        }
        let owned = owned || read_only;
        match value.get(ANY_CASE).map(Value::as_bool) {
            Some(Some(true)) if value["type"] == "string" => table.any_case.push(plain(at)),
            None | Some(Some(false)) => {}
            _ => self.report(
                rules::X_ANY_CASE,
                &format!("{place}/{ANY_CASE}"),
                format!("`{ANY_CASE}` is not `true` beside a string"),
                "write `x-any-case: true` in a schema of type string, or remove it",
            ),
        }
        self.sent_back(value, place);
        if !owned {
            self.limits(value, place, at, table);
        }
        let properties = value.get("properties").and_then(Value::as_object);
        for (name, _) in properties.into_iter().flatten() {
            let name = escape(name);
            let at = format!("{at}/{name}");
            // A branch of `allOf` may name one again.
            table.members.insert(plain(&at));
            self.schema(&format!("{place}/properties/{name}"), &at, owned, table);
        }
        if value.get("items").is_some() {
            self.schema(&format!("{place}/items"), &format!("{at}/*"), owned, table);
        }
        if value.get("additionalProperties").is_some_and(Value::is_object) {
            let named = properties.into_iter().flatten();
            let mut at = format!("{at}/~*");
            for (name, _) in named {
                at.push_str("~!");
                at.push_str(&escape(name));
            }
            self.schema(&format!("{place}/additionalProperties"), &at, owned, table);
        }
        let count = |key: &str| value.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        for index in 0..count("allOf") {
            self.schema(&format!("{place}/allOf/{index}"), at, owned, table);
        }
        for key in ["oneOf", "anyOf"].into_iter().filter(|key| count(key) > 0) {
            let list = format!("{place}/{key}");
            if let Some(union) = self.unions.get(list.as_str()) {
                self.union(union, at, owned, table);
            } else {
                let places: Vec<_> =
                    (0..count(key)).map(|index| format!("{list}/{index}")).collect();
                self.branches(at, &places, owned, table);
            }
        }
    }

    /// What is sent back says so by `true`, and is not left out of requests.
    fn sent_back(&mut self, value: &Value, place: &str) {
        let Some(said) = value.get(SENT_BACK) else { return };
        let message = match said.as_bool() {
            None => format!("`{SENT_BACK}` is not `true`"),
            Some(true) if value["readOnly"] == true => {
                format!("`readOnly` leaves out of requests what `{SENT_BACK}` sends back")
            }
            Some(_) => return,
        };
        let help = "write `x-sent-back: true` without `readOnly`, or remove it";
        self.report(rules::X_SENT_BACK, &format!("{place}/{SENT_BACK}"), message, help);
    }

    /// Whether a schema, or one that it is composed of, is what the service alone writes.
    fn is_read_only(&self, place: &str, seen: &mut Vec<String>) -> bool {
        let Some(at) = self.contract.resolve_at(place) else { return false };
        if seen.contains(&at.pointer) {
            return false;
        }
        let branches = at.value.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
        seen.push(at.pointer.clone());
        at.flag("readOnly")
            || at.flag(SENT_BACK)
            || (0..branches)
                .any(|it| self.is_read_only(&format!("{}/allOf/{it}", at.pointer), seen))
    }

    /// Walks the variants of a union that are told apart: each has constraints of its own.
    fn union(&mut self, name: &str, at: &str, owned: bool, table: &mut Table) {
        let Some(Shape::Union { variants, .. }) = self.models.types.get(name).map(|it| &it.shape)
        else {
            return;
        };
        let parts: Vec<_> = variants
            .iter()
            .enumerate()
            .map(|(index, variant)| {
                let mut part = Table::default();
                let at = format!("{at}~|{index}");
                self.branches(&at, &variant.pointers, owned, &mut part);
                // What breaks a limit of this one may be right by another one, which asks less.
                if part.has_limits() && self.models.may_be_another(variant, variants) {
                    self.unchecked(std::mem::take(&mut part.sources));
                    let Table { read_only, members, any_case, .. } = part;
                    part = Table { read_only, members, any_case, ..Table::default() };
                }
                part
            })
            .collect();
        if parts.iter().any(Table::has_limits) {
            table.variants.push((at.to_owned(), name.to_owned()));
        }
        table.read_only.extend(read_only(&parts));
        for part in parts {
            table.extend(part);
        }
    }

    /// Takes from the schemas at these places what holds whichever of them a value is of.
    fn branches(&mut self, at: &str, places: &[String], owned: bool, table: &mut Table) {
        let branches: Vec<_> = places
            .iter()
            .map(|place| {
                let mut branch = Table::default();
                self.schema(place, at, owned, &mut branch);
                branch
            })
            .collect();
        self.agreed(branches, table);
    }

    /// Takes what holds in each of these.
    fn agreed(&mut self, branches: Vec<Table>, table: &mut Table) {
        let (mut all, mut unchecked) = (Table::default(), Vec::new());
        let constraints = Common::of(branches.iter().map(|branch| branch.constraints.as_slice()));
        let recursions = Common::of(branches.iter().map(|branch| branch.recursions.as_slice()));
        let variants = Common::of(branches.iter().map(|branch| branch.variants.as_slice()));
        let mut seen = HashSet::new();
        for branch in &branches {
            for (constraint, source) in branch.constraints.iter().zip(&branch.sources) {
                if !constraints.has(constraint) {
                    unchecked.push(source);
                } else if seen.insert(constraint) {
                    all.constraints.push(constraint.clone());
                    all.sources.push(source.clone());
                }
            }
            for recursion in &branch.recursions {
                if !recursions.has(recursion) {
                    let limits = branch.constraints.iter().zip(&branch.sources);
                    let within = limits.filter(|((at, _), _)| at.starts_with(&recursion.1));
                    unchecked.extend(within.map(|(_, source)| source));
                }
            }
        }
        all.recursions = recursions.distinct();
        all.variants = variants.distinct();
        let unchecked = unchecked.into_iter().cloned().collect();
        self.unchecked(unchecked);
        table.read_only.extend(read_only(&branches));
        for Table { members, any_case, .. } in branches {
            all.extend(Table { members, any_case, ..Table::default() });
        }
        table.extend(all);
    }

    /// Reports limits that hold for some variants alone.
    fn unchecked(&mut self, mut sources: Vec<String>) {
        sources.sort_unstable();
        sources.dedup();
        for source in sources {
            let message = "a limit that only some variants have is checked by nobody";
            self.report(rules::UNCHECKED_LIMIT, &source, message, UNCHECKED);
        }
    }

    fn limits(&mut self, value: &Value, place: &str, at: &str, table: &mut Table) {
        let groups = |key: &&str| {
            let branches = value.get(*key).and_then(Value::as_array).into_iter().flatten();
            let only = |branch: &Value| {
                branch.as_object().is_some_and(|branch| branch.keys().all(|key| key == "required"))
            };
            branches.into_iter().any(only)
        };
        let unchecked = ["not"].into_iter().filter(|key| value.get(key).is_some());
        for keyword in unchecked.chain(["oneOf", "anyOf"].into_iter().filter(groups)) {
            let message = format!("what `{keyword}` asks for is checked by nobody");
            self.report(rules::UNCHECKED_LIMIT, &format!("{place}/{keyword}"), message, UNCHECKED);
        }
        let mut add = |keyword: &str, constraint: TokenStream| {
            table.constraints.push((at.to_owned(), constraint.to_string()));
            table.sources.push(format!("{place}/{keyword}"));
        };
        let count =
            |keyword: &str| value.get(keyword).and_then(Value::as_u64).map(Literal::u64_unsuffixed);
        let number = |keyword: &str| value.get(keyword).filter(|it| it.is_number());
        let flag = |keyword: &str| value[keyword] == true;
        if let Some(length) = count("minLength") {
            add("minLength", quote!(MinLength(#length)));
        }
        if let Some(length) = count("maxLength") {
            add("maxLength", quote!(MaxLength(#length)));
        }
        if let Some(pattern) = value.get("pattern").and_then(Value::as_str) {
            add("pattern", quote!(Pattern(#pattern)));
        }
        if let Some(values) = value.get("enum").and_then(Value::as_array) {
            let values = values.iter().map(ToString::to_string);
            add("enum", quote!(Enum(&[#(#values),*])));
        }
        for (keyword, exclusive) in
            [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")]
        {
            let Some(bound) = number(keyword).map(ToString::to_string) else { continue };
            let constraint = match (keyword, flag(exclusive)) {
                ("minimum", false) => quote!(Minimum(#bound)),
                ("minimum", true) => quote!(ExclusiveMinimum(#bound)),
                (_, false) => quote!(Maximum(#bound)),
                (_, true) => quote!(ExclusiveMaximum(#bound)),
            };
            add(keyword, constraint);
        }
        if let Some(step) = number("multipleOf").map(ToString::to_string) {
            add("multipleOf", quote!(MultipleOf(#step)));
        }
        if let Some(count) = count("minItems") {
            add("minItems", quote!(MinItems(#count)));
        }
        if let Some(count) = count("maxItems") {
            add("maxItems", quote!(MaxItems(#count)));
        }
        if flag("uniqueItems") {
            add("uniqueItems", quote!(UniqueItems));
        }
        if let Some(count) = count("minProperties") {
            add("minProperties", quote!(MinProperties(#count)));
        }
        if let Some(count) = count("maxProperties") {
            add("maxProperties", quote!(MaxProperties(#count)));
        }
        let Some(format) = value.get("format").and_then(Value::as_str) else { return };
        if value["type"] == "integer" {
            return range(format, &mut add);
        }
        if value.get("type").is_some_and(|class| class != "string") {
            return;
        }
        match FORMATS.iter().find(|(name, _)| *name == format) {
            Some((_, variant)) => {
                let variant = quote::format_ident!("{variant}");
                add("format", quote!(#variant));
            }
            // It says how a client shows it, or that it is anything.
            None if ["password", "binary"].contains(&format) => {}
            None => {
                let message = format!("the format `{format}` is checked by nobody");
                let help = "say by a `pattern` what the service takes, or leave it at that";
                self.report(rules::UNCHECKED_FORMAT, &format!("{place}/format"), message, help);
            }
        }
    }
}

const UNCHECKED: &str = "the service has the last word on it; describe it in words";

/// The numbers that a format of an integer has room for.
fn range(format: &str, add: &mut dyn FnMut(&str, TokenStream)) {
    let (minimum, maximum) = match format {
        "int8" => ("-128", "127"),
        "int16" => ("-32768", "32767"),
        "int32" => ("-2147483648", "2147483647"),
        "uint8" => ("0", "255"),
        "uint16" => ("0", "65535"),
        "uint32" => ("0", "4294967295"),
        // Its model may be that of an `int64`, where it is both.
        "uint64" => ("0", "18446744073709551615"),
        _ => return,
    };
    add("format", quote!(Minimum(#minimum)));
    add("format", quote!(Maximum(#maximum)));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contract(member: &str) -> Contract {
        let text = format!(
            "
openapi: 3.0.3
info: {{title: T, version: '1'}}
paths:
  /a:
    put:
      operationId: put
      requestBody:
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}
      responses: {{'200': {{description: ok}}}}
components:
  schemas:
    A:
      type: object
      properties:
        member: {member}
        self: {{$ref: '#/components/schemas/A'}}
        owned: {{$ref: '#/components/schemas/Owned'}}
    Owned:
      type: object
      readOnly: true
      properties: {{x: {{type: string, maxLength: 1}}}}
"
        );
        openapi_lint::grammar::parse("test.yaml", &text).expect("a contract")
    }

    fn table(member: &str) -> String {
        let contract = contract(member);
        let (models, _) = crate::models::models(&contract);
        let mut file: File = parse_quote! { fn put(body: &Document<types::A>) {} };
        add(&mut file, &tables(&contract, &models).0);
        prettyplease::unparse(&file)
    }

    /// The findings of rules.
    fn found(member: &str) -> Vec<(&'static str, String)> {
        let contract = contract(member);
        let (models, _) = crate::models::models(&contract);
        let found = tables(&contract, &models).1.into_iter();
        found.map(|finding| (finding.rule, finding.pointer)).collect()
    }

    #[test]
    fn every_limit_of_a_request_is_in_its_table() {
        let member = "{type: string, minLength: 1, maxLength: 9, pattern: '^a', format: email, x-any-case: true}";
        let expected: File = parse_quote! {
            use crate::validation::{Constrained, Constraint};
            fn put(body: &Document<types::A>) {}
            impl Constrained for types::A {
                const CONSTRAINTS: &'static [(&'static str, Constraint)] = &[
                    ("/member", Constraint::MinLength(1)),
                    ("/member", Constraint::MaxLength(9)),
                    ("/member", Constraint::Pattern("^a")),
                    ("/member", Constraint::Email)
                ];
                const READ_ONLY: &'static [&'static str] = &["/owned"];
                const MEMBERS: &'static [&'static str] = &["/member", "/self", "/owned", "/owned/x"];
                const ANY_CASE: &'static [&'static str] = &["/member"];
                const RECURSIONS: &'static [(&'static str, &'static str)] = &[("/self", "")];
            }
        };
        assert_eq!(table(member), prettyplease::unparse(&expected));
    }

    #[test]
    fn limits_of_numbers_lists_and_values_are_in_it() {
        for (member, constraint) in [
            ("{type: integer, maximum: 31}", "Maximum(\"31\")"),
            ("{type: number, minimum: 0.5, exclusiveMinimum: true}", "ExclusiveMinimum(\"0.5\")"),
            ("{type: integer, format: uint64}", "Minimum(\"0\")"),
            ("{type: number, multipleOf: 0.01}", "MultipleOf(\"0.01\")"),
            ("{type: string, enum: [a, b]}", r#"Enum(&["\"a\"", "\"b\""])"#),
            ("{type: array, maxItems: 3, items: {}}", "MaxItems(3)"),
            ("{type: array, uniqueItems: true, items: {}}", "UniqueItems"),
            ("{type: object, minProperties: 1}", "MinProperties(1)"),
            ("{type: string, format: date-time}", "DateTime"),
        ] {
            let text = table(member);
            let expected = format!("(\"/member\", Constraint::{constraint})");
            assert!(text.contains(&expected), "{member}: {text}");
        }
    }

    #[test]
    fn lists_maps_and_compositions_are_followed() {
        for (member, at) in [
            ("{type: array, items: {allOf: [{type: string, maxLength: 2}]}}", "/member/*"),
            ("{type: object, additionalProperties: {type: string, maxLength: 2}}", "/member/~*"),
            (
                "{type: object, properties: {a: {}}, additionalProperties: {type: string, maxLength: 2}}",
                "/member/~*~!a",
            ),
            ("{oneOf: [{type: string, maxLength: 2}, {type: string, maxLength: 2}]}", "/member"),
            (
                "{anyOf: [{type: object, required: [a], properties: {a: {type: string, maxLength: 2}}}, {type: object, required: [b], properties: {b: {type: string}}}]}",
                "/member~|0/a",
            ),
        ] {
            let text = table(member);
            assert!(text.contains(&format!("(\"{at}\", Constraint::MaxLength(2))")), "{text}");
            assert_eq!(found(member), [], "{member}");
        }
    }

    #[test]
    fn bodies_of_one_type_share_what_they_agree_on() {
        let contract = contract("{type: string, maxLength: 1}").json.to_string();
        let schema = json!({"allOf": [{"$ref": "#/components/schemas/A"}, {"minProperties": 1}]});
        let other = json!({"put": {
            "operationId": "other",
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"200": {"description": "ok"}},
        }});
        for path in ["/0", "/b"] {
            let mut contract: Value = serde_json::from_str(&contract).expect("JSON");
            contract["paths"][path] = other.clone();
            let contract = openapi_lint::grammar::parse("test.yaml", &contract.to_string());
            let contract = contract.expect("a contract");
            let (models, _) = crate::models::models(&contract);
            let (tables, findings) = tables(&contract, &models);
            let found: Vec<_> = findings.iter().map(|it| (it.rule, it.pointer.as_str())).collect();
            let place = format!(
                "/paths/{}/put/requestBody/content/application~1json/schema/allOf/1/minProperties",
                path.replace('/', "~1")
            );
            assert_eq!(found, [("unchecked-limit", &*place)]);
            let limits = [("/member".to_owned(), "MaxLength (1)".to_owned())];
            assert_eq!(tables["A"].constraints, limits);
            assert_eq!(tables["A"].recursions, [("/self".to_owned(), String::new())]);
        }
    }

    #[test]
    fn what_is_read_only_by_a_part_has_no_limits() {
        for member in [
            "{allOf: [{type: string, maxLength: 2}, {readOnly: true}]}",
            "{allOf: [{type: string, maxLength: 2}], readOnly: true}",
            "{type: string, maxLength: 2, x-sent-back: true}",
        ] {
            let text = table(member);
            assert!(!text.contains("MaxLength(2)") && text.contains("[\"/member\", "), "{text}");
        }
    }

    #[test]
    fn a_type_of_the_standard_library_has_no_table_of_ours() {
        let contract = contract("{type: string, maxLength: 2}");
        let (models, _) = crate::models::models(&contract);
        let mut file: File = parse_quote! {
            fn a(body: &Document<A>) {}
            fn b(body: &Document<::std::option::Option<types::A>>) {}
        };
        add(&mut file, &tables(&contract, &models).0);
        let text = prettyplease::unparse(&file);
        assert!(text.contains("for types::A {\n    const CONSTRAINTS: &'static [(&'static str, Constraint)] = &[\n"), "{text}");
        assert!(
            text.contains(
                "for A {\n    const CONSTRAINTS: &'static [(&'static str, Constraint)] = &[];"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_limit_that_no_table_has_is_found_at_its_place() {
        let at = |rest: &str| format!("/components/schemas/A/properties/{rest}");
        let member = "{type: string, format: duration}";
        assert_eq!(found(member), [("unchecked-format", at("member/format"))]);
        // Of two that are one type, one allows what the other does not.
        let member = "{anyOf: [{type: string, maxLength: 1}, {type: string}]}";
        assert_eq!(found(member), [("unchecked-limit", at("member/anyOf/0/maxLength"))]);
        assert!(!table(member).contains("MaxLength"));
        let member = "{anyOf: [{type: object, properties: {a: {type: string, maxLength: 1}}}, {type: object, properties: {b: {type: string}}}]}";
        assert_eq!(
            found(member),
            [("unchecked-limit", at("member/anyOf/0/properties/a/maxLength"))]
        );
        // A card that is too large is right by the open variant.
        let card = "{type: object, required: [kind], properties: {kind: {type: string, enum: [card]}, size: {type: integer, maximum: 9}}}";
        let member =
            format!("{{anyOf: [{card}, {{type: object, properties: {{b: {{type: string}}}}}}]}}");
        let limits =
            ["size/maximum", "kind/enum"].map(|it| at(&format!("member/anyOf/0/properties/{it}")));
        for limit in limits {
            assert!(found(&member).contains(&("unchecked-limit", limit.clone())), "{limit}");
        }
        assert!(!table(&member).contains("Maximum"));
        let cash =
            "{type: object, required: [kind], properties: {kind: {type: string, enum: [cash]}}}";
        let member = format!("{{anyOf: [{card}, {cash}]}}");
        assert_eq!(found(&member), []);
        assert!(table(&member).contains("Maximum"));
        let member =
            "{oneOf: [{type: string, maxLength: 1}, {oneOf: [{type: string}, {type: boolean}]}]}";
        assert_eq!(found(member), [("unchecked-limit", at("member/oneOf/0/maxLength"))]);
        let member = "{anyOf: [{required: [a]}, {required: [b]}], type: object}";
        assert_eq!(found(member), [("unchecked-limit", at("member/anyOf"))]);
        assert_eq!(found("{not: {type: string}}"), [("unchecked-limit", at("member/not"))]);
    }

    #[test]
    fn what_the_type_of_a_parameter_does_not_check_is_found() {
        for (schema, found) in [
            ("{type: string, format: uuid, nullable: true}", vec![]),
            ("{type: integer, format: uint32}", vec![]),
            ("{type: array, items: {type: string, format: ipv4}}", vec![]),
            ("{type: string, enum: [a, null], nullable: true}", vec![]),
            ("{type: string, format: date}", vec![("unchecked-format", "/format")]),
            ("{type: integer, format: int8}", vec![("unchecked-format", "/format")]),
            ("{type: integer, enum: [1, 2]}", vec![("unchecked-limit", "/enum")]),
            (
                "{type: array, items: {type: integer, enum: [1]}}",
                vec![("unchecked-limit", "/items/enum")],
            ),
            (
                "{allOf: [{oneOf: [{type: string}, {type: integer}]}]}",
                vec![("unchecked-limit", "/allOf/0/oneOf")],
            ),
        ] {
            let mut contract = contract("{}").json.clone();
            let schema = openapi_document::Document::parse("schema", schema).expect("YAML").json;
            contract["paths"]["/a"]["put"]["parameters"] =
                json!([{"name": "p", "in": "query", "schema": schema}]);
            let contract = openapi_lint::grammar::parse("test.yaml", &contract.to_string());
            let contract = contract.expect("a contract");
            let (models, _) = crate::models::models(&contract);
            let place = "/paths/~1a/put/parameters/0/schema";
            let (_, findings) = tables(&contract, &models);
            let findings: Vec<_> =
                findings.iter().map(|it| (it.rule, it.pointer.trim_start_matches(place))).collect();
            assert_eq!(findings, found, "{schema}");
        }
    }

    #[test]
    fn a_case_is_ignored_in_strings_alone() {
        for wrong in ["{type: integer, x-any-case: true}", "{type: string, x-any-case: yes}"] {
            let place = "/components/schemas/A/properties/member/x-any-case".to_owned();
            assert_eq!(found(wrong), [("x-any-case", place)], "{wrong}");
        }
        assert_eq!(found("{type: string, x-any-case: false}"), []);
    }

    #[test]
    fn what_is_sent_back_is_not_left_out() {
        let place = "/components/schemas/A/properties/member/x-sent-back".to_owned();
        for wrong in ["{x-sent-back: 1}", "{x-sent-back: true, readOnly: true}"] {
            assert_eq!(found(wrong), [("x-sent-back", place.clone())], "{wrong}");
        }
        for right in ["{x-sent-back: false, readOnly: true}", "{x-sent-back: true}"] {
            assert_eq!(found(right), [], "{right}");
        }
    }
}
