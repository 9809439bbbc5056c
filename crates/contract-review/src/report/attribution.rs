//! Which change of the contract a change of the Rust API comes from, so that each is shown where it is
//! caused and nowhere else.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;

use openapi_diff::{Location, OperationRef};
use openapi_document::{Cursor, Document, METHODS, escape, unescape};
use serde_json::Value;

use super::{Row, is_about_words};
use rust_api_diff::{ItemChange, Subject};

/// How many lists may be in one another.
const DEPTH: usize = 64;

/// How many changes are shown as the cause of one item, and how many operations as what it reaches: what has
/// more causes than that has none in particular.
pub(super) const MOST: usize = 256;

/// A change of an item, with the places of the base and of the revision that the item is made from.
pub(super) struct Caused {
    pub(super) item: ItemChange,
    pub(super) places: [Vec<String>; 2],
}

/// The changes of the contract by their places, on both sides.
pub(super) struct Attribution<'a> {
    rows: &'a [Row],
    sides: [Side<'a>; 2],
}

struct Side<'a> {
    document: &'a Document,
    /// The changes at a place, by their numbers.
    changes: BTreeMap<&'a str, Vec<usize>>,
    /// The places that refer to a component.
    references: BTreeMap<String, Vec<String>>,
    /// The changes that bring a component, or take it away, see [`Attribution::brought`].
    brought: OnceCell<Spread<usize>>,
    /// The operations that a component reaches.
    reached: OnceCell<Spread<(String, String, Option<String>)>>,
}

impl<'a> Attribution<'a> {
    pub(super) fn new(base: &'a Document, revision: &'a Document, rows: &'a [Row]) -> Self {
        let sides = [(base, 0), (revision, 1)].map(|(document, side)| {
            let mut changes: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for (number, row) in rows.iter().enumerate() {
                // What is said of the whole contract explains no item of it.
                if let Some(pointer) = location(row, side).filter(|pointer| !pointer.is_empty()) {
                    changes.entry(pointer).or_default().push(number);
                }
            }
            let mut references = BTreeMap::new();
            refer(document, &document.root(), &mut references);
            let (brought, reached) = (OnceCell::new(), OnceCell::new());
            Side { document, changes, references, brought, reached }
        });
        Self { rows, sides }
    }

    /// The changes that cause this one, by their numbers; none if the code alone differs.
    pub(super) fn of(&self, caused: &Caused) -> Vec<usize> {
        let direct = self.direct(caused);
        let found = match (&caused.item.subject, &caused.item.before, &caused.item.after) {
            _ if !direct.is_empty() => direct,
            (Subject::Type { .. }, None, Some(_)) => self.around(1, caused),
            (Subject::Type { .. }, Some(_), None) => self.around(0, caused),
            _ => self.behind(caused),
        };
        found.into_iter().take(MOST).collect()
    }

    /// The changes where the item is made: of words if the item differs in words, and those that are
    /// the nearest on either side.
    fn direct(&self, caused: &Caused) -> BTreeSet<usize> {
        let mut found = [BTreeMap::new(), BTreeMap::new()];
        let table = matches!(caused.item.subject, Subject::Properties { .. });
        for ((side, places), found) in self.sides.iter().zip(&caused.places).zip(&mut found) {
            for place in places {
                side.near(place, &mut |number, depth| {
                    // A table speaks of several members, each as near as the other.
                    let depth = if table && depth == place.len() { usize::MAX } else { depth };
                    let deepest = found.entry(number).or_insert(0);
                    *deepest = depth.max(*deepest);
                });
            }
        }
        let words = caused.item.rule == "docs-changed";
        let alike = |number: &usize| {
            let row = &self.rows[*number];
            // A version is in the documentation and in the code.
            row.rule() == "api-version-changed" || is_about_words(row) == words
        };
        if found.iter().flat_map(BTreeMap::keys).any(alike) {
            for found in &mut found {
                found.retain(|number, _| alike(number));
            }
        }
        let nearest = found.iter().flat_map(|found| {
            let best = found.values().max().copied();
            found.iter().filter(move |(_, depth)| Some(**depth) == best)
        });
        nearest.map(|(number, _)| *number).collect()
    }

