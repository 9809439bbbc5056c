//! Two schemas that are compared, and what is said of the place of them.

use crate::finding::{Context, Finding, SetRelation};
use crate::schema::normalized::{Facet, NormalizedSchema};
use crate::schema::types::Types;

/// Two schemas, and what the place of them is called.
pub(crate) struct SchemaPair<'s, 'a> {
    pub(crate) a: &'s NormalizedSchema<'a>,
    pub(crate) b: &'s NormalizedSchema<'a>,
    pub(crate) context: Context,
    pub(crate) name: String,
}

impl SchemaPair<'_, '_> {
    /// A change of the schema itself, between two keywords if they are there.
    pub(crate) fn finding(
        &self,
        what: &str,
        relation: SetRelation,
        old: Option<&str>,
        new: Option<&str>,
        text: &str,
    ) -> Finding {
        let old = old.unwrap_or(&self.a.pointer);
        let new = new.unwrap_or(&self.b.pointer);
        // What is not there is nowhere.
        Finding::new(self.context, what, relation, format!("{} {text}", self.name))
            .at(Some(old).filter(|at| !at.is_empty()), Some(new).filter(|at| !at.is_empty()))
    }

    pub(crate) fn nullability(&self) -> Option<Finding> {
        let untyped =
            |schema: &NormalizedSchema<'_>| schema.types == Types::ANY && schema.groups.is_empty();
        let (a, b) = (self.a, self.b);
        // Whether `null` is right where no list of values has it, two versions of OpenAPI say differently.
        let unsure = a.unlisted_null && b.unlisted_null;
        let nothing = |schema: &NormalizedSchema<'_>| schema.types == Types::NONE && !schema.null;
        if self.context.is_branch() || a.null == b.null || untyped(a) || untyped(b) || unsure {
            return None;
        }
        // Which is said of the type.
        if a.types != b.types && (nothing(a) || nothing(b)) {
            return None;
        }
        Some(if b.null {
            self.finding("became-nullable", SetRelation::Wider, None, None, "may be null now")
        } else {
            self.finding(
                "became-not-nullable",
                SetRelation::Narrower,
                None,
                None,
                "may not be null any more",
            )
        })
    }

    /// The types that were right and still are.
    pub(crate) fn shared(&self) -> Types {
        self.a.types.and(self.b.types)
    }
}

/// Where a keyword stands, if it is there.
pub(crate) fn pointer<T>(facet: Option<&Facet<T>>) -> Option<&str> {
    facet.map(|facet| facet.pointer.as_str())
}
