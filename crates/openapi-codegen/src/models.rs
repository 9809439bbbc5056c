//! The models of a contract: what its schemas say of a value, in the few shapes that the generator gets
//! right: objects, unions whose variants can be told apart, lists, maps, and plain values.
//!
//! *Works around*: progenitor (through typify) turns each limit into a type that refuses to parse anything
//! else, drops unknown members, gives two schemas one name, takes the first variant of a union that fits,
//! and merges `allOf` in ways that lose members. *Can go* when a model holds every document that its schema
//! allows.

mod names;
mod schema;
mod unions;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use indexmap::IndexMap;
use openapi_document::{Contract, Cursor, Diagnostic, Rule, escape, fold, unescape};
use serde_json::{Value, json};

pub(crate) use names::{component, part, stable};
pub(crate) use unions::Told;

use crate::rules;

/// The models of a contract.
#[derive(Debug, Default)]
pub struct Models {
    /// Every type, by its name in Rust.
    pub(crate) types: BTreeMap<String, Model>,
    /// What is at the schema of a body or a parameter, by the JSON Pointer of the schema.
    pub(crate) places: HashMap<String, Type>,
    /// The operations that are deprecated, by their names as they are folded.
    pub(crate) deprecated: BTreeSet<String>,
}

/// A type with a name.
#[derive(Debug)]
pub(crate) struct Model {
    /// The schema that it is made from.
    pub(crate) pointer: String,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: bool,
    pub(crate) shape: Shape,
}

/// What a type with a name is.
#[derive(Debug)]
pub(crate) enum Shape {
    Object(Object),
    /// One of several.
    Union {
        /// Where the contract lists them.
        list: String,
        /// In the order in which they are tried.
        variants: Vec<Variant>,
    },
    /// A string with its limits, in a schema: the type of a parameter.
    Strict(Value),
    /// A type that holds itself, and is neither an object nor a union.
    Newtype(Type),
}

#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) members: IndexMap<String, Member>,
    pub(crate) rest: Rest,
}

/// The members that an object has beside those it names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rest {
    Open,
    Closed,
    Of(Type),
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) ty: Type,
    /// Whether it is in every request and in every answer.
    pub(crate) required: bool,
    /// Whether it is in every answer.
    answered: bool,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: bool,
    /// Where the contract describes it.
    pub(crate) pointer: String,
    /// The only values that it can have, if the contract lists them.
    values: Option<Vec<Value>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// Where the contract has it: in more places if what stands there is one.
    pub(crate) pointers: Vec<String>,
    /// The values that members must have so that it is this variant.
    pub(crate) told: Vec<Told>,
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Type {
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Any,
    Boolean,
    /// In 64 bits, with a sign.
    Integer,
    /// In 64 bits, without a sign.
    Unsigned,
    Number,
    String,
    /// What this schema says, to the letter: the type of a parameter.
    Strict(Value),
    List(Box<Type>),
    Map(Box<Type>),
    Named(String),
}

impl Kind {
    fn type_of(self) -> Type {
        Type { kind: self, nullable: false }
    }
}

/// What a contract may say of a value beside its limits.
const STRUCTURE: [&str; 9] = [
    "type",
    "enum",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "oneOf",
    "anyOf",
    "$ref",
];

/// Makes the models of everything that requests and successful responses reach. What is found is what no
/// model can hold as the contract says it.
pub(crate) fn models(contract: &Contract) -> (Models, Vec<Diagnostic>) {
    let mut builder = Builder {
        contract,
        types: BTreeMap::new(),
        claimed: HashMap::new(),
        schemas: HashMap::new(),
        making: Vec::new(),
        open: Vec::new(),
        findings: Vec::new(),
    };
    let mut places = HashMap::new();
    for operation in contract.operations() {
        let id = stable(operation.value["operationId"].as_str().unwrap_or_default());
        let body = contract.resolve_at(&format!("{}/requestBody", operation.pointer));
        let mut bodies: Vec<_> = body.map(|at| (at, "Body")).into_iter().collect();
        for (status, at, _) in contract.responses(&operation) {
            let whole = status.starts_with('2') && !is_empty(operation.method, status);
            if whole || status == "default" {
                bodies.extend(contract.resolve_at(&at).map(|at| (at, "Response")));
            }
        }
        for (at, suffix) in bodies {
            for pointer in typed(&at, &["application/json", "application/x-www-form-urlencoded"]) {
                if let Some(schema) = contract.at(&pointer)
                    && !places.contains_key(&pointer)
                {
                    let ty = builder.body(schema, &format!("{id}{suffix}"), suffix == "Body");
                    places.insert(pointer, ty);
                }
            }
        }
        for parameter in contract.parameters(&operation) {
            let pointer = format!("{}/schema", parameter.place);
            if let Some(schema) = contract.at(&pointer)
                && !places.contains_key(&pointer)
            {
                let ty = builder.parameter(&schema, &part(&id, parameter.name));
                places.insert(pointer, ty);
            }
        }
    }
    let Builder { types, mut findings, .. } = builder;
    let deprecated =
        contract.operations().filter(|operation| operation.value["deprecated"] == true);
    let deprecated =
        deprecated.filter_map(|it| it.value["operationId"].as_str().map(fold)).collect();
    let mut models = Models { types, places, deprecated };
    unions::settle(contract, &mut models, &mut findings);
    (models, findings)
}

/// The schemas of a body in one of these media types, whatever their parameters are.
pub(crate) fn typed(body: &Cursor<'_>, media: &[&str]) -> Vec<String> {
    let content = body.value.get("content").and_then(Value::as_object);
    let named = content.into_iter().flatten().map(|(name, _)| name).filter(|name| {
        let essence = name.split(';').next().unwrap_or_default();
        media.contains(&essence)
    });
    named.map(|name| format!("{}/content/{}/schema", body.pointer, escape(name))).collect()
}

