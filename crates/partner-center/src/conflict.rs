//! A conflict as data: what both sides began with, what each made of it, and which members both changed.

use std::fmt;

use partner_center_api::pointer::{Pointer, unescaped};
use serde_json::Value;

use crate::document::{Change, Changes, apply};
use crate::error::{Error, ErrorKind};
use crate::exact::{Leaf, same_value, text_at};
use crate::merge::{MergeConflict, merge};
use crate::model::Model;
use crate::versioned::{Versioned, text, unwritable};

/// An update that was refused because someone else changed the resource since it was read.
///
/// It is in [`UpdateError::Conflict`](crate::UpdateError::Conflict). Where the two sides changed
/// different members, [`merge`](Self::merge) has both; where they changed the same one, each
/// [`MergeConflict`] is [resolved](Self::resolve) first.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// # use partner_center::{AppOnly, PartnerCenter};
/// use partner_center::Choice;
///
/// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
/// # let customer = "aaaa0000-bb11-2222-33cc-444444dddddd".parse()?;
/// let resource = partner.customer(customer).billing_profile();
/// let mut mine = resource.get().await?;
/// mine.email = Some("ann@example.com".into());
/// mine.last_name = Some("Builder".into());
/// let _ = resource.modify(|theirs| theirs.email = Some("bob@example.com".into())).await?;
///
/// let error = resource.update(&mine).await.unwrap_err();
/// let mut conflict = error.into_conflict()?;
/// assert_eq!(conflict.merge_conflicts()[0].pointer, "/email");
/// conflict.resolve("/email", Choice::Mine)?;
/// let written = resource.update(&conflict.merge()?).await?;
/// assert_eq!(written.email.as_deref(), Some("ann@example.com"));
/// assert_eq!(written.last_name.as_deref(), Some("Builder"));
/// # Ok(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Conflict<T: Model> {
    base: T,
    mine: T,
    theirs: Versioned<T>,
    merged: T,
    merge_conflicts: Vec<MergeConflict>,
    error: Error,
    /// What this side wants written digit for digit.
    exact: Vec<Leaf>,
    /// Whether all that is written digit for digit is there like that.
    is_exact: bool,
}

/// How a [`MergeConflict`] is resolved.
#[derive(Clone, PartialEq)]
pub enum Choice {
    /// By the value of this side.
    Mine,
    /// By the value of the other side.
    Theirs,
    /// By another value; `null` clears the member.
    Value(Value),
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mine => "Mine",
            Self::Theirs => "Theirs",
            Self::Value(_) => "Value(_)",
        })
    }
}

impl<T: Model> Conflict<T> {
    /// What is there now, beside what was read and what was made of it; `error` is the refusal.
    pub(crate) fn new(
        profile: Versioned<T>,
        theirs: Versioned<T>,
        error: Error,
    ) -> Result<Self, Error> {
        let base = profile.as_read()?;
        // Not the model of this side as it is: what it does not know and does not name, it keeps.
        let mine = apply(&text(&base, 1024)?, &profile.edits()?);
        // By way of the model, so that its members have one name.
        let mine: T = serde_json::from_str(&mine).map_err(unwritable)?;
        let (base_tree, mut mine, theirs_tree) = (tree(&base)?, tree(&mine)?, tree(&*theirs)?);
        for member in T::ANY_CASE {
            // Both sides set the same value, and the service wrote it in its own way.
            if !same_text(base_tree.pointer(member), theirs_tree.pointer(member)) {
                adopt(&mut mine, &theirs_tree, member);
            }
        }
        let mut merged = merge(&base_tree, &mine, &theirs_tree);
        let model = serde_json::from_value(merged.value).map_err(unwritable)?;
        let (exact, is_exact) = compare_digits(
            [&profile, &theirs],
            [&base_tree, &mine, &theirs_tree],
            &mut merged.conflicts,
        );
        Ok(Self {
            base,
            mine: profile.into_model(),
            theirs,
            merged: model,
            merge_conflicts: merged.conflicts,
            error,
            exact,
            is_exact,
        })
    }

