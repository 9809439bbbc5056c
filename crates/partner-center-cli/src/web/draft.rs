//! What was typed, in files that survive whatever becomes of the page, the browser and this command.
//!
//! A draft has the profile that the form began with, so that it is known what was changed, and which version.
//! It goes when the service has acknowledged the update, or when the person throws it away.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use partner_center::{Choice, Conflict, StrongETag, Versioned};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::service::{Billing, Subject};
use super::trouble::Trouble;
use crate::change::{self, Edit};
use crate::failure::Failure;
use crate::member::{Kind, Profile};
use crate::private;

/// How long one in which nothing was typed is kept: a form may be open in a tab.
const UNTYPED: Duration = Duration::from_secs(24 * 60 * 60);

/// How many open forms are known of a draft.
const FORMS: usize = 16;

/// The drafts of this person.
pub(super) struct Drafts {
    folder: PathBuf,
    /// The address of the service, which others' drafts are not of.
    endpoint: String,
    /// Changes of a file take turns.
    turn: Mutex<()>,
}

/// One of them.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Draft {
    #[serde(skip)]
    pub(super) id: Uuid,
    endpoint: String,
    pub(super) subject: Subject,
    /// The company, as the list of drafts names it.
    pub(super) name: String,
    /// The profile that the form began with.
    base: Kept,
    /// That profile with what was changed before it was read, if somebody else was first: the form begins with this.
    #[serde(default)]
    merged: Option<Value>,
    /// What was typed, by JSON Pointers (RFC 6901): what differs from what the form begins with.
    pub(super) typed: BTreeMap<String, String>,
    /// What the forms show that are open, each where it differs from the base: what a form shows as before was not typed
    /// into it, and is not taken from another one.
    #[serde(default)]
    forms: Vec<(Uuid, BTreeMap<String, String>)>,
    /// What somebody else made of it meanwhile.
    theirs: Option<Kept>,
    /// How members are settled that both sides changed.
    #[serde(default)]
    pub(super) settled: BTreeMap<String, Settled>,
    /// Whether an update was sent whose answer is not known.
    #[serde(default)]
    pub(super) may_be_written: bool,
    /// What the service refused, and where, until something else is typed.
    #[serde(default)]
    pub(super) refused: Option<Refused>,
}

/// A refusal of the service, in words.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Refused {
    /// The member, as a JSON Pointer (RFC 6901), if the service says which.
    pub(super) at: Option<String>,
    pub(super) lines: Vec<String>,
}

/// How a member is settled.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Settled {
    Mine,
    Theirs,
    Typed(String),
}

/// A profile as it was read.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Kept {
    document: String,
    etag: Option<String>,
}

impl Kept {
    fn of<T: Profile>(profile: &Versioned<T>) -> Self {
        Self {
            document: String::from_utf8_lossy(profile.document()).into_owned(),
            etag: profile.etag().map(ToString::to_string),
        }
    }

    fn load<T: Profile>(&self, billing: &Billing<T>) -> Result<Versioned<T>, Failure> {
        let etag: Option<StrongETag> =
            self.etag.as_deref().map(str::parse).transpose().map_err(|_| {
                Failure::new("a draft has a malformed ETag")
                    .hint("throw the draft away, and begin anew")
            })?;
        Ok(billing.resume(&self.document, etag)?)
    }
}

impl Draft {
    pub(super) fn is_typed(&self) -> bool {
        !self.typed.is_empty() || self.merged.is_some() || self.theirs.is_some()
    }

    pub(super) fn is_in_conflict(&self) -> bool {
        self.theirs.is_some()
    }

    /// The profile that it began with.
    pub(super) fn base<T: Profile>(&self, billing: &Billing<T>) -> Result<Versioned<T>, Failure> {
        self.base.load(billing)
    }

    /// The profile that the form begins with.
    pub(super) fn start<T: Profile>(&self, billing: &Billing<T>) -> Result<Versioned<T>, Failure> {
        let mut profile = self.base(billing)?;
        if let Some(tree) = &self.merged {
            change::replace(&mut profile, tree.clone())?;
        }
        Ok(profile)
    }