/// Whether a response has no content, whatever the contract says (RFC 9110 sections 9.3.2, 15.3.5 and 15.3.6).
pub(crate) fn is_empty(method: &str, status: &str) -> bool {
    method == "head" || ["204", "205"].contains(&status)
}

struct Builder<'a> {
    contract: &'a Contract,
    types: BTreeMap<String, Model>,
    /// Which schema has which name.
    claimed: HashMap<String, String>,
    /// What the components are, by their pointers.
    schemas: HashMap<String, Type>,
    /// What is being made, from the outside.
    making: Vec<Making>,
    /// The lists of alternatives whose variants are being made.
    open: Vec<String>,
    findings: Vec<Diagnostic>,
}

/// Schemas whose type is being made.
struct Making {
    /// Where they are.
    parts: Vec<String>,
    /// The type, if it needs a name.
    name: String,
    /// Whether it holds itself.
    held: bool,
}

impl<'a> Builder<'a> {
    fn report(&mut self, rule: Rule, pointer: &str, message: impl Into<String>, help: &str) {
        self.findings.push(self.contract.source.diagnostic(rule, pointer, message, help));
    }

    /// The type of the schema at a place; if a new type is made for it, it has this name.
    fn ty(&mut self, at: Cursor<'a>, name: &str) -> Type {
        if at.value.get("$ref").is_none() {
            return self.conjunction(&[at], name);
        }
        match self.contract.resolve(at) {
            Some(target) => self.target(&target, name),
            None => Kind::Any.type_of(),
        }
    }

    /// The type of a body. That of a request has a name, which its limits are constants of.
    fn body(&mut self, at: Cursor<'a>, name: &str, request: bool) -> Type {
        let ty = self.ty(at.clone(), name);
        if !request || matches!(ty.kind, Kind::Named(_)) {
            return ty;
        }
        let own = self.contract.resolve(at).unwrap_or_else(|| self.contract.root());
        let name = component(&own.pointer).unwrap_or_else(|| name.to_owned());
        self.declare(&name, &own, Shape::Newtype(ty)).type_of()
    }

    /// The type of a schema that a reference leads to.
    fn target(&mut self, at: &Cursor<'a>, name: &str) -> Type {
        let own = component(&at.pointer);
        let name = own.as_deref().unwrap_or(name);
        if let Some(ty) = self.schemas.get(&at.pointer) {
            return ty.clone();
        }
        let ty = self.conjunction(std::slice::from_ref(at), name);
        self.schemas.insert(at.pointer.clone(), ty.clone());
        ty
    }

    /// Gives a schema a type of its own.
    fn declare(&mut self, name: &str, at: &Cursor<'a>, shape: Shape) -> Kind {
        self.claim(name, &at.pointer);
        let description = at.text("description").map(str::to_owned);
        let deprecated = at.flag("deprecated");
        let model = Model { pointer: at.pointer.clone(), description, deprecated, shape };
        self.types.entry(name.to_owned()).or_insert(model);
        Kind::Named(name.to_owned())
    }

    /// No two schemas have one name.
    fn claim(&mut self, name: &str, pointer: &str) {
        let other = self.claimed.entry(name.to_owned()).or_insert_with(|| pointer.to_owned());
        if other == pointer {
            return;
        }
        // The one without a name of its own is the one to move. It is found once.
        let (inline, other) = match component(pointer) {
            Some(_) => (other.clone(), pointer.to_owned()),
            None => (pointer.to_owned(), other.clone()),
        };
        let message = format!("the type of this would be `{name}`, which is that of {other}");
        let help = "move the schema to `/components/schemas`, under another name";
        let known = |it: &Diagnostic| it.rule == rules::TYPE_NAME.id && it.pointer == inline;
        if self.findings.iter().any(known) {
            return;
        }
        self.report(rules::TYPE_NAME, &inline, message, help);
    }

