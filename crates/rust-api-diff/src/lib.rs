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
pub mod rules;
mod surface;
mod traits;
mod types;

use syn::File;

pub use change::{ItemChange, Semver, Subject};
pub use items::{ItemDiff, item_diff, items};
pub use rules::RULES;

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