    /// The profile with what was typed, and what cannot be a value, by the members.
    pub(super) fn edited<T: Profile>(
        &self,
        billing: &Billing<T>,
    ) -> Result<(Versioned<T>, BTreeMap<String, String>), Failure> {
        let mut profile = self.start(billing)?;
        let start = change::tree(&profile)?;
        let is_there = |at: &str| start.pointer(at).is_some_and(|value| !value.is_null());
        let mut wrong = BTreeMap::new();
        let mut edits = Vec::new();
        for (pointer, text) in &self.typed {
            match edit::<T>(pointer, text) {
                // What is not there is not cleared: that would make an empty object around it.
                Ok(edit) if edit.value() == Some(&Value::Null) && !is_there(pointer) => {}
                Ok(edit) => edits.push(edit),
                Err(why) => drop(wrong.insert(pointer.clone(), why)),
            }
        }
        change::apply(&mut profile, &edits)?;
        Ok((profile, wrong))
    }

    /// A mark of what a page shows of it, by which an older page is told: all but what is chosen on that page.
    pub(super) fn mark(&self) -> String {
        let shown = serde_json::to_string(&(&self.base, &self.merged, &self.typed, &self.theirs));
        let mut hasher = DefaultHasher::new();
        shown.unwrap_or_default().hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// The conflict with what somebody else made of the profile, if there is one.
    pub(super) fn conflict<T: Profile>(
        &self,
        billing: &Billing<T>,
    ) -> Result<Option<Conflict<T>>, Failure> {
        let Some(theirs) = &self.theirs else { return Ok(None) };
        let (mine, _) = self.edited(billing)?;
        Ok(Some(Conflict::between(mine, theirs.load(billing)?)?))
    }

    /// The conflict, with what was chosen for its members.
    pub(super) fn settle<T: Profile>(
        &self,
        mut conflict: Conflict<T>,
    ) -> Result<Conflict<T>, Failure> {
        for (pointer, settled) in &self.settled {
            // What was chosen may be in no conflict any more.
            if !conflict.merge_conflicts().iter().any(|it| it.pointer == *pointer) {
                continue;
            }
            let choice = match settled {
                Settled::Mine => Choice::Mine,
                Settled::Theirs => Choice::Theirs,
                Settled::Typed(text) => match edit::<T>(pointer, text) {
                    Ok(edit) => Choice::Value(edit.value().cloned().unwrap_or_default()),
                    Err(_) => continue,
                },
            };
            conflict.resolve(pointer, choice)?;
        }
        Ok(conflict)
    }

    /// Takes in what somebody else made of the profile.
    pub(super) fn collide<T: Profile>(&mut self, theirs: &Versioned<T>) {
        self.theirs = Some(Kept::of(theirs));
    }

    /// Goes on from what is there now, with these changes of it.
    pub(super) fn rebase<T: Profile>(&mut self, merged: &Versioned<T>) -> Result<(), Failure> {
        self.base = Kept::of(merged);
        // A form that is open somewhere shows another base.
        self.forms.clear();
        self.theirs = None;
        self.settled.clear();
        self.merged = merged.is_dirty()?.then(|| change::tree(merged)).transpose()?;
        // What was typed and cannot be a value is in no profile.
        self.typed.retain(|pointer, text| edit::<T>(pointer, text).is_err());
        Ok(())
    }

    /// Notes what a new form shows: its number.
    pub(super) fn open_form(&mut self) -> Uuid {
        let form = Uuid::new_v4();
        if self.forms.len() == FORMS {
            self.forms.remove(0);
        }
        self.forms.push((form, self.typed.clone()));
        form
    }

    /// Takes what a form has: what it showed before was not typed. Whether the form is one of this draft.
    pub(super) fn take_form<T: Profile>(
        &mut self,
        form: Option<Uuid>,
        base: &Value,
        fields: &[(String, String)],
    ) -> bool {
        let found = self.forms.iter().position(|(id, _)| Some(*id) == form);
        let Some((id, mut shown)) = found.map(|index| self.forms.remove(index)) else {
            return false;
        };
        let typed: Vec<_> = fields
            .iter()
            .filter(|(pointer, text)| match shown.get(pointer) {
                Some(shown) => shown != text,
                None => *text != input(base.pointer(pointer)),
            })
            .cloned()
            .collect();
        shown.extend(typed.iter().cloned());
        self.forms.push((id, shown));
        self.take::<T>(base, &typed);
        true
    }

    /// Takes these texts, and forgets those that the base has.
    pub(super) fn take<T: Profile>(&mut self, base: &Value, fields: &[(String, String)]) {
        for (pointer, text) in fields {
            let Some(member) = T::member(pointer).filter(|member| member.is_writable()) else {
                continue;
            };
            if *text == input(base.pointer(member.pointer)) {
                self.typed.remove(pointer);
            } else {
                self.typed.insert(pointer.clone(), text.clone());
            }
        }
    }
}

/// What a form shows of a value, and sends back if nobody changes it: a field has one line, and HTML has no NUL.
pub(super) fn input(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.replace(['\r', '\n'], "").replace('\0', "\u{FFFD}"),
        Some(other) => other.to_string(),
    }
}

