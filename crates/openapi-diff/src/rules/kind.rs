//! Why the verdict of a rule is what it is, in a request, in a response, and in a webhook or a callback.

use super::Rule;
use crate::finding::SetRelation;

/// What a change means for its verdict.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// What its relation means.
    Plain(SetRelation),
    /// Nobody validates by it.
    Note,
    /// Something of its own for requests and for responses.
    Own(&'static str, &'static str),
    /// Something of its own, which a webhook and a callback do not turn.
    Marked(&'static str, &'static str),
}

impl Kind {
    /// The rule that this is the meaning of.
    pub(super) fn rule(self, id: String, found: &str, request: bool) -> Rule {
        let turned = match self {
            Self::Marked(..) => None,
            _ => Some(self.of(!request)),
        };
        Rule::new(id, found, self.of(request), turned)
    }

    fn of(self, request: bool) -> &'static str {
        match (self, request) {
            (Self::Plain(SetRelation::Same) | Self::Note, _) => "No message changes: compatible.",
            (Self::Plain(SetRelation::Narrower), true) => {
                "What clients send may be refused: breaking."
            }
            (Self::Plain(SetRelation::Wider), true) => {
                "Whatever clients send is taken as before: compatible."
            }
            (Self::Plain(SetRelation::Narrower), false) => {
                "Clients are sent nothing that they do not know: compatible."
            }
            (Self::Plain(SetRelation::Wider), false) => {
                "Clients may be sent what they do not know: breaking."
            }
            (Self::Plain(SetRelation::Other), true) => {
                "Some of what clients send may be refused: breaking."
            }
            (Self::Plain(SetRelation::Other), false) => {
                "Some of what clients are sent may be unknown to them: breaking."
            }
            (Self::Own(request, _) | Self::Marked(request, _), true) => request,
            (Self::Own(_, response) | Self::Marked(_, response), false) => response,
        }
    }
}

pub(super) const SAME: Kind = Kind::Note;
pub(super) const NARROWER: Kind = Kind::Plain(SetRelation::Narrower);
pub(super) const WIDER: Kind = Kind::Plain(SetRelation::Wider);
pub(super) const OTHER: Kind = Kind::Plain(SetRelation::Other);

pub(super) const DEFAULTED: Kind = Kind::Own(
    "Who leaves a parameter out means its default, so that another one is breaking, and one that comes \
     or goes potentially breaking; a body or an alternative is what it is: compatible, and potentially \
     breaking at run time.",
    "The service says what it sends: compatible.",
);
pub(super) const PATTERNED: Kind = Kind::Own(
    "What clients send may be refused, unless the pattern is gone: breaking, or compatible.",
    "Readers do not hold what they are sent to a pattern, they take it apart by one: compatible on the \
     wire, potentially breaking at run time.",
);
pub(super) const DISPATCH: Kind = Kind::Own(
    "What is right stays right: compatible. Whoever picks a type by the discriminator may pick another \
     one, which the verdict at run time says.",
    "What is sent stays as it is: compatible. Whoever picks a type by the discriminator may pick \
     another one, which the verdict at run time says.",
);
pub(super) const CONTENT: Kind = Kind::Own(
    "No validator looks into a text, whoever reads it does: breaking if it held something else, potentially \
     breaking if it says more now, and compatible if it says less.",
    "No validator looks into a text, whoever reads it does: breaking if it held something else, potentially \
     breaking if it says less now, and compatible if it says more.",
);
pub(super) const OVERLAP: Kind = Kind::Own(
    "Only values that fit several alternatives are judged differently: breaking if fewer are right, \
     potentially breaking if no such value is known, otherwise compatible.",
    "Only values that fit several alternatives are judged differently: potentially breaking if more \
     may come, which clients may read by either alternative, otherwise compatible.",
);

pub(super) const REMOVED: Kind = Kind::Own(
    "What clients send of it is ignored, or refused where no other members are allowed: potentially \
     breaking, or breaking.",
    "Clients do not get it any more: breaking if it was required, otherwise potentially breaking.",
);
const PASSED_OVER: &str = "Readers pass over what they do not know: compatible, unless no other members \
     were allowed, which is potentially breaking.";
pub(super) const ADDED: Kind = Kind::Own("Clients need not send it: compatible.", PASSED_OVER);
pub(super) const REQUIRED: Kind =
    Kind::Own("What clients send may be refused: breaking.", PASSED_OVER);
pub(super) const WITH_DEFAULT: Kind = Kind::Own(
    "The service takes the default where a client leaves it out: compatible, and potentially breaking \
     at run time.",
    PASSED_OVER,
);
pub(super) const HIDDEN: Kind = Kind::Marked(
    "The service passes over what clients send of it: compatible, and potentially breaking at run time.",
    "Clients do not get it any more: breaking if it was required, otherwise potentially breaking.",
);
pub(super) const SHOWN: Kind = Kind::Marked(
    "Clients that do not send it may be refused if it is required: breaking, otherwise compatible.",
    "Readers pass over what they do not know: compatible, unless it was required, which is potentially \
     breaking: it was promised and never sent.",
);
