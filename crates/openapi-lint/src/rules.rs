//! The rules on what is sound OpenAPI, one file for each subject: there each rule has its name, what it asks
//! and why, examples, and the check that finds what breaks it.

pub mod bodies;
pub mod components;
pub mod conditional;
pub mod effects;
pub mod ignored;
pub mod links;
pub mod names;
pub mod parameters;
pub mod paths;
pub mod schemas;
pub mod texts;
pub mod waivers;

use openapi_document::Profile::{Generator, House, Openapi};
use openapi_document::{Contract, Diagnostic, Profile, Rule};

use crate::grammar;

/// A check, and the first profile that has a rule of it.
pub(crate) type Check = (Profile, fn(&Contract) -> Vec<Diagnostic>);

pub(crate) const CHECKS: &[Check] = &[
    (Openapi, components::unused),
    (Openapi, components::security),
    (House, components::tags),
    (Generator, texts::version),
    (Generator, texts::texts),
    (Openapi, paths::paths),
    (Openapi, paths::parameters),
    (Openapi, names::operation_ids),
    (Generator, names::types),
    (Generator, names::fields),
    (Generator, names::variants),
    (Openapi, parameters::header_names),
    (Generator, parameters::styles),
    (Generator, parameters::types),
    (Generator, parameters::segments),
    (Generator, bodies::requests),
    (Generator, bodies::responses),
    (Openapi, schemas::schemas),
    (Openapi, effects::schemas),
    (Openapi, links::links),
    (Generator, ignored::headers),
    (Generator, ignored::statuses),
    (Generator, ignored::security),
    (Generator, ignored::servers),
    (Generator, ignored::callbacks),
    (Generator, ignored::schemas),
    (Generator, ignored::optional_bodies),
    (House, conditional::extension),
    (House, conditional::requests),
];

/// Every rule of the lint.
pub fn all<'a>() -> impl Iterator<Item = &'a Rule> {
    let modules = [
        openapi_document::RULES,
        grammar::RULES,
        components::RULES,
        paths::RULES,
        schemas::RULES,
        effects::RULES,
        links::RULES,
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
