//! What a change of the contract means for those who compile against the generated client: the public
//! items of two generated files, compared by what they mean to a caller and not by how they are laid
//! out.
//!
//! The verdicts are those of the [semver reference of Cargo], for the code as it is generated: structs
//! whose fields are all public, and `#[non_exhaustive]` as the enums are; methods that take their arguments by place.
//!
//! [semver reference of Cargo]: https://doc.rust-lang.org/cargo/reference/semver.html

mod attributes;
mod change;
mod code;
mod constants;
mod items;
mod methods;
mod pieces;
pub mod rules;
mod scan;
mod surface;
mod traits;
mod types;

use syn::File;

pub use change::{ItemChange, Semver, Subject};
pub use items::{ItemDiff, item_diff, items};
pub use rules::RULES;

/// What differs between two generated files: what [`compare`] and [`item_diff`] find, at a part of the cost, because
/// what the texts have in common is not parsed.
///
/// # Errors
/// One of them is not Rust.
pub fn between(before: &str, after: &str) -> syn::Result<(Vec<ItemChange>, Vec<ItemDiff>)> {
    let parsed = |texts: [&str; 2]| {
        let [before, after] = texts.map(syn::parse_file);
        let (before, after) = (before?, after?);
        Ok((compare(&before, &after), item_diff(&before, &after)))
    };
    let differing = pieces::differing(before, after);
    let found = differing.and_then(|texts| parsed(texts.each_ref().map(String::as_str)).ok());
    found.map_or_else(|| parsed([before, after]), Ok)
}

/// Every change of a public item from `before` to `after`, ordered by item.
///
/// An item that goes by another name is one that is gone and one that is new: nothing is guessed.
#[must_use]
pub fn compare(before: &File, after: &File) -> Vec<ItemChange> {
    let (before, after) = (surface::Surface::read(before), surface::Surface::read(after));
    let mut recorder = change::Recorder::default();
    let items = types::compare(&mut recorder, &before, &after);
    methods::compare(&mut recorder, &items);
    traits::compare(&mut recorder, &items);
    recorder.changes.sort_by(|a, b| a.item.cmp(&b.item));
    recorder.changes
}