    /// The type of a value for which all of these schemas hold.
    fn conjunction(&mut self, parts: &[Cursor<'a>], name: &str) -> Type {
        let places: Vec<_> = parts.iter().map(|part| part.pointer.clone()).collect();
        if let Some(outer) = self.making.iter_mut().find(|outer| outer.parts == places) {
            outer.held = true;
            return Kind::Named(outer.name.clone()).type_of();
        }
        self.making.push(Making { parts: places, name: name.to_owned(), held: false });
        let ty = self.merged(parts, name);
        let held = self.making.pop().is_some_and(|making| making.held);
        let named = Kind::Named(name.to_owned());
        match parts.first().filter(|_| held && ty.kind != named) {
            Some(owner) => self.declare(name, owner, Shape::Newtype(ty)).type_of(),
            None => ty,
        }
    }

    /// The type of a value for which all of these schemas hold, unless it holds itself.
    fn merged(&mut self, parts: &[Cursor<'a>], name: &str) -> Type {
        let mut direct = Vec::new();
        for part in parts {
            branches_of_all(part, &mut direct);
        }
        let nullable = direct.iter().any(|part| part.flag("nullable"));
        direct.retain(|part| STRUCTURE.iter().any(|key| part.value.get(key).is_some()));
        // A description, or null, beside a reference makes no other type.
        if let [only] = &direct[..]
            && only.value.get("$ref").is_some()
        {
            let ty = self.ty(only.clone(), name);
            return Type { nullable: nullable || ty.nullable, ..ty };
        }
        let mut flat = Vec::new();
        for part in direct {
            self.flatten(part, &mut flat);
        }
        let nullable = nullable || flat.iter().any(|part| part.flag("nullable"));
        let owner = parts.first().cloned().unwrap_or_else(|| self.contract.root());
        let ty = self.kind(&owner, &flat, name);
        let nullable = (nullable || ty.nullable) && ty.kind != Kind::Any;
        Type { nullable, ..ty }
    }

    /// The schemas that a schema is composed of by `allOf` and `$ref`, itself among them.
    fn flatten(&self, at: Cursor<'a>, found: &mut Vec<Cursor<'a>>) {
        let Some(at) = self.contract.resolve(at) else { return };
        if found.iter().any(|other| other.pointer == at.pointer) {
            return;
        }
        let branches: Vec<_> = at.elements("allOf").collect();
        found.push(at);
        for branch in branches {
            self.flatten(branch, found);
        }
    }

    fn kind(&mut self, owner: &Cursor<'a>, parts: &[Cursor<'a>], name: &str) -> Type {
        let declared = self.declared(parts);
        let has = |keys: &[&str]| {
            parts.iter().find(|part| keys.iter().any(|key| part.value.get(key).is_some()))
        };
        let unions = self.unions(parts);
        let class = match declared {
            Some(class) => class,
            None if !unions.is_empty() => return self.union(owner, parts, &unions, name),
            None => {
                let implied = [
                    ("object", has(&["properties", "additionalProperties", "required"])),
                    ("array", has(&["items"])),
                ];
                let implied =
                    implied.into_iter().find_map(|(class, part)| part.map(|part| (class, part)));
                match (implied, class_of_values(parts)) {
                    (Some((class, part)), _) => {
                        let message = format!("without a `type`, more than an {class} is allowed");
                        let help = format!("add `type: {class}`; the model reads nothing else");
                        let pointer = part.pointer.clone();
                        self.report(rules::IMPLIED_TYPE, &pointer, message, &help);
                        class
                    }
                    (None, Some(class)) => class,
                    (None, None) => return Kind::Any.type_of(),
                }
            }
        };
        let kind = match class {
            "string" => Kind::String,
            "boolean" => Kind::Boolean,
            "number" => Kind::Number,
            "integer" => {
                let formats = || parts.iter().filter_map(|part| part.text("format"));
                let signed = |format| ["int8", "int16", "int32", "int64"].contains(&format);
                let unsigned = formats().any(|format| format == "uint64");
                if unsigned && !formats().any(signed) { Kind::Unsigned } else { Kind::Integer }
            }
            "array" => {
                let items: Vec<_> = parts.iter().filter_map(|part| part.get("items")).collect();
                let item = match &items[..] {
                    [] => Kind::Any.type_of(),
                    [one] => self.ty(one.clone(), &part(name, "item")),
                    several => self.conjunction(several, &part(name, "item")),
                };
                Kind::List(Box::new(item))
            }
            _ if !unions.is_empty() => return self.union(owner, parts, &unions, name),
            _ => self.object(owner, parts, name),
        };
        kind.type_of()
    }

    /// The type that schemas declare: the narrowest of them.
    fn declared(&mut self, parts: &[Cursor<'a>]) -> Option<&'a str> {
        let mut found: Option<(&str, &Cursor<'a>)> = None;
        let mut conflict = None;
        for part in parts {
            let Some(class) = part.text("type") else { continue };
            found = match found {
                None => Some((class, part)),
                Some((other, _)) if other == class => found,
                Some(("number", _)) if class == "integer" => Some((class, part)),
                Some(("integer", _)) if class == "number" => found,
                Some((other, at)) => {
                    conflict = conflict.or(Some((other, at.pointer.clone(), class, part)));
                    found
                }
            };
        }
        if let Some((other, at, class, part)) = conflict {
            let message =
                format!("this is of type {class}, and {at} of type {other}: nothing is both");
            let help = "give both the same type, or take one of them out of the `allOf`";
            self.report(rules::UNSATISFIABLE, &format!("{}/type", part.pointer), message, help);
        }
        found.map(|(class, _)| class)
    }

    /// The lists of alternatives that say of what type a value is.
    fn unions(&self, parts: &[Cursor<'a>]) -> Vec<Cursor<'a>> {
        let mut found = Vec::new();
        for part in parts {
            for key in ["oneOf", "anyOf"] {
                let Some(list) = part.get(key) else { continue };
                // Its variants are being made.
                if self.open.contains(&list.pointer) {
                    continue;
                }
                // Which members there must be, or how long they are, is a limit, and no type.
                let says = |branch: &Cursor<'a>| {
                    let mut direct = Vec::new();
                    branches_of_all(branch, &mut direct);
                    direct.iter().any(|part| {
                        let keys = STRUCTURE.iter().filter(|key| **key != "required");
                        keys.into_iter().any(|key| part.value.get(key).is_some())
                    })
                };
                if part.elements(key).any(|branch| says(&branch)) {
                    found.push(list);
                }
            }
        }
        found
    }

    fn object(&mut self, owner: &Cursor<'a>, parts: &[Cursor<'a>], name: &str) -> Kind {
        let mut places: IndexMap<&str, Vec<Cursor<'a>>> = IndexMap::new();
        let mut required = BTreeSet::new();
        for part in parts {
            for (member, at) in part.entries("properties") {
                places.entry(member).or_default().push(at);
            }
            required.extend(part.elements("required").filter_map(|at| at.value.as_str()));
        }
        let extra = ["properties", "additionalProperties"];
        let structural =
            parts.iter().filter(|part| extra.iter().any(|key| part.value.get(key).is_some()));
        let structural: Vec<_> = structural.collect();
        let typed = parts.iter().filter_map(|part| part.get("additionalProperties"));
        let typed: Vec<_> = typed.filter(|at| at.value.is_object()).collect();
        let closed = match &structural[..] {
            [one] => one.value.get("additionalProperties") == Some(&Value::Bool(false)),
            _ => false,
        };
        self.closed_out(parts, &required);
        let rest = match &typed[..] {
            _ if closed => Rest::Closed,
            [] => Rest::Open,
            [one] if structural.len() == 1 => Rest::Of(self.ty(one.clone(), &part(name, "value"))),
            _ if structural.len() == typed.len() && places.is_empty() => {
                Rest::Of(self.conjunction(&typed, &part(name, "value")))
            }
            _ => Rest::Open,
        };
        if places.is_empty() && !closed {
            let value = match rest {
                Rest::Of(ty) => ty,
                _ => Kind::Any.type_of(),
            };
            return Kind::Map(Box::new(value));
        }
        // Before its members, which may hold it.
        self.claim(name, &owner.pointer);
        let mut members = IndexMap::new();
        for (member, places) in places {
            let inner = part(name, member);
            let ty = match &places[..] {
                [one] => self.ty(one.clone(), &inner),
                several => self.conjunction(several, &inner),
            };
            let described = places.iter().find_map(|at| self.says(at, "description"));
            let mut description = described.and_then(Value::as_str).map(str::to_owned);
            if let Some(default) = places.iter().find_map(|at| at.value.get("default")) {
                let text = description.get_or_insert_default();
                let gap = if text.trim_end().contains('\n') { "\n\n" } else { " " };
                *text = format!("{}{gap}Left out, it is `{default}`.", text.trim_end());
                *text = text.trim_start().to_owned();
            }
            let deprecated =
                places.iter().any(|at| self.says(at, "deprecated") == Some(&Value::Bool(true)));
            let mut flat = Vec::new();
            for at in &places {
                self.flatten(at.clone(), &mut flat);
            }
            let values = common_values(&flat);
            let pointer = places.first().map(|at| at.pointer.clone()).unwrap_or_default();
            // Of what only one side writes, `required` binds that side alone (OpenAPI 3.0.3 section 4.7.24.2).
            let has = |flag| flat.iter().any(|part| part.flag(flag));
            let answered = required.contains(member) && !has("writeOnly");
            let required = answered && !has("readOnly");
            let found = Member { ty, required, answered, description, deprecated, pointer, values };
            members.insert(member.to_owned(), found);
        }
        self.declare(name, owner, Shape::Object(Object { members, rest }))
    }

    /// Members that one part requires, and another one that is closed does not allow.
    fn closed_out(&mut self, parts: &[Cursor<'a>], required: &BTreeSet<&str>) {
        for part in parts {
            if part.value.get("additionalProperties") != Some(&Value::Bool(false)) {
                continue;
            }
            let known = part.value.get("properties");
            let lacks = |name: &&&str| known.is_none_or(|known| known.get(**name).is_none());
            if let Some(name) = required.iter().find(lacks) {
                let pointer = format!("{}/additionalProperties", part.pointer);
                let message = format!("`{name}` is required, and this does not allow it");
                let help = "name it here as well, or leave `additionalProperties` out";
                self.report(rules::UNSATISFIABLE, &pointer, message, help);
            }
        }
    }

    /// What a schema says itself, or what it is composed of does.
    fn says(&self, at: &Cursor<'a>, key: &str) -> Option<&'a Value> {
        if let Some(value) = at.value.get(key) {
            return Some(value);
        }
        // The text of a component is that of its type.
        let is_text = key == "description" || key == "deprecated";
        let mut flat = Vec::new();
        if is_text && at.value.get("$ref").is_some() {
            return None;
        }
        self.flatten(at.clone(), &mut flat);
        flat.iter().find_map(|part| part.value.get(key))
    }

    fn union(
        &mut self,
        owner: &Cursor<'a>,
        parts: &[Cursor<'a>],
        unions: &[Cursor<'a>],
        name: &str,
    ) -> Type {
        let [list] = unions else {
            let message = "a value is one of several in two ways; it is read as any JSON";
            let help = "write out the combinations as one `oneOf`";
            if let Some(second) = unions.get(1) {
                self.report(rules::AMBIGUOUS_UNION, &second.pointer, message, help);
            }
            return Kind::Any.type_of();
        };
        // What stands beside the list is in every variant.
        let shared = parts.iter().filter(|part| {
            ["properties", "additionalProperties"].iter().any(|key| part.value.get(key).is_some())
        });
        let shared: Vec<_> = shared.cloned().collect();
        let mut variants = Vec::new();
        self.open.push(list.pointer.clone());
        let count = list.value.as_array().map_or(0, Vec::len);
        for index in 0..count {
            let at = format!("{}/{index}", list.pointer);
            let Some(branch) = self.contract.at(&at) else { continue };
            let target = branch.text("$ref").and_then(|at| component(at.trim_start_matches('#')));
            let label = target.unwrap_or_else(|| format!("Variant{index}"));
            let inner = part(name, &label);
            let ty = if shared.is_empty() {
                self.ty(branch, &inner)
            } else {
                let all: Vec<_> = std::iter::once(branch).chain(shared.clone()).collect();
                self.conjunction(&all, &inner)
            };
            variants.push(Variant { name: label, ty, pointers: vec![at], told: Vec::new() });
        }
        self.open.pop();
        self.discriminate(&list.pointer, &mut variants);
        let nullable = variants.iter().any(|variant| variant.ty.nullable);
        let kind = unions::plain(&mut variants).unwrap_or_else(|| {
            let list = list.pointer.clone();
            self.declare(name, owner, Shape::Union { list, variants })
        });
        Type { kind, nullable }
    }

    /// Notes which values of a discriminator stand for which variant.
    fn discriminate(&self, list: &str, variants: &mut [Variant]) {
        let holder = list.rsplit_once('/').map_or("", |(holder, _)| holder);
        let Some(discriminator) = self.contract.at(&format!("{holder}/discriminator")) else {
            return;
        };
        let Some(member) = discriminator.text("propertyName") else { return };
        for variant in variants {
            let Some(target) = variant.pointers.first().and_then(|at| self.contract.at(at)) else {
                continue;
            };
            let Some(target) = target.text("$ref").map(|at| at.trim_start_matches('#')) else {
                continue;
            };
            let name = target.rsplit('/').next().map(unescape).unwrap_or_default();
            let mapped = discriminator.entries("mapping").filter(|(_, at)| {
                let to = at.value.as_str().unwrap_or_default();
                to.trim_start_matches('#') == target || *to == *name
            });
            let mut values: Vec<_> = mapped.map(|(value, _)| value.to_owned()).collect();
            // Without a mapping, it is the name of the schema (OpenAPI 3.0.3 section 4.7.25).
            if values.is_empty() {
                values.push(name);
            }
            let text = match &variant.ty.kind {
                Kind::Named(name) => match self.types.get(name).map(|model| &model.shape) {
                    Some(Shape::Object(object)) => {
                        object.members.get(member).is_none_or(|it| it.ty.kind == Kind::String)
                    }
                    _ => true,
                },
                _ => true,
            };
            // The keys of a mapping are texts, whatever the member is.
            let value = |key: String| match serde_json::from_str(&key) {
                Ok(value) if !text => value,
                _ => Value::from(key),
            };
            let values = values.into_iter().map(value).collect();
            variant.told.push(Told { member: member.to_owned(), values });
        }
    }

    /// The type of a parameter: a plain value or a list of them, as strict as it can be written.
    fn parameter(&mut self, at: &Cursor<'a>, name: &str) -> Type {
        let mut flat = Vec::new();
        self.flatten(at.clone(), &mut flat);
        let own = flat.first().cloned().unwrap_or_else(|| at.clone());
        let ty = self.kind(&own, &flat, name);
        let says = |key: &str| flat.iter().find_map(|part| part.value.get(key));
        let formats = ["uuid", "ipv4", "ipv6", "int32", "uint32", "int64", "uint64"];
        let format = says("format").and_then(Value::as_str).filter(|name| formats.contains(name));
        let kind = match (ty.kind, format) {
            (Kind::String, Some(format)) if !format.contains("int") => {
                Kind::Strict(json!({"type": "string", "format": format}))
            }
            (Kind::Integer | Kind::Unsigned, Some(format)) if format.contains("int") => {
                Kind::Strict(json!({"type": "integer", "format": format}))
            }
            (Kind::String, _) => {
                let limits = ["enum", "pattern", "minLength", "maxLength", "description"];
                let limits = limits.iter().filter_map(|key| Some((*key, says(key)?.clone())));
                let limits: serde_json::Map<_, _> =
                    limits.map(|(key, value)| (key.to_owned(), value)).collect();
                if limits.is_empty() || limits.keys().all(|key| key == "description") {
                    Kind::String
                } else {
                    let mut schema = json!({"type": "string"});
                    limits.into_iter().for_each(|(key, value)| schema[&key] = value);
                    // Null is the absent parameter.
                    if let Some(values) = schema["enum"].as_array_mut() {
                        values.retain(|value| !value.is_null());
                    }
                    let name = component(&own.pointer).unwrap_or_else(|| name.to_owned());
                    self.declare(&name, &own, Shape::Strict(schema))
                }
            }
            (Kind::List(item), _) => {
                let item = match flat.iter().find_map(|part| part.get("items")) {
                    Some(items) => self.parameter(&items, &part(name, "item")),
                    None => *item,
                };
                Kind::List(Box::new(item))
            }
            (kind @ (Kind::Named(_) | Kind::Map(_) | Kind::Any), _) => {
                let is_object = match &kind {
                    Kind::Named(name) => self
                        .types
                        .get(name)
                        .is_some_and(|model| matches!(model.shape, Shape::Object(_))),
                    kind => matches!(kind, Kind::Map(_)),
                };
                if is_object {
                    let message = "the generator cannot write an object as a parameter";
                    let help = "make it a string, and say in words how it is written";
                    self.report(rules::PARAMETER_OBJECT, &at.pointer, message, help);
                }
                Kind::String
            }
            (kind, _) => kind,
        };
        kind.type_of()
    }
}

/// The branches of `allOf`, as deep as they go, and what stands beside them. References are not followed.
fn branches_of_all<'a>(at: &Cursor<'a>, found: &mut Vec<Cursor<'a>>) {
    found.push(at.clone());
    for branch in at.elements("allOf") {
        branches_of_all(&branch, found);
    }
}

/// The values that every `enum` lists, if there is one.
fn common_values(parts: &[Cursor<'_>]) -> Option<Vec<Value>> {
    let lists = parts.iter().filter_map(|part| part.value.get("enum")?.as_array());
    let common = |mut common: Vec<Value>, list: &Vec<Value>| {
        common.retain(|value| list.contains(value));
        common
    };
    let mut lists = lists.into_iter();
    let first = lists.next()?.clone();
    Some(lists.fold(first, common))
}

/// The type that the values of an `enum` have, if they have one.
fn class_of_values(parts: &[Cursor<'_>]) -> Option<&'static str> {
    let values = parts.iter().find_map(|part| part.value.get("enum")?.as_array())?;
    let mut classes = values.iter().filter(|value| !value.is_null()).map(|value| match value {
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Array(_) => "array",
        _ => "object",
    });
    let first = classes.next()?;
    classes.all(|class| class == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The models of a contract whose one operation answers with `Probe`, and what is found.
    fn made(schemas: &str) -> (Models, Vec<(&'static str, String)>) {
        let text = format!(
            "
openapi: 3.0.3
info: {{title: T, version: '1'}}
paths:
  /a:
    get:
      operationId: getA
      responses: {{'200': {{description: ok, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Probe'}}}}}}}}}}
components:
  schemas:
{schemas}"
        );
        let contract = openapi_lint::grammar::parse("test.yaml", &text).expect("a contract");
        let (models, findings) = models(&contract);
        (models, findings.into_iter().map(|found| (found.rule, found.pointer)).collect())
    }

    /// The schema that stands for the member `x` of `Probe`, and what is found.
    fn member(schema: &str) -> (Value, Vec<(&'static str, String)>) {
        let (models, found) = made(&format!(
            "    Probe: {{type: object, properties: {{x: {schema}}}}}
    Card: {{type: object, required: [kind], properties: {{kind: {{type: string, enum: [card]}}, pan: {{type: string}}}}}}
    Iban: {{type: object, required: [kind], properties: {{kind: {{type: string, enum: [iban]}}, iban: {{type: string}}}}}}
    Text: {{type: string, maxLength: 9, description: A text.}}
    Base: {{type: object, properties: {{a: {{type: string, nullable: true}}, n: {{type: number}}}}}}
    Names: {{type: array, items: {{$ref: '#/components/schemas/Text'}}}}
    Alias: {{$ref: '#/components/schemas/Base'}}
"
        ));
        let probe = models.types["Probe"].json()["properties"]["x"].clone();
        (probe, found)
    }

    #[test]
    fn limits_formats_and_names_of_plain_values_are_left_out() {
        for (schema, expected) in [
            ("{type: string, format: uuid, maxLength: 3, pattern: a}", json!({"type": "string"})),
            (
                "{type: string, enum: [a], nullable: true}",
                json!({"type": "string", "nullable": true}),
            ),
            (
                "{type: integer, format: int32, maximum: 3}",
                json!({"type": "integer", "format": "int64"}),
            ),
            ("{type: integer, format: uint64}", json!({"type": "integer", "format": "uint64"})),
            (
                "{allOf: [{type: integer, format: uint64}, {type: integer}]}",
                json!({"type": "integer", "format": "uint64"}),
            ),
            (
                "{allOf: [{type: integer, format: uint64}, {type: integer, format: int64}]}",
                json!({"type": "integer", "format": "int64"}),
            ),
            ("{type: number, format: float}", json!({"type": "number", "format": "double"})),
            ("{$ref: '#/components/schemas/Text'}", json!({"type": "string"})),
            ("{enum: [a, b]}", json!({"type": "string"})),
            ("{enum: [1, a]}", json!({})),
            ("{not: {type: string}}", json!({})),
            ("{}", json!({})),
            (
                "{$ref: '#/components/schemas/Names'}",
                json!({"type": "array", "items": {"type": "string"}, "nullable": true}),
            ),
            ("{$ref: '#/components/schemas/Alias'}", json!({"$ref": "#/components/schemas/Base"})),
            (
                "{type: object, additionalProperties: {type: integer}}",
                json!({"type": "object", "additionalProperties": {"type": "integer", "format": "int64"}, "nullable": true}),
            ),
            (
                "{type: object}",
                json!({"type": "object", "additionalProperties": {}, "nullable": true}),
            ),
        ] {
            assert_eq!(member(schema), (expected, vec![]), "{schema}");
        }
    }

    #[test]
    fn all_of_is_one_schema() {
        let base = json!({"$ref": "#/components/schemas/Base"});
        let nullable = json!({"allOf": [base], "nullable": true});
        for (schema, expected) in [
            ("{allOf: [{$ref: '#/components/schemas/Base'}], description: D.}", base.clone()),
            ("{allOf: [{$ref: '#/components/schemas/Base'}], nullable: true}", nullable),
            ("{allOf: [{type: string}, {maxLength: 3}]}", json!({"type": "string"})),
            (
                "{allOf: [{type: number}, {type: integer}]}",
                json!({"type": "integer", "format": "int64"}),
            ),
        ] {
            assert_eq!(member(schema), (expected, vec![]), "{schema}");
        }
        let conflict = member("{allOf: [{type: string}, {type: boolean}]}").1;
        let at = "/components/schemas/Probe/properties/x/allOf/1/type".to_owned();
        assert_eq!(conflict, [("unsatisfiable", at)]);
        // A member that both have is what both say of it.
        let (models, found) = made(
            "    Probe: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, required: [n], properties: {n: {type: integer}, own: {type: string}}}]}
    Base: {type: object, properties: {a: {type: string}, n: {type: number}}}
",
        );
        assert_eq!(found, []);
        let probe = models.types["Probe"].json();
        assert_eq!(probe["properties"]["n"], json!({"type": "integer", "format": "int64"}));
        assert_eq!(probe["required"], json!(["n"]));
        assert_eq!(probe["additionalProperties"], json!({}));
        let names: Vec<_> = probe["properties"].as_object().expect("members").keys().collect();
        assert_eq!(names, ["a", "n", "own"]);
    }

    /// The variants of `ProbeX` in their order, with the members that tell them.
    fn union(schema: &str) -> Vec<String> {
        let (models, found) = made(&format!(
            "    Probe: {{type: object, properties: {{x: {schema}}}}}
    Card: {{type: object, required: [kind], properties: {{kind: {{type: string, enum: [card]}}, pan: {{type: string}}}}}}
    Iban: {{type: object, required: [kind], properties: {{kind: {{type: string, enum: [iban]}}, iban: {{type: string}}}}}}
    One: {{type: object, required: [a], properties: {{a: {{type: string}}, kind: {{type: string}}}}}}
    Two: {{type: object, required: [a, b], properties: {{a: {{type: string}}, b: {{type: string}}, kind: {{type: string}}}}}}
    Loose: {{type: object, properties: {{x: {{type: string}}}}}}
"
        ));
        assert_eq!(found, [], "{schema}");
        let Shape::Union { variants, .. } = &models.types["ProbeX"].shape else {
            panic!("{schema}")
        };
        let shown = variants.iter().map(|variant| {
            let told = variant.told.iter().map(|it| format!(" {}={}", it.member, json!(it.values)));
            format!("{}{}", variant.name, told.collect::<String>())
        });
        shown.collect()
    }

    #[test]
    fn variants_are_told_apart() {
        let of = |names: &str| {
            let names =
                names.split(' ').map(|name| format!("{{$ref: '#/components/schemas/{name}'}}"));
            names.collect::<Vec<_>>().join(", ")
        };
        for (schema, expected) in [
            (
                format!("{{oneOf: [{}]}}", of("Card Iban")),
                vec![r#"Card kind=["card"]"#, r#"Iban kind=["iban"]"#],
            ),
            // What has more required members comes first.
            (format!("{{anyOf: [{}]}}", of("One Two")), vec!["Two", "One"]),
            (
                format!(
                    "{{oneOf: [{}], discriminator: {{propertyName: kind, mapping: {{uno: One}}}}}}",
                    of("One Two")
                ),
                vec![r#"One kind=["uno"]"#, r#"Two kind=["Two"]"#],
            ),
            (
                "{oneOf: [{type: number}, {type: integer}, {type: string}, {type: boolean}]}"
                    .into(),
                vec!["Number", "String", "Boolean"],
            ),
            (
                format!("{{oneOf: [{{type: array, items: {{type: string}}}}, {}]}}", of("Loose")),
                vec!["List", "Loose"],
            ),
            // One that is closed takes no other's members.
            (
                format!(
                    "{{oneOf: [{{type: object, additionalProperties: false, properties: {{p: {{type: string}}}}}}, {}]}}",
                    of("One")
                ),
                vec!["Variant0", "One"],
            ),
            // A union in a union is its variants.
            (
                format!("{{oneOf: [{{oneOf: [{}]}}, {{type: string}}]}}", of("Card Iban")),
                vec![r#"Card kind=["card"]"#, r#"Iban kind=["iban"]"#, "String"],
            ),
        ] {
            assert_eq!(union(&schema), expected, "{schema}");
        }
    }

    #[test]
    fn tags_and_discriminators_are_what_the_contract_says() {
        let shown = |schemas: &str| -> Vec<String> {
            let (models, found) = made(schemas);
            assert_eq!(found, []);
            let Shape::Union { variants, .. } = &models.types["Probe"].shape else {
                panic!("no union: {models:?}")
            };
            let told = |variant: &Variant| {
                let told = variant
                    .told
                    .iter()
                    .map(|told| format!(" {}={}", told.member, Value::from(told.values.clone())));
                format!("{}{}", variant.name, told.collect::<String>())
            };
            variants.iter().map(told).collect()
        };
        // The keys of a mapping are texts, and the member is a number.
        let numbers = "    Probe:
      oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]
      discriminator: {propertyName: k, mapping: {'1': '#/components/schemas/A', '2': '#/components/schemas/B'}}
    A: {type: object, properties: {k: {type: integer}}}
    B: {type: object, properties: {k: {type: integer}}}
";
        assert_eq!(shown(numbers), ["A k=[1]", "B k=[2]"]);
        // A tag that a part narrows.
        let narrowed = "    Probe: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}
    Base: {type: object, required: [k], properties: {k: {type: string, enum: [a, b]}}}
    A: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, properties: {k: {type: string, enum: [a]}}}]}
    B: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, properties: {k: {type: string, enum: [b]}}}]}
";
        assert_eq!(shown(narrowed), [r#"A k=["a"]"#, r#"B k=["b"]"#]);
        // What tells a union tells its variants.
        let nested = "    Probe:
      oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Car'}]
      discriminator: {propertyName: kind, mapping: {pet: Pet, car: Car}}
    Pet:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: species}
    Cat: {type: object, properties: {kind: {type: string}, species: {type: string}}}
    Dog: {type: object, properties: {kind: {type: string}, species: {type: string}}}
    Car: {type: object, properties: {kind: {type: string}}}
";
        assert_eq!(
            shown(nested),
            [
                r#"Cat species=["Cat"] kind=["pet"]"#,
                r#"Dog species=["Dog"] kind=["pet"]"#,
                r#"Car kind=["car"]"#
            ]
        );
        // A tag counts beside members that the other one does not have.
        let tagged = "    Probe: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}
    A: {type: object, required: [own, k], properties: {own: {type: string}, k: {type: string, enum: [a]}}}
    B: {type: object, required: [k], properties: {k: {type: string, enum: [b]}}}
";
        assert_eq!(shown(tagged), [r#"A k=["a"]"#, r#"B k=["b"]"#]);
        // A member that is a union is read whatever it is: it tells nothing.
        let reads = "    Probe: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}
    A: {type: object, required: [n], properties: {n: {oneOf: [{type: boolean}, {type: string}]}}}
    B: {type: object, required: [n], properties: {n: {type: number}}}
";
        assert_eq!(shown(reads), ["B", "A"]);
    }

    #[test]
    fn what_a_closed_part_does_not_allow_cannot_be_required() {
        let of = |members: &str| {
            made(&format!(
                "    Probe:
      allOf:
      - {{type: object, required: [a], properties: {{a: {{type: string}}}}}}
      - {{type: object, additionalProperties: false, properties: {{{members}}}}}
"
            ))
            .1
        };
        let at = "/components/schemas/Probe/allOf/1/additionalProperties".to_owned();
        assert_eq!(of("b: {type: string}"), [("unsatisfiable", at)]);
        assert_eq!(of("a: {type: string}"), []);
    }

    #[test]
    fn what_one_side_writes_is_required_of_that_side_alone() {
        let (models, found) = made(
            "    Probe:
      type: object
      required: [id, name, secret, part]
      properties:
        id: {type: string, readOnly: true}
        name: {type: string}
        secret: {type: string, writeOnly: true}
        part: {allOf: [{type: string}, {readOnly: true}]}
",
        );
        assert_eq!(
            (models.types["Probe"].json()["required"].clone(), found),
            (json!(["name"]), vec![])
        );
    }

    #[test]
    fn a_union_of_one_kind_is_that_kind() {
        let text = json!({"type": "string"});
        let of_texts = "{anyOf: [{$ref: '#/components/schemas/Text'}, {type: string, pattern: a}]}";
        assert_eq!(member(of_texts), (text.clone(), vec![]));
        let limits = "{type: string, anyOf: [{pattern: a}, {maxLength: 3}]}";
        assert_eq!(member(limits), (text, vec![]));
        let or_null =
            "{oneOf: [{$ref: '#/components/schemas/Base'}, {nullable: true, enum: [null]}]}";
        assert_eq!(member(or_null), (json!({}), vec![]));
    }

    #[test]
    fn what_nothing_tells_apart_is_any_json_and_found() {
        let at = |rest: &str| format!("/components/schemas/Probe/properties/x{rest}");
        for schema in [
            "{oneOf: [{$ref: '#/components/schemas/Base'}, {type: object, properties: {z: {type: string}}}]}",
            "{oneOf: [{$ref: '#/components/schemas/Base'}, {type: object, additionalProperties: {type: string}}]}",
        ] {
            assert_eq!(member(schema), (json!({}), vec![("ambiguous-union", at("/oneOf"))]));
        }
    }

    #[test]
    fn members_beside_a_union_are_in_each_variant() {
        let (models, found) = made(
            "    Probe:
      type: object
      required: [id]
      properties: {id: {type: string}}
      oneOf:
      - {type: object, required: [a], properties: {a: {type: string}}}
      - {type: object, required: [b], properties: {b: {type: string}}}
",
        );
        assert_eq!(found, []);
        for (name, members) in [("ProbeVariant0", ["a", "id"]), ("ProbeVariant1", ["b", "id"])] {
            let schema = models.types[name].json();
            assert_eq!(
                schema["properties"].as_object().expect("members").keys().collect::<Vec<_>>(),
                members
            );
            assert_eq!(schema["required"], json!(members));
        }
        // Which members there must be is a limit, and no variant.
        let (models, found) = made(
            "    Probe: {type: object, properties: {a: {type: string}, b: {type: string}}, anyOf: [{required: [a]}, {required: [b]}]}
",
        );
        assert_eq!(found, []);
        assert!(matches!(models.types["Probe"].shape, Shape::Object(_)));
    }

    #[test]
    fn what_holds_itself_is_a_type() {
        let (models, found) = made(
            "    Probe: {type: object, properties: {tree: {$ref: '#/components/schemas/Tree'}, list: {$ref: '#/components/schemas/Lists'}}}
    Tree: {oneOf: [{$ref: '#/components/schemas/Node'}, {type: string}]}
    Node: {type: object, required: [children], properties: {children: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}
    Lists: {type: array, items: {$ref: '#/components/schemas/Lists'}}
",
        );
        assert_eq!(found, []);
        assert!(matches!(models.types["Tree"].shape, Shape::Union { .. }));
        assert!(matches!(models.types["Lists"].shape, Shape::Newtype(_)));
    }

    #[test]
    fn what_is_composed_of_itself_ends() {
        for x in [
            "{allOf: [{$ref: '#/components/schemas/Probe'}, {type: object, properties: {y: {type: string}}}]}",
            "{allOf: [{$ref: '#/components/schemas/Probe'}, {$ref: '#/components/schemas/Other'}]}",
            "{type: array, items: {allOf: [{$ref: '#/components/schemas/Other'}, {required: [x]}]}}",
        ] {
            let (models, found) = made(&format!(
                "    Probe: {{type: object, properties: {{x: {x}}}}}
    Other: {{type: object, properties: {{x: {{$ref: '#/components/schemas/Other'}}}}}}
"
            ));
            assert!(found.is_empty() || found[0].0 == "unsatisfiable", "{x}: {found:?}");
            assert!(models.types.len() < 5, "{x}");
        }
    }

    #[test]
    fn a_default_is_a_text() {
        let (models, found) = made(
            "    Probe: {type: object, properties: {x: {type: string, default: en, description: The language.}}}
",
        );
        assert_eq!(found, []);
        let expected =
            json!({"type": "string", "description": "The language. Left out, it is `\"en\"`."});
        assert_eq!(models.types["Probe"].json()["properties"]["x"], expected);
    }

    #[test]
    fn two_schemas_of_one_name_are_found() {
        let (_, found) = made(
            "    Probe: {type: object, properties: {owner: {type: object, properties: {a: {type: string}}}, other: {$ref: '#/components/schemas/ProbeOwner'}}}
    ProbeOwner: {type: object, properties: {b: {type: string}}}
",
        );
        let at = "/components/schemas/Probe/properties/owner".to_owned();
        assert_eq!(found, [("type-name", at)]);
    }
}
