//! The rules on what is sound OpenAPI, one file for each subject: there each rule has its name, what it asks
//! and why, examples, and the check that finds what breaks it.

pub mod bodies;
pub mod components;
pub mod conditional;
pub mod ignored;
pub mod names;
pub mod parameters;
pub mod paths;
pub mod schemas;
pub mod texts;
pub mod waivers;

use openapi_document::{Contract, Diagnostic, Rule};

use crate::grammar;

pub(crate) type Check = fn(&Contract) -> Vec<Diagnostic>;

pub(crate) const CHECKS: &[Check] = &[
    components::unused,
    components::security,
    components::tags,
    texts::version,
    texts::texts,
    paths::paths,
    paths::parameters,
    names::operation_ids,
    names::types,
    names::fields,
    names::variants,
    parameters::header_names,
    parameters::styles,
    parameters::types,
    parameters::segments,
    bodies::requests,
    bodies::responses,
    schemas::schemas,
    ignored::headers,
    ignored::statuses,
    ignored::security,
    ignored::servers,
    ignored::callbacks,
    ignored::schemas,
    ignored::optional_bodies,
    conditional::extension,
    conditional::requests,
];

/// Every rule of the lint.
pub(crate) fn all<'a>() -> impl Iterator<Item = &'a Rule> {
    let modules = [
        openapi_document::RULES,
        grammar::RULES,
        components::RULES,
        paths::RULES,
        schemas::RULES,
        names::RULES,
        texts::RULES,
        parameters::RULES,
        bodies::RULES,
        ignored::RULES,
        conditional::RULES,
        waivers::RULES,
    ];
    modules.into_iter().flatten()
}
