//! What was found between two schemas, or whatever else is compared, and where that stands.

use std::borrow::Cow;

use crate::change::{Direction, Verdict};

/// What a change does to the set of values that are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetRelation {
    /// It stays as it is.
    Same,
    /// It loses some.
    Narrower,
    /// It gets some.
    Wider,
    /// It loses some values and gains others, or that is not known.
    Other,
}

impl SetRelation {
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Same, relation) | (relation, Self::Same) => relation,
            (a, b) if a == b => a,
            _ => Self::Other,
        }
    }

    /// What becomes of the change when base and revision change places, or a `not` is around it.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Narrower => Self::Wider,
            Self::Wider => Self::Narrower,
            same => same,
        }
    }
}

/// One of the two documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Base,
    Revision,
}

impl Side {
    /// The revision, or else the base.
    pub(crate) fn of(revision: bool) -> Self {
        if revision { Self::Revision } else { Self::Base }
    }
}

/// What a schema is the schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Carrier {
    Body,
    Parameter,
    Header,
}

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Written {
    /// So that a number is not a string.
    Json,
    /// So that a string is as good as a number.
    Text,
    /// Each member in a way of its own, as this form says.
    Form(FormId),
}

/// A form, by its number.
pub(crate) type FormId = u32;

/// Whether a schema is one of several alternatives, which share their nullability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Branch {
    Whole,
    Alternative,
    /// An alternative of a schema that has a default itself: what an alternative has for one counts for nothing.
    Defaulted,
}

/// Where a schema stands: whose message it is in, and how deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Context {
    pub(crate) carrier: Carrier,
    /// Which way the message goes.
    pub(crate) direction: Direction,
    /// The message goes the other way round: it belongs to a callback.
    pub(crate) callback: bool,
    /// It is the schema of a member or an element.
    pub(crate) nested: bool,
    /// It is that of a member of an object in a parameter, and not of an element of a list.
    pub(crate) member: bool,
    pub(crate) branch: Branch,
    pub(crate) written: Written,
}

impl Context {
    pub(crate) fn new(carrier: Carrier, direction: Direction) -> Self {
        let written = if carrier == Carrier::Body { Written::Json } else { Written::Text };
        Self {
            carrier,
            direction,
            callback: false,
            nested: false,
            member: false,
            branch: Branch::Whole,
            written,
        }
    }

    pub(crate) fn within(self) -> Self {
        let written = match self.written {
            Written::Form(_) => Written::Text,
            written => written,
        };
        Self { nested: true, member: false, branch: Branch::Whole, written, ..self }
    }

    /// The same, of an alternative.
    pub(crate) fn branched(self) -> Self {
        if self.is_branch() { self } else { Self { branch: Branch::Alternative, ..self } }
    }

    /// Whether it is one of several alternatives.
    pub(crate) fn is_branch(self) -> bool {
        self.branch != Branch::Whole
    }

    /// Whether a string is as good as a number.
    pub(crate) fn is_text(self) -> bool {
        self.written != Written::Json
    }

    pub(crate) fn prefix(self) -> &'static str {
        match (self.carrier, self.direction, self.nested) {
            (Carrier::Body, Direction::Response, false) => "response-body",
            (Carrier::Body, Direction::Response, true) => "response-property",
            (Carrier::Body, _, false) => "request-body",
            (Carrier::Body, _, true) => "request-property",
            (Carrier::Parameter, _, false) => "request-parameter",
            (Carrier::Parameter, _, true) => "request-parameter-property",
            (Carrier::Header, _, false) => "response-header",
            (Carrier::Header, _, true) => "response-header-property",
        }
    }

    /// Whether the client writes what the service reads.
    pub(crate) fn is_request(self) -> bool {
        (self.direction == Direction::Request) != self.callback
    }

    pub(crate) fn verdict(self, relation: SetRelation) -> Verdict {
        match (relation, self.is_request()) {
            (SetRelation::Same, _)
            | (SetRelation::Wider, true)
            | (SetRelation::Narrower, false) => Verdict::Compatible,
            _ => Verdict::Breaking,
        }
    }
}

/// A change between two schemas, or whatever else is compared.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) rule: Cow<'static, str>,
    pub(crate) direction: Direction,
    pub(crate) relation: SetRelation,
    pub(crate) wire: Verdict,
    pub(crate) run_time: Verdict,
    pub(crate) note: Option<Cow<'static, str>>,
    pub(crate) base: Option<String>,
    pub(crate) revision: Option<String>,
    pub(crate) message: String,
    /// The message goes the other way round: it belongs to a callback.
    pub(crate) turned: bool,
}

impl Finding {
    /// A change that means for the wire what its relation means there, and the same at run time.
    pub(crate) fn new(
        context: Context,
        what: &str,
        relation: SetRelation,
        message: String,
    ) -> Self {
        let rule = format!("{}-{what}", context.prefix());
        Self {
            relation,
            turned: context.callback,
            ..Self::named(rule, context.direction, context.verdict(relation), message)
        }
    }

    /// A change that no schema is about.
    pub(crate) fn named(
        rule: impl Into<Cow<'static, str>>,
        direction: Direction,
        wire: Verdict,
        message: String,
    ) -> Self {
        Self {
            rule: rule.into(),
            direction,
            relation: SetRelation::Other,
            wire,
            run_time: wire,
            note: None,
            base: None,
            revision: None,
            message,
            turned: false,
        }
    }

    /// Another date at which something deprecated goes.
    pub(crate) fn sunset(name: &str, old: Option<&str>, new: Option<&str>) -> Option<Self> {
        let text = match (old, new) {
            _ if old == new => return None,
            (Some(old), Some(new)) => format!("{name} goes on {new} now, not on {old}"),
            (Some(old), None) => format!("{name} has no sunset any more, which was {old}"),
            (None, new) => format!("{name} goes on {} now", new.unwrap_or_default()),
        };
        Some(Self::named("sunset-changed", Direction::Neither, Verdict::Compatible, text))
    }

    pub(crate) fn at(mut self, base: Option<&str>, revision: Option<&str>) -> Self {
        self.base = base.map(str::to_owned);
        self.revision = revision.map(str::to_owned);
        self
    }

    pub(crate) fn wire(mut self, wire: Verdict) -> Self {
        (self.wire, self.run_time) = (wire, wire);
        self
    }

    pub(crate) fn run_time(mut self, verdict: Verdict, note: &'static str) -> Self {
        self.run_time = verdict;
        self.note = Some(note.into());
        self
    }
}
