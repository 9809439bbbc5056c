//! Where the page shows what of the contract. Every value that is shown says so, once while the page is
//! laid out and once while it is written: the first time tells where a mark belongs, the second shows it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use crate::mark::{self, Mark};
use crate::text::slug;

/// The places of a page, and the marks at each.
#[derive(Default)]
pub(crate) struct Places<'a> {
    /// The `id` of each place; `None` for a place that needs one only if it is marked.
    shown: RefCell<BTreeMap<String, Option<String>>>,
    /// The places without an `id` of their own that have got one.
    anchored: RefCell<BTreeSet<String>>,
    marks: BTreeMap<String, Vec<(usize, &'a Mark)>>,
}

/// A place, as it is to be written.
pub(crate) struct Place {
    /// The `id` of the element.
    pub(crate) id: Option<String>,
    /// What changed there.
    pub(crate) notes: Markup,
}

impl<'a> Places<'a> {
    /// The places of a page that was laid out, with each of `marks` at the nearest of them.
    pub(crate) fn marked(laid_out: &Self, marks: &'a [Mark]) -> Self {
        let shown = laid_out.shown.borrow();
        let mut at: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (number, mark) in (1..).zip(marks) {
            let nearest = nearest(&shown, &mark.pointer).to_owned();
            at.entry(nearest).or_default().push((number, mark));
        }
        Self { shown: RefCell::new(shown.clone()), marks: at, ..Self::default() }
    }

    /// The `id` of the place that is nearest to `pointer`, and the pointer of that place.
    pub(crate) fn nearest(&self, pointer: &str) -> (String, String) {
        let shown = self.shown.borrow();
        let at = nearest(&shown, pointer);
        let id = shown.get(at).and_then(Clone::clone).unwrap_or_else(|| anchor(at));
        (id, if at.is_empty() { "/".to_owned() } else { at.to_owned() })
    }

    /// A place with an `id` of its own, which shows the values at `pointers`.
    pub(crate) fn named(&self, id: String, pointers: &[String]) -> Place {
        for pointer in pointers {
            let mut shown = self.shown.borrow_mut();
            let named = shown.entry(pointer.clone()).or_default();
            if named.is_none() {
                *named = Some(id.clone());
            }
        }
        Place { id: Some(id), notes: self.notes(pointers) }
    }

    /// One of perhaps many places that show the values at `pointers`.
    pub(crate) fn unnamed(&self, pointers: &[String]) -> Place {
        let mut id = None;
        for pointer in pointers {
            let named = self.shown.borrow_mut().entry(pointer.clone()).or_default().is_some();
            let free = !named && id.is_none() && self.marks.contains_key(pointer);
            if free && self.anchored.borrow_mut().insert(pointer.clone()) {
                id = Some(anchor(pointer));
            }
        }
        Place { id, notes: self.notes(pointers) }
    }

    fn notes(&self, pointers: &[String]) -> Markup {
        let distinct: BTreeSet<_> = pointers.iter().collect();
        let mut notes: Vec<_> =
            distinct.iter().filter_map(|at| self.marks.get(*at)).flatten().collect();
        notes.sort_by_key(|(number, _)| *number);
        html! { @for (number, mark) in notes { (mark::note(*number, mark)) } }
    }
}

/// The longest beginning of `pointer` that is shown; the whole document if none is.
fn nearest<'p>(shown: &BTreeMap<String, Option<String>>, pointer: &'p str) -> &'p str {
    let mut at = pointer;
    while !at.is_empty() && !shown.contains_key(at) {
        at = &at[..at.rfind('/').unwrap_or_default()];
    }
    at
}

fn anchor(pointer: &str) -> String {
    format!("place-{}", slug(pointer))
}
