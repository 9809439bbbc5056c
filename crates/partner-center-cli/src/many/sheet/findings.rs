//! What is wrong with a file: all of it at once, each with its place, and no value of a cell.

use std::collections::HashMap;
use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::many::Who;
use crate::output::one_line;

use super::source::{Broken, LONGEST};

/// How many mistakes are shown.
const SHOWN: usize = 50;

/// The mistakes of a file, and the customers that were seen in it.
pub(crate) struct Findings {
    file: PathBuf,
    shown: Vec<String>,
    more: usize,
    /// Lines by the hash of their customer.
    seen: HashMap<u64, u32>,
    hasher: RandomState,
}

impl Findings {
    pub(crate) fn new(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            shown: Vec::new(),
            more: 0,
            seen: HashMap::new(),
            hasher: RandomState::new(),
        }
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// How many mistakes there are.
    pub(crate) fn count(&self) -> usize {
        self.shown.len() + self.more
    }

    /// Adds a mistake of the file as a whole.
    pub(crate) fn add(&mut self, what: &str) {
        let file = self.file.display();
        self.push(&format!("{file}: {what}"));
    }

    /// Adds a mistake in a line, counted from 1.
    pub(crate) fn on(&mut self, line: u64, what: &str) {
        let file = self.file.display();
        self.push(&format!("{file}:{line}: {what}"));
    }

    /// Adds a mistake in a cell.
    pub(crate) fn at(&mut self, line: u64, column: &str, what: &str) {
        self.on(line, &format!("{column}: {what}"));
    }

    /// Adds why the file cannot be read any further.
    pub(crate) fn failed(&mut self, broken: Option<Broken>, error: &dyn Error, line: u64) {
        match broken {
            Some(Broken::Encoding(line)) => self.on(
                line,
                "wrong encoding: it is neither UTF-8 nor UTF-16; save the file as \"CSV UTF-8\", and it is",
            ),
            Some(Broken::TooLong) => self.on(
                line + 1,
                &format!("a row is longer than {LONGEST} bytes; is there a quote without an end?"),
            ),
            Some(Broken::Io(error)) => self.add(&format!("it cannot be read: {error}")),
            None => self.on(line, &format!("it cannot be read: {error}")),
        }
    }

    fn push(&mut self, mistake: &str) {
        if self.shown.len() < SHOWN {
            self.shown.push(one_line(mistake));
        } else {
            self.more += 1;
        }
    }

    /// Takes down that a line is about a customer. A second one is a mistake.
    pub(crate) fn customer(&mut self, who: &Who, line: u64) {
        // A domain is no name of a company, and neither is an id.
        let (kind, name) = match (who.id, &who.domain, &who.company) {
            (Some(id), ..) => (0, id.to_string()),
            (None, Some(domain), _) => (1, domain.to_lowercase()),
            (None, None, company) => (2, company.as_deref().unwrap_or_default().to_lowercase()),
        };
        // Of a million rows, two have the same hash once in forty million files, and not the next time.
        let key = self.hasher.hash_one((kind, name));
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        if let Some(first) = self.seen.insert(key, line) {
            self.seen.insert(key, first);
            self.on(
                line.into(),
                &format!("the customer is in line {first} already; keep one of them"),
            );
        }
    }

    /// A failure that says what is wrong, if anything is.
    pub(crate) fn failure(self) -> Option<Failure> {
        let count = self.count();
        let many = match count {
            0 => return None,
            1 => "a mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        let what = format!("{} has {many}; nothing was sent", self.file.display());
        let mut failure = self.shown.into_iter().fold(Failure::usage(what), Failure::why);
        if self.more > 0 {
            failure = failure.why(format!("and {} more", self.more));
        }
        Some(failure)
    }
}
