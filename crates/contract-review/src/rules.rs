//! The rules of the lint and of the generator as one catalogue.

use openapi_document::Rule;

/// Why the rules are as they are.
pub const PAGE: &str = include_str!("../../../openapi/lint.md");

/// Every rule, in the order of the page.
#[must_use]
pub fn rules() -> Vec<Rule> {
    let all = [openapi_document::RULES, openapi_lint::rules::RULES, openapi_codegen::rules::RULES];
    let mut all: Vec<_> = all.into_iter().flatten().copied().collect();
    all.sort_by_key(|rule| explain(rule.id).map(|section| section.as_ptr() as usize));
    all
}

/// What the page of the rules says of this one, if there is one: why it is there, how to fix what
/// it finds.
#[must_use]
pub fn explain(id: &str) -> Option<&'static str> {
    let mut sections = PAGE.split("\n## ").skip(1);
    // A part of the page, such as the one on the grammar, is a heading of the first level.
    let section = sections.find_map(|section| section.strip_prefix(id)?.strip_prefix('\n'))?;
    Some(section.split("\n# ").next().unwrap_or(section).trim())
}
