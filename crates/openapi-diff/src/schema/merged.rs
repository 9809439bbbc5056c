//! Alternatives of which each has types of its own, as the one schema that allows all of them: what
//! `type: [string, integer]` says, too.

use openapi_document::{Cursor, Document};
use serde_json::Value;

use crate::change::Direction;
use crate::schema::node::{Flat, said, unwrapped};
use crate::schema::normalized::NormalizedSchema;
use crate::schema::types::Types;

impl<'a> NormalizedSchema<'a> {
    /// Whether it allows several types, each in its way.
    pub(crate) fn has_types(&self) -> bool {
        let kinds = [Types::BOOLEAN, Types::NUMBER, Types::STRING, Types::ARRAY, Types::OBJECT];
        self.types != Types::ANY && kinds.iter().filter(|kind| self.types.has(**kind)).count() > 1
    }

    /// The alternatives as one schema; `None` if two of them share a type, or if one says something
    /// that another one's values must not be held to.
    pub(crate) fn merged(&self, document: &'a Document, direction: Direction) -> Option<Self> {
        let group = self.alternatives()?;
        let branches = group.branches.iter().map(|branch| unwrapped(document, branch.clone()));
        let branches: Vec<_> = branches.collect();
        let mut types = Types::NONE;
        let mut formats = 0;
        for branch in &branches {
            let own = types_of(branch)?;
            let foreign = said(branch).any(|name| !is_about(name, own));
            if types.has(own) || foreign {
                return None;
            }
            types = types.or(own);
            formats += usize::from(branch.value.get("format").is_some());
        }
        if formats > 1 {
            return None;
        }
        let leaves = self.leaves.iter().cloned().chain(branches).collect();
        let flat = Flat { leaves, groups: Vec::new(), nullable: self.null };
        let merged = Self::of(document, &self.parts, flat, Some(types), direction);
        Some(Self {
            default: self.default.clone(),
            deprecated: self.deprecated,
            description: self.description.clone(),
            title: self.title.clone(),
            ..merged
        })
    }
}

/// The types that a schema names.
fn types_of(at: &Cursor<'_>) -> Option<Types> {
    match at.value.get("type")? {
        Value::String(name) => Types::named(name),
        Value::Array(names) => {
            let names = names.iter().map(|name| Types::named(name.as_str()?));
            names.collect::<Option<Vec<_>>>()?.into_iter().reduce(Types::or)
        }
        _ => None,
    }
}

/// Whether a keyword says nothing of values of other types (JSON Schema 2020-12 Core section 7.6.1).
fn is_about(keyword: &str, types: Types) -> bool {
    let of = match keyword {
        "nullable" | "type" => return true,
        "contentEncoding" | "contentMediaType" | "contentSchema" | "maxLength" | "minLength"
        | "pattern" => Types::STRING,
        "exclusiveMaximum" | "exclusiveMinimum" | "maximum" | "minimum" | "multipleOf" => {
            Types::NUMBER
        }
        "format" => Types::STRING.or(Types::NUMBER),
        "additionalItems" | "contains" | "items" | "maxContains" | "maxItems" | "minContains"
        | "minItems" | "prefixItems" | "uniqueItems" => Types::ARRAY,
        "additionalProperties"
        | "dependentRequired"
        | "maxProperties"
        | "minProperties"
        | "patternProperties"
        | "properties"
        | "propertyNames"
        | "required" => Types::OBJECT,
        _ => return false,
    };
    types.has(of)
}
