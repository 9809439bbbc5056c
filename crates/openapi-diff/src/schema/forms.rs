//! Forms, whose members are written one by one: as texts, or as JSON (OpenAPI 3.0.4 sections 4.7.14.3 and
//! 4.7.15.1).

use std::collections::{BTreeMap, HashMap};

use crate::finding::{Carrier, Context, FormId, Side, Written};
use crate::schema::Schemas;
use crate::schema::node::Part;
use crate::schema::types::Types;

/// How the members of a form are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    /// Members are parts of their own, and objects are JSON unless something else is said.
    pub(crate) multipart: bool,
    /// Whether a member is JSON where that is said, on either side.
    pub(crate) json: BTreeMap<String, [Option<bool>; 2]>,
}

/// The forms of two documents: equal ones are one.
#[derive(Debug, Default)]
pub(crate) struct Forms {
    known: HashMap<Form, FormId>,
    all: Vec<Form>,
}

impl Forms {
    pub(crate) fn intern(&mut self, form: Form) -> FormId {
        // More forms than u32 has numbers do not fit into memory.
        let next = FormId::try_from(self.all.len()).unwrap_or(FormId::MAX);
        let id = *self.known.entry(form.clone()).or_insert(next);
        if id == next {
            self.all.push(form);
        }
        id
    }
}

impl<'a> Schemas<'a> {
    /// The context of a member of an object that stands in `context`.
    pub(crate) fn of_member(
        &mut self,
        context: Context,
        name: &str,
        old: &[Part<'a>],
        new: &[Part<'a>],
    ) -> Context {
        let member = context.carrier == Carrier::Parameter;
        let inside = Context { member, ..context.within() };
        let Written::Form(id) = context.written else { return inside };
        let Some(form) = self.forms.all.get(id as usize) else { return inside };
        let (multipart, said) = (form.multipart, form.json.get(name).copied().unwrap_or_default());
        let mut json = |side, said: Option<bool>, parts: &[Part<'a>]| {
            said.unwrap_or_else(|| multipart && self.is_composed(side, parts, context))
        };
        let json = json(Side::Base, said[0], old) && json(Side::Revision, said[1], new);
        Context { written: if json { Written::Json } else { Written::Text }, ..inside }
    }

    /// Whether a part of a form is an object, or a list of objects, each of which is a part.
    fn is_composed(&mut self, side: Side, parts: &[Part<'a>], context: Context) -> bool {
        let mut schema = self.read(side, parts.to_vec(), context);
        // A list of lists of lists is written by what is inside.
        for _ in 0..8 {
            if schema.types != Types::ARRAY {
                break;
            }
            schema = self.read(side, schema.items.clone(), context);
        }
        let branches = schema.groups.iter().flat_map(|group| &group.branches);
        let mut branches = branches.peekable();
        schema.types == Types::OBJECT
            || branches.peek().is_some()
                && branches.all(|at| self.types(side, at.clone(), context) == Types::OBJECT)
    }
}