    /// The conflict of what this side made of a profile with what another side made of it meanwhile, both
    /// read from the same resource by the same client. Nothing is sent.
    ///
    /// What was changed in `theirs` since it was read is a change of the other side too, with numbers as the
    /// model has them.
    ///
    /// # Errors
    /// [`ErrorKind::OtherResource`]: the two were not read from the same resource by the same client.
    /// [`ErrorKind::Model`]: a model cannot be written as JSON.
    ///
    /// # Examples
    /// ```
    /// use partner_center::{AppUser, Conflict, PartnerCenter};
    ///
    /// let own = PartnerCenter::builder(AppUser::token("t")).build()?.billing_profile();
    /// let mut mine = own.resume(r#"{"taxId": "1", "companyName": "Ours"}"#, None)?;
    /// mine.tax_id = Some("2".into());
    /// let theirs = own.resume(r#"{"taxId": "1", "companyName": "Theirs"}"#, None)?;
    ///
    /// let merged = Conflict::between(mine, theirs)?.merge()?;
    /// assert_eq!(merged.tax_id.as_deref(), Some("2"));
    /// assert_eq!(merged.company_name.as_deref(), Some("Theirs"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn between(mine: Versioned<T>, theirs: Versioned<T>) -> Result<Self, Error> {
        if !mine.is_from_where(&theirs) {
            let what =
                "the two profiles were read from different resources, or by different clients";
            return Err(Error::new(ErrorKind::OtherResource, what));
        }
        Self::new(mine, theirs, Error::changed())
    }

    /// What both sides began with.
    #[must_use]
    pub fn base(&self) -> &T {
        &self.base
    }

    /// What this side wanted to write.
    #[must_use]
    pub fn mine(&self) -> &T {
        &self.mine
    }

    /// What the other side changed, leaf by leaf, without what belongs to the service, such as the entity
    /// tag. A list is one leaf.
    ///
    /// # Errors
    /// [`ErrorKind::Model`]: a model cannot be written as JSON.
    pub fn their_changes(&self) -> Result<Vec<Change>, Error> {
        let (base, theirs) = (text(&self.base, 1024)?, text(&*self.theirs, 1024)?);
        let mut changes = Changes::between(&base, &theirs, T::MEMBERS).map_err(unwritable)?.list();
        changes.retain(|change| {
            !T::READ_ONLY.iter().any(|member| Pointer(&change.pointer).is_within(member))
        });
        Ok(changes)
    }

    /// What the service has now, with its entity tag.
    pub fn theirs(&self) -> &Versioned<T> {
        &self.theirs
    }

    /// Takes out what the service has now, to begin anew with that.
    pub fn into_theirs(self) -> Versioned<T> {
        self.theirs
    }

    /// Where both sides changed the same member to different values, as long as it is not resolved.
    #[must_use]
    pub fn merge_conflicts(&self) -> &[MergeConflict] {
        &self.merge_conflicts
    }

    /// The merge conflicts.
    #[deprecated(since = "0.1.0", note = "renamed to `merge_conflicts`")]
    #[must_use]
    pub fn collisions(&self) -> &[MergeConflict] {
        &self.merge_conflicts
    }

    /// Whether this very update may be among what happened since: an earlier attempt at it got no
    /// answer, and the service does not hold it as it was to be written.
    ///
    /// A change that adds to what is there might then be made twice by making it again.
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.error.may_have_been_applied()
    }

    /// The refusal, or what else showed that the resource was changed.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    pub(crate) fn error_mut(&mut self) -> &mut Error {
        &mut self.error
    }

    pub(crate) fn into_error(self) -> Error {
        self.error
    }

    /// Whether everything that this side changed is there already, whoever wrote it, and in whichever way
    /// the service writes it.
    pub(crate) fn is_applied(&self) -> bool {
        if !self.merge_conflicts.is_empty() || !self.is_exact {
            return false;
        }
        if self.merged == *self.theirs {
            return true;
        }
        let (Ok(mut merged), Ok(theirs)) = (tree(&self.merged), tree(&*self.theirs)) else {
            return false;
        };
        for member in T::ANY_CASE {
            adopt(&mut merged, &theirs, member);
        }
        merged == theirs
    }

    /// Resolves a merge conflict, which is none of the [`merge_conflicts`](Self::merge_conflicts) any more then.
    ///
    /// # Errors
    /// [`ErrorKind::Model`]: there is no such merge conflict, or the value is not one that the member can
    /// have. Nothing is changed then.
    pub fn resolve(&mut self, pointer: &str, choice: Choice) -> Result<(), Error> {
        let Some(at) = self.merge_conflicts.iter().position(|one| one.pointer == pointer) else {
            let message = format!("there is no merge conflict at `{pointer}` to resolve");
            return Err(Error::new(ErrorKind::Model, message));
        };
        let is_mine = matches!(choice, Choice::Mine);
        let value = match choice {
            Choice::Mine => self.merge_conflicts[at].mine.clone(),
            Choice::Theirs => self.merge_conflicts[at].theirs.clone(),
            Choice::Value(value) => Some(value),
        };
        let mut merged = tree(&self.merged)?;
        set(&mut merged, pointer, value.unwrap_or_default());
        self.merged = serde_json::from_value(merged).map_err(|_| {
            // Not the cause, which quotes the value.
            let message = format!("the member `{pointer}` cannot have that value");
            Error::new(ErrorKind::Model, message)
        })?;
        self.merge_conflicts.remove(at);
        self.exact.retain(|(at, _)| is_mine || !Pointer(at).is_within(pointer));
        Ok(())
    }

    /// Resolves a merge conflict.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    #[deprecated(since = "0.1.0", note = "renamed to `resolve`")]
    pub fn settle(&mut self, pointer: &str, choice: Choice) -> Result<(), Error> {
        self.resolve(pointer, choice)
    }

    /// The changes of both sides, based on what the service has now: ready to be written.
    ///
    /// # Errors
    /// The merge conflicts that are not resolved.
    pub fn merge(&self) -> Result<Versioned<T>, MergeConflicts> {
        if self.merge_conflicts.is_empty() {
            Ok(self.theirs.clone().with_model(self.merged.clone()).with_exact(self.exact.clone()))
        } else {
            Err(MergeConflicts(self.merge_conflicts.clone()))
        }
    }
}

