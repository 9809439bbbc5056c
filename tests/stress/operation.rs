//! What a writer does: each operation leaves one mark, which no other operation has, and says what its
//! writer was told.

use partner_center::models::CustomerBillingProfile;
use partner_center::{AppUser, Choice, PartnerCenter, Resource, UpdateError, Versioned};
use uuid::Uuid;

/// How often a writer merges and writes again.
const ROUNDS: usize = 10;

/// The member that an operation leaves its mark in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// `companyName`, to which every mark is added.
    CompanyName,
    /// `lastName`, which is the last mark alone.
    LastName,
}

/// What an operation makes of a profile.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Its mark.
    pub mark: String,
    /// Where the mark is left.
    pub member: Member,
    /// Whether it also writes `culture` and blanks in a way that the service may not keep.
    pub untidy: bool,
}

/// How an operation calls the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `modify`.
    Modify,
    /// `get`, `update`, and on a conflict `merge` and `update` again.
    Merge,
    /// `modify` of an `idempotent` resource: a mark is added unless it is there, a value is set again.
    Idempotent,
}

impl Kind {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Modify, Self::Merge, Self::Idempotent];
}

/// What the writer was told.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is done.
    Acknowledged {
        /// Whether that was found out by reading.
        recovered: bool,
        /// `companyName` of the profile that came with it.
        company_name: String,
    },
    /// It failed.
    Failed {
        /// What `may_have_been_applied` said.
        maybe: bool,
        /// The error, as people see it.
        error: String,
    },
}

/// An operation and what became of it.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its `MS-CorrelationId`.
    pub id: String,
    /// The customer it was made for.
    pub customer: Uuid,
    /// What it was to make.
    pub edit: Edit,
    /// How it did.
    pub kind: Kind,
    /// What came of it.
    pub outcome: Outcome,
}

impl Edit {
    fn make(&self, profile: &mut CustomerBillingProfile) {
        match self.member {
            Member::CompanyName => {
                let blank = if self.untidy { " " } else { "" };
                let marks = profile.company_name.take().unwrap_or_default();
                profile.company_name = Some(format!("{} {}{blank}", marks.trim_end(), self.mark));
            }
            Member::LastName => profile.last_name = Some(self.mark.clone()),
        }
        if self.untidy {
            profile.culture = Some("EN-us".into());
        }
    }

    /// Makes the edit unless it is there.
    fn make_once(&self, profile: &mut CustomerBillingProfile) {
        let marks = profile.company_name.as_deref().unwrap_or_default();
        if self.member == Member::LastName || !marks.split(' ').any(|there| there == self.mark) {
            self.make(profile);
        }
    }
}

impl Told {
    /// Whether it may be made more than once: it sets a value, and said that it does no harm to set it
    /// again, on top of what others set meanwhile. What adds unless it is there is made once all the same.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        self.kind == Kind::Idempotent && self.edit.member == Member::LastName
    }
}

/// One who writes, with a client of its own.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) partner: PartnerCenter<AppUser>,
    /// What the last acknowledged update returned.
    kept: Option<(Uuid, Versioned<CustomerBillingProfile>)>,
}

impl Writer {
    pub(crate) fn new(partner: PartnerCenter<AppUser>) -> Self {
        Self { partner, kept: None }
    }

    /// Does one operation.
    pub(crate) async fn run(&mut self, customer: Uuid, kind: Kind, edit: Edit) -> Told {
        let id = Uuid::new_v4();
        let resource = self.partner.customer(customer).billing_profile().correlation_id(id);
        let written = match kind {
            Kind::Modify => resource.modify(|profile| edit.make(profile)).await,
            Kind::Idempotent => {
                resource.idempotent().modify(|profile| edit.make_once(profile)).await
            }
            Kind::Merge => self.merge(&resource, customer, &edit).await,
        };
        let outcome = match written {
            Ok(profile) => {
                let company_name = profile.company_name.clone().unwrap_or_default();
                let recovered = profile.was_recovered();
                self.kept = Some((customer, profile));
                Outcome::Acknowledged { recovered, company_name }
            }
            Err(error) => {
                let maybe = error.may_have_been_applied();
                Outcome::Failed { maybe, error: error.to_string() }
            }
        };
        Told { id: id.to_string(), customer, edit, kind, outcome }
    }

    /// Begins with what the last update returned, if it is of this customer: someone may have written since.
    async fn merge(
        &mut self,
        resource: &Resource<AppUser, CustomerBillingProfile>,
        customer: Uuid,
        edit: &Edit,
    ) -> Result<Versioned<CustomerBillingProfile>, UpdateError<CustomerBillingProfile>> {
        let mut profile = match self.kept.take() {
            Some((of, profile)) if of == customer => profile,
            _ => resource.get().await?,
        };
        edit.make(&mut profile);
        let mut round = 1;
        loop {
            let error = match resource.update(&profile).await {
                Ok(written) => return Ok(written),
                Err(error) => error,
            };
            let again = error.is_conflict() && !error.may_have_been_applied();
            if !again || round == ROUNDS {
                return Err(error);
            }
            let mut conflict = error.into_conflict()?;
            let pointers: Vec<_> =
                conflict.merge_conflicts().iter().map(|one| one.pointer.clone()).collect();
            for pointer in pointers {
                let choice = if pointer == "/companyName" {
                    let mut both = conflict.theirs().clone();
                    edit.make(&mut both);
                    Choice::Value(both.company_name.clone().unwrap_or_default().into())
                } else {
                    Choice::Mine
                };
                conflict.resolve(&pointer, choice)?;
            }
            profile = match conflict.merge() {
                Ok(merged) => merged,
                Err(merge_conflicts) => unreachable!("all were resolved: {merge_conflicts:?}"),
            };
            round += 1;
        }
    }
}