    /// The changes that add or remove whatever refers to a type that is new or gone; none if anything
    /// else refers to it too.
    fn around(&self, side: usize, caused: &Caused) -> BTreeSet<usize> {
        let brought = self.sides[side].brought.get_or_init(|| self.brought(side));
        let all = caused.places[side].iter().map(|place| brought.at(component(place)?));
        // Some are none, and no place is nothing.
        all.collect::<Option<Vec<_>>>().into_iter().flatten().flatten().copied().collect()
    }

    /// For each component the changes that bring what refers to it: the nearest around each place that does, or
    /// those of the component that the place is in.
    fn brought(&self, side: usize) -> Spread<usize> {
        let appears = |number: &usize| {
            let row = &self.rows[*number];
            !is_about_words(row) && location(row, 0) != location(row, 1)
        };
        let here = &self.sides[side];
        Spread::of(&here.references, |place| {
            let around = outwards(place).filter_map(|outer| here.changes.get(outer));
            let mut appearing = around.map(|all| all.iter().copied().filter(appears).collect());
            appearing.find(|numbers: &Vec<_>| !numbers.is_empty())
        })
    }

    /// The changes from what a place referred to, to what it refers to now.
    fn behind(&self, caused: &Caused) -> BTreeSet<usize> {
        let target = |side: usize| {
            let places = caused.places[side].iter();
            places.map(|place| self.sides[side].target(place)).collect::<BTreeSet<_>>()
        };
        let (old, new) = (target(0), target(1));
        let mut found = BTreeSet::new();
        if old == new {
            return found;
        }
        for place in &new {
            let numbers = self.sides[1].inside(place);
            found.extend(numbers.filter(|number| {
                let row = &self.rows[*number];
                let from = location(row, 0).filter(|_| !is_about_words(row));
                from.is_some_and(|from| outwards(from).any(|outer| old.contains(outer)))
            }));
        }
        found
    }

    /// The operations that an item reaches.
    pub(super) fn operations(&self, caused: &Caused) -> Vec<OperationRef> {
        let mut found = BTreeMap::new();
        let mut add = |(path, method, id): (String, String, Option<String>)| {
            found.insert((path, method), id);
        };
        for (side, places) in self.sides.iter().zip(&caused.places) {
            let reached = side.reached.get_or_init(|| {
                Spread::of(&side.references, |place| {
                    component(place).is_none().then(|| side.operations_at(place))
                })
            });
            for place in places {
                match component(place) {
                    Some(name) => {
                        reached.at(name).into_iter().flatten().cloned().for_each(&mut add);
                    }
                    None => side.operations_at(place).into_iter().for_each(&mut add),
                }
            }
        }
        let operations = found.into_iter().take(MOST);
        operations.map(|((path, method), id)| OperationRef { path, method, id }).collect()
    }
}

/// What is true of components because of what refers to them.
struct Spread<T> {
    of: HashMap<String, BTreeSet<T>>,
    /// The components that anything else refers to.
    others: HashSet<String>,
}

impl<T: Clone + Ord> Spread<T> {
    /// What `says` gives of a place that refers to a component is true of that; where it gives nothing, what is true
    /// of the component that the place is in is true of both.
    fn of(
        references: &BTreeMap<String, Vec<String>>,
        says: impl Fn(&str) -> Option<Vec<T>>,
    ) -> Self {
        let mut inner: HashMap<&str, Vec<&str>> = HashMap::new();
        let (mut todo, mut others) = (Vec::new(), Vec::new());
        for (name, places) in references {
            for place in places {
                match (says(place), component(place)) {
                    (Some(said), _) => todo.extend(said.into_iter().map(|it| (name.as_str(), it))),
                    (None, Some(outer)) => inner.entry(outer).or_default().push(name),
                    (None, None) => others.push(name.as_str()),
                }
            }
        }
        let inside = |name: &str| inner.get(name).into_iter().flatten().copied();
        let mut spread = Self { of: HashMap::new(), others: HashSet::new() };
        while let Some(name) = others.pop() {
            if spread.others.insert(name.to_owned()) {
                others.extend(inside(name));
            }
        }
        while let Some((name, it)) = todo.pop() {
            let known = spread.of.entry(name.to_owned()).or_default();
            if known.len() < MOST && known.insert(it.clone()) {
                todo.extend(inside(name).map(|name| (name, it.clone())));
            }
        }
        spread
    }