/// Finds what conflicts by its digits alone, which the models do not see. Gives what this side still wants
/// written digit for digit, and whether all of it is there like that.
fn compare_digits<T: Model>(
    [profile, now]: [&Versioned<T>; 2],
    [base, mine, theirs]: [&Value; 3],
    merge_conflicts: &mut Vec<MergeConflict>,
) -> (Vec<Leaf>, bool) {
    let documents = [profile.document(), now.document()].map(String::from_utf8_lossy);
    let (mut exact, mut is_exact) = (Vec::new(), true);
    for (pointer, wanted) in profile.exact() {
        let [before, now] = documents.each_ref().map(|document| text_at(document, pointer));
        let holds = now == Some(wanted);
        let set_since = !same_value(before, now);
        let superseded = mine.pointer(pointer) != serde_json::from_str(wanted).ok().as_ref();
        // The service may write a number that it was given in its own way.
        if superseded || !holds && set_since && same_value(now, Some(wanted)) {
            continue;
        }
        exact.push((pointer.clone(), wanted.clone()));
        is_exact &= holds;
        if holds || now == before {
            continue;
        }
        // A list is one leaf.
        let in_list = pointer.match_indices('/').map(|(end, _)| &pointer[..end]);
        let mut in_list = in_list.skip(1);
        let list = in_list.find(|at| mine.pointer(at).is_some_and(Value::is_array));
        let at = list.unwrap_or(pointer);
        if !merge_conflicts.iter().any(|one| Pointer(at).is_within(&one.pointer)) {
            let [base, mine, theirs] = [base, mine, theirs].map(|tree| tree.pointer(at).cloned());
            merge_conflicts.push(MergeConflict { pointer: at.to_owned(), base, mine, theirs });
        }
    }
    (exact, is_exact)
}

/// Members that both sides changed, each to be resolved. Derefs to the list.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeConflicts(Vec<MergeConflict>);

impl std::ops::Deref for MergeConflicts {
    type Target = [MergeConflict];

    fn deref(&self) -> &[MergeConflict] {
        &self.0
    }
}

impl fmt::Display for MergeConflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("both sides changed ")?;
        for (index, merge_conflict) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", merge_conflict.pointer)?;
        }
        f.write_str("; resolve each, or take what the service has now")
    }
}

impl std::error::Error for MergeConflicts {}

/// Writes the text at `pointer` as it is in `theirs`, if it is the same one but for its case.
fn adopt(tree: &mut Value, theirs: &Value, pointer: &str) {
    let theirs = theirs.pointer(pointer);
    if let (Some(text), Some(theirs)) = (tree.pointer_mut(pointer), theirs)
        && same_text(Some(text), Some(theirs))
    {
        *text = theirs.clone();
    }
}

/// Whether both are texts, and the same one but for its case.
fn same_text(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one.and_then(Value::as_str), other.and_then(Value::as_str)) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}

/// Puts a value where a merge conflict was found: objects lead there, but for the name at its end.
fn set(tree: &mut Value, pointer: &str, value: Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        *tree = value;
        return;
    };
    if let Some(Value::Object(members)) = tree.pointer_mut(parent) {
        members.insert(unescaped(name).into_owned(), value);
    }
}

fn tree<T: Model>(model: &T) -> Result<Value, Error> {
    serde_json::to_value(model).map_err(unwritable)
}

impl<T: Model> fmt::Debug for Conflict<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conflict")
            .field("theirs", &self.theirs.etag())
            .field(
                "merge_conflicts",
                &self.merge_conflicts.iter().map(|c| &c.pointer).collect::<Vec<_>>(),
            )
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}
