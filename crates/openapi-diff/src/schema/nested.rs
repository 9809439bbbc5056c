//! `oneOf` within `oneOf`.
//!
//! `A or (B or C)` is `A or B or C` as long as no value fits all three: what fits both B and C is refused by the
//! inner list, so that the outer one takes it as A (JSON Schema 2020-12 Core section 10.2.1.3). A list that may
//! have such a value stays one alternative.

use std::collections::HashSet;

use openapi_document::Cursor;

use crate::change::Direction;
use crate::finding::Side;
use crate::schema::meeting::Meeting;
use crate::schema::node::{Flat, Group, NodeId, said, unwrapped};
use crate::schema::{Schemas, overlap};

/// How deep lists within lists are looked into, each for the sake of the one around it.
const DEPTH: usize = 4;
/// How much is tried to tell alternatives apart: this for each of them.
const TRIES: usize = 16;

impl<'a> Schemas<'a> {
    /// Puts alternatives in the place of those that are nothing but a list of them, where that is the same.
    pub(crate) fn unnest(&mut self, side: Side, flat: &mut Flat<'a>, direction: Direction) {
        for group in flat.groups.iter_mut().filter(|group| group.one) {
            let mut seen = HashSet::new();
            let mut todo = std::mem::take(&mut group.branches);
            todo.reverse();
            while let Some(branch) = todo.pop() {
                let inner = self.inner(side, &branch).filter(|inner| {
                    let others = group.branches.iter().chain(&todo);
                    seen.insert(inner.at.address())
                        && self.is_apart(side, inner, others.cloned().collect(), direction)
                });
                match inner {
                    Some(inner) => todo.extend(inner.branches.into_iter().rev()),
                    None => group.branches.push(branch),
                }
            }
        }
    }

    /// The list that an alternative is, if it is nothing else.
    fn inner(&self, side: Side, branch: &Cursor<'a>) -> Option<Group<'a>> {
        let at = unwrapped(self.nodes(side).document, branch.clone());
        let branches: Vec<_> = at.elements("oneOf").collect();
        let only = said(&at).all(|name| name == "oneOf") && !branches.is_empty();
        only.then_some(Group { one: true, at, branches })
    }

    /// Whether no value fits two alternatives of a list and one of the `others` around it, for sure.
    fn is_apart(
        &mut self,
        side: Side,
        inner: &Group<'a>,
        others: Vec<Cursor<'a>>,
        direction: Direction,
    ) -> bool {
        if self.nesting == DEPTH || self.exhausted {
            return false;
        }
        let most = TRIES * (inner.branches.len() + others.len());
        self.nesting += 1;
        let tries = std::mem::replace(&mut self.tries, most);
        let outer = Group { branches: others, ..inner.clone() };
        let (inner, outer) =
            [inner, &outer].map(|group| overlap::nodes(self, side, &[], group)).into();
        let changed = vec![true; inner.len()];
        let near = overlap::neighbours(self, (side, direction), &changed, &inner);
        let apart = near.into_iter().all(|(one, others)| {
            others.into_iter().all(|other| {
                let both = [inner[one], inner[other]];
                !self.may_meet(side, &both, direction)
                    || outer
                        .iter()
                        .all(|third| !self.may_meet(side, &[both[0], both[1], *third], direction))
            })
        });
        let left = std::mem::replace(&mut self.tries, tries);
        self.spend(most - left);
        self.nesting -= 1;
        apart
    }

    /// Whether a value may fit all schemas, whichever of them names its members.
    fn may_meet(&mut self, side: Side, nodes: &[NodeId], direction: Direction) -> bool {
        (0..nodes.len()).any(|first| {
            let mut met: Vec<_> = nodes.iter().map(|node| (side, *node)).collect();
            met.swap(0, first);
            matches!(self.meeting(&met, direction), Meeting::Maybe(_))
        })
    }
}