    /// What is true of a component; nothing if that is not all.
    fn at(&self, name: &str) -> Option<Vec<&T>> {
        let known = || self.of.get(name).into_iter().flatten().collect();
        (!self.others.contains(name)).then(known)
    }
}

impl<'a> Side<'a> {
    /// Calls `visit` with every change at a place, in it or around it, and how deep what they share is.
    fn near(&self, place: &str, visit: &mut dyn FnMut(usize, usize)) {
        self.inside(place).for_each(|number| visit(number, place.len()));
        for outer in outwards(place).skip(1) {
            let mut all = |pointer: &str| {
                let numbers = self.changes.get(pointer).into_iter().flatten();
                numbers.for_each(|number| visit(*number, outer.len()));
            };
            all(outer);
            // Another type is another inside, unless that is a member which is called so.
            if !outer.ends_with("/properties") {
                all(&format!("{outer}/type"));
            }
        }
    }

    /// The changes at a place or in it.
    fn inside(&self, place: &str) -> impl Iterator<Item = usize> + use<'_, 'a> {
        // `0` comes after `/`.
        let (from, to) = (format!("{place}/"), format!("{place}0"));
        let here = self.changes.get(place).into_iter();
        let bounds = (Bound::Included(from.as_str()), Bound::Excluded(to.as_str()));
        let within = self.changes.range::<str, _>(bounds);
        here.chain(within.map(|(_, numbers)| numbers)).flatten().copied().take(4 * MOST)
    }

    /// What a place refers to, itself or by its items.
    fn target(&self, place: &str) -> String {
        let Some(mut at) = self.document.at(place) else { return place.to_owned() };
        for _ in 0..DEPTH {
            at = self.document.follow(at);
            match at.get("items") {
                Some(items) => at = items,
                None => break,
            }
        }
        at.pointer
    }

    /// The operations of a place that is in a path.
    fn operations_at(&self, place: &str) -> Vec<(String, String, Option<String>)> {
        let mut tokens = place.split('/').skip(1);
        let (Some("paths"), Some(path)) = (tokens.next(), tokens.next()) else { return Vec::new() };
        let path = unescape(path);
        let Some(item) = self.document.resolve_at(&format!("/paths/{}", escape(&path))) else {
            return Vec::new();
        };
        let here = tokens.next();
        let one = METHODS.iter().any(|method| Some(*method) == here);
        let methods = METHODS.iter().filter(|method| !one || here == Some(**method));
        let operations = methods.filter_map(|method| {
            let id = item.value.get(method)?.get("operationId").and_then(Value::as_str);
            Some((path.clone(), (*method).to_owned(), id.map(str::to_owned)))
        });
        operations.collect()
    }
}

/// Where a change is: in the base, or in the revision.
fn location(row: &Row, side: usize) -> Option<&str> {
    let change = row.change.as_ref()?;
    let at: Option<&Location> =
        if side == 0 { change.base.as_ref() } else { change.revision.as_ref() };
    at.map(|at| at.within.as_str())
}

/// A pointer and those around it, from the inside; not that of the whole document.
fn outwards<'a>(pointer: &'a str) -> impl Iterator<Item = &'a str> {
    let next = |inner: &&'a str| -> Option<&'a str> { Some(&inner[..inner.rfind('/')?]) };
    std::iter::successors(Some(pointer), next).take_while(|pointer| !pointer.is_empty())
}

/// The component that a place is in.
pub(crate) fn component(place: &str) -> Option<&str> {
    let name = place.strip_prefix("/components/")?;
    let from = place.len() - name.len() + name.find('/')? + 1;
    let end = place[from..].find('/').map_or(place.len(), |length| from + length);
    Some(&place[..end])
}

/// Collects every place that refers to a component.
pub(crate) fn refer(
    document: &Document,
    at: &Cursor<'_>,
    found: &mut BTreeMap<String, Vec<String>>,
) {
    let target = at.text("$ref").and_then(|reference| document.target(reference));
    if let Some(component) = target.as_ref().and_then(|target| component(&target.pointer)) {
        found.entry(component.to_owned()).or_default().push(at.pointer.clone());
    }
    for (_, inner) in at.children() {
        refer(document, &inner, found);
    }
}
