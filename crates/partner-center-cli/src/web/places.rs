//! Where pages of lists begin. What the service says to ask with stays here: an address has a number.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use partner_center::{HistoryToken, PageToken};
use uuid::Uuid;

use super::service::Search;

/// How many are kept; the oldest go first, and a page that begins nowhere is the first one.
const KEPT: usize = 1000;

#[derive(PartialEq)]
enum Place {
    Customers(Search, PageToken),
    History(Uuid, HistoryToken),
}

/// The places of this run, by their numbers.
#[derive(Default)]
pub(super) struct Places(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// The number of the first one that is kept.
    first: usize,
    places: VecDeque<Place>,
}

impl Places {
    pub(super) fn keep_customers(&self, search: &Search, token: PageToken) -> usize {
        self.keep(Place::Customers(search.clone(), token))
    }

    pub(super) fn keep_history(&self, customer: Uuid, token: HistoryToken) -> usize {
        self.keep(Place::History(customer, token))
    }

    pub(super) fn customers(&self, number: usize, search: &Search) -> Option<PageToken> {
        self.find(number, |place| match place {
            Place::Customers(of, token) if of == search => Some(token.clone()),
            _ => None,
        })
    }

    pub(super) fn history(&self, number: usize, customer: Uuid) -> Option<HistoryToken> {
        self.find(number, |place| match place {
            Place::History(of, token) if *of == customer => Some(token.clone()),
            _ => None,
        })
    }

    fn keep(&self, place: Place) -> usize {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = known.places.iter().position(|it| *it == place) {
            return known.first + index;
        }
        if known.places.len() == KEPT {
            known.places.pop_front();
            known.first += 1;
        }
        known.places.push_back(place);
        known.first + known.places.len() - 1
    }

    fn find<T>(&self, number: usize, read: impl FnOnce(&Place) -> Option<T>) -> Option<T> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        read(known.places.get(number.checked_sub(known.first)?)?)
    }
}