/// What is typed into a field is a value, without the blanks around it; nothing clears the member.
pub(super) fn edit<T: Profile>(pointer: &str, text: &str) -> Result<Edit, String> {
    let is_integer = T::member(pointer).is_some_and(|member| member.kind == Kind::Integer);
    match text.trim() {
        "" => Ok(Edit::clear(pointer)),
        text if is_integer => match change::integer(text) {
            Ok(number) => Ok(Edit::to(pointer, number)),
            Err(_) => Err("must be a whole number, such as 15".to_owned()),
        },
        text => Edit::parse::<T>(pointer, text),
    }
}

impl Drafts {
    pub(super) fn new(state: &Path, endpoint: &str) -> Self {
        let drafts = Self {
            folder: state.join("drafts").join("web"),
            endpoint: endpoint.to_owned(),
            turn: Mutex::new(()),
        };
        drafts.sweep();
        drafts
    }

    /// Begins one with what was read.
    pub(super) fn begin<T: Profile>(
        &self,
        subject: Subject,
        name: String,
        profile: &Versioned<T>,
    ) -> Result<Draft, Failure> {
        self.sweep();
        let draft = Draft {
            id: Uuid::new_v4(),
            endpoint: self.endpoint.clone(),
            subject,
            name,
            base: Kept::of(profile),
            merged: None,
            typed: BTreeMap::new(),
            forms: Vec::new(),
            theirs: None,
            settled: BTreeMap::new(),
            may_be_written: false,
            refused: None,
        };
        self.write(&draft)?;
        Ok(draft)
    }

    /// The draft of a subject, if it is still there.
    pub(super) fn get(&self, subject: Subject, id: Uuid) -> Result<Draft, Trouble> {
        let draft = self.load(id).filter(|draft| draft.subject == subject);
        draft.ok_or_else(|| Trouble::no_draft(&subject.path()))
    }

    /// Changes the draft of a subject, if it is still there: what was thrown away stays so.
    pub(super) fn change(
        &self,
        subject: Subject,
        id: Uuid,
        change: impl FnOnce(&mut Draft) -> Result<(), Failure>,
    ) -> Result<Draft, Trouble> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut draft = self.get(subject, id)?;
        change(&mut draft)?;
        self.write(&draft)?;
        Ok(draft)
    }

    /// Removes it: it was acknowledged, or is not wanted.
    pub(super) fn remove(&self, id: Uuid) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        // What is gone already does no harm.
        let _ = std::fs::remove_file(self.path(id));
    }

    /// Those in which something was typed, the latest first.
    pub(super) fn typed(&self) -> Vec<Draft> {
        let mut found: Vec<_> =
            self.files().filter_map(|(id, changed)| Some((changed, self.load(id)?))).collect();
        found.sort_by_key(|(changed, _)| std::cmp::Reverse(*changed));
        found.into_iter().map(|(_, draft)| draft).filter(Draft::is_typed).collect()
    }

    /// Removes those in which nothing was typed, and that no tab shows any more.
    fn sweep(&self) {
        for (id, changed) in self.files() {
            let is_old = changed.elapsed().is_ok_and(|age| age > UNTYPED);
            if is_old && self.load(id).is_some_and(|draft| !draft.is_typed()) {
                self.remove(id);
            }
        }
    }

    fn files(&self) -> impl Iterator<Item = (Uuid, SystemTime)> + use<> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let path = entry.path();
            let id = path.file_stem()?.to_str()?.parse().ok()?;
            Some((id, entry.metadata().ok()?.modified().ok()?))
        })
    }

    fn load(&self, id: Uuid) -> Option<Draft> {
        let json = std::fs::read(self.path(id)).ok()?;
        let mut draft: Draft = serde_json::from_slice(&json).ok()?;
        draft.id = id;
        (draft.endpoint == self.endpoint).then_some(draft)
    }

    fn write(&self, draft: &Draft) -> Result<(), Failure> {
        let json = serde_json::to_vec(draft)
            .map_err(|cause| Failure::new("the draft cannot be kept").why(cause))?;
        private::write(&self.path(draft.id), &json)
    }

    fn path(&self, id: Uuid) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }
}
