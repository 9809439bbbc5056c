//! Two people changed the same profile: what it was, what each made of it, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};

use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use partner_center::Conflict;
use partner_center::pointer::Pointer;
use serde_json::Value;
use uuid::Uuid;

use super::draft::{Draft, Settled, edit, input};
use super::form::{Fields, draft_of, is_current};
use super::service::{Billed, Subject};
use super::trouble::{Trouble, sentence};
use super::{App, review, view};
use crate::change;
use crate::member::Member;

/// In front of the names of the fields: how a member is settled, and the value that is typed anew.
const SETTLED: &str = "settled:";
const TYPED: &str = "typed:";

pub(super) fn show<T: Billed>(
    app: &App,
    subject: Subject,
    draft: Option<Uuid>,
) -> Result<Response, Trouble> {
    let billing = T::of(subject, &app.session)?;
    let path = subject.path();
    let id = draft.ok_or_else(|| Trouble::no_draft(&path))?;
    let draft = app.drafts.get(subject, id)?;
    let Some(conflict) = draft.conflict(&billing)? else {
        return Ok(subject.to("update", id));
    };
    if let Ok(merged) = conflict.merge() {
        let (_, wrong) = draft.edited(&billing)?;
        if !merged.is_dirty()? && wrong.is_empty() {
            return Ok(there_already(app, &draft));
        }
        // Nobody changed anything: it is another version of the same.
        if conflict.their_changes()?.is_empty() {
            app.drafts.change(subject, id, |draft| draft.rebase(&merged))?;
            return Ok(subject.to("review", id));
        }
    }
    let (mine, _) = draft.edited(&billing)?;
    let at: BTreeSet<_> = [mine.changes()?, conflict.their_changes()?]
        .iter()
        .flatten()
        .map(|change| change.pointer.clone())
        .chain(conflict.merge_conflicts().iter().map(|it| it.pointer.clone()))
        .collect();
    // What is in an object that both changed as a whole is no row of its own.
    let is_inside = |at: &str| {
        let mut whole = conflict.merge_conflicts().iter();
        whole.any(|it| it.pointer != at && Pointer(at).is_within(&it.pointer))
    };
    let mut at: Vec<_> = at.into_iter().filter(|at| !is_inside(at)).collect();
    at.sort_by_key(|pointer| T::place(pointer));
    let rows = Rows {
        base: change::tree(&draft.base(&billing)?)?,
        mine: change::tree(&mine)?,
        theirs: change::tree(conflict.theirs())?,
        draft: &draft,
        conflict: &conflict,
    };
    Ok(view::page(
        app,
        Some(subject),
        &format!("{} was changed meanwhile", draft.name),
        &body(app, &draft, &rows, &at),
    )
    .into_response())
}

/// The changes are there: somebody else made the same, or the update was applied whose answer was lost.
fn there_already(app: &App, draft: &Draft) -> Response {
    app.drafts.remove(draft.id);
    app.say(draft.subject, html! {
        p.mark.compatible role="status" {
            @if draft.may_be_written { "Saved: the answer was lost on the way, and the profile has your changes." }
            @else { "Nothing is left to write: the profile is as you want it." }
        }
    });
    Redirect::to(&draft.subject.path()).into_response()
}

/// What the sides made of the profile.
struct Rows<'a, T: Billed> {
    base: Value,
    mine: Value,
    theirs: Value,
    draft: &'a Draft,
    conflict: &'a Conflict<T>,
}

fn body<T: Billed>(app: &App, draft: &Draft, rows: &Rows<'_, T>, at: &[String]) -> Markup {
    let path = draft.subject.path();
    let collisions = rows.conflict.merge_conflicts().len();
    html! {
        p { "Somebody else saved this profile after you opened it. Nothing of theirs is lost."
            @if !draft.may_be_written { " Nothing of yours is written yet." }
            @if matches!(draft.subject, Subject::Customer(_)) {
                " " a href={ (path) "/history" } { "Who it was, the history says" } "."
            }
        }
        @if draft.may_be_written {
            p.mark.potentially { "An earlier attempt of yours got no answer. It may be among their changes." }
        }
        p {
            @match collisions {
                0 => "You changed different fields: both changes are kept.",
                1 => "One field was changed by both of you. Say what it is to be.",
                many => { (many) " fields were changed by both of you. Say what each is to be." }
            }
        }
        form method="post" action={ (path) "/conflict" } novalidate {
            (view::hidden(app, draft))
            div hx-post={ (path) "/conflict" } hx-trigger="input delay:50ms, change" hx-include="closest form" hx-target="#kept"
                hx-swap="innerHTML" hx-sync="this:replace" {
                table.conflict {
                    caption { "What changed" }
                    thead {
                        tr {
                            th scope="col" { "Field" } th scope="col" { "Before" } th scope="col" { "Yours" }
                            th scope="col" { "Theirs" } th scope="col" { "Becomes" }
                        }
                    }
                    tbody { @for pointer in at { (rows.row(pointer)) } }
                }
            }
            p.actions {
                button type="submit" name="go" value="submit" { "Submit" } " "
                button.plain type="submit" name="go" value="form" { "Go on in the form" } " "
                (view::kept_here())
            }
        }
        (view::discard(app, draft))
    }
}

impl<T: Billed> Rows<'_, T> {
    fn row(&self, pointer: &str) -> Markup {
        let is_collision = self.conflict.merge_conflicts().iter().any(|it| it.pointer == pointer);
        let [base, mine, theirs] =
            [&self.base, &self.mine, &self.theirs].map(|tree| tree.pointer(pointer));
        let is_theirs = !same(base, theirs);
        let becomes = if is_theirs { theirs } else { mine };
        html! {
            tr.collision[is_collision] {
                th scope="row" { (view::name(pointer)) }
                td data-label="Before" { (view::value(base)) }
                td data-label="Yours" { (view::value(mine)) }
                td data-label="Theirs" { (view::value(theirs)) }
                td data-label="Becomes" {
                    @if is_collision { (self.choice(pointer, mine)) } @else {
                        (view::value(becomes)) " "
                        span.quiet { @if same(mine, theirs) { "both" } @else if is_theirs { "theirs" } @else { "yours" } }
                    }
                }
            }
        }
    }

    fn choice(&self, pointer: &str, mine: Option<&Value>) -> Markup {
        let settled = self.draft.settled.get(pointer);
        let name = format!("{SETTLED}{pointer}");
        let typed = format!("{TYPED}{pointer}");
        let text = match settled {
            Some(Settled::Typed(text)) => text.clone(),
            _ => input(mine),
        };
        let wrong = match settled {
            Some(Settled::Typed(text)) => edit::<T>(pointer, text).err(),
            _ => None,
        };
        let is_member = T::member(pointer).is_some_and(Member::is_writable);
        let options = [
            ("mine", "Yours", settled == Some(&Settled::Mine)),
            ("theirs", "Theirs", settled == Some(&Settled::Theirs)),
            ("typed", "Another value", matches!(settled, Some(Settled::Typed(_)))),
        ];
        html! {
            fieldset.choice {
                legend { "What " (view::name(pointer)) " is to be" }
                @for (value, label, checked) in options {
                    @if value != "typed" || is_member {
                        label { input type="radio" name=(name) value=(value) checked[checked]; " " (label) }
                    }
                }
                @if is_member {
                    @if let Some(wrong) = &wrong { div.error { p { (sentence(wrong)) } } }
                    input type="text" aria-invalid=[wrong.as_ref().map(|_| "true")] name=(typed) value=(text) aria-label={ "Another value of " (view::name(pointer)) }
                        autocomplete="off" spellcheck="false";
                }
            }
        }
    }
}

fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    let given = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
    given(one) == given(other)
}

/// Keeps what was chosen, and goes on if all of it is.
pub(super) async fn settle<T: Billed>(
    app: &App,
    subject: Subject,
    fields: &Fields,
) -> Result<Response, Trouble> {
    let id = draft_of(fields, subject)?;
    let _turn = app.submitting.lock().await;
    let billing = T::of(subject, &app.session)?;
    let path = subject.path();
    let at = |page: &str| Ok(subject.to(page, id));
    let Ok(draft) = app.drafts.get(subject, id) else {
        return Ok(Redirect::to(&path).into_response());
    };
    let go = fields.iter().find(|(name, _)| name == "go").map(|(_, go)| go);
    if !is_current(fields, &draft) {
        if go.is_some() {
            let why = "Nothing was written: there is more to look at by now.";
            app.say(subject, html! { p.mark.breaking role="alert" { (why) } });
        }
        return at("conflict");
    }
    let draft = app.drafts.change(subject, id, |draft| {
        let (mine, _) = draft.edited(&billing)?;
        draft.settled = settled(fields, &change::tree(&mine)?);
        Ok(())
    })?;
    let Some(go) = go else {
        return Ok("What you chose is kept.".into_response());
    };
    let Some(conflict) = draft.conflict(&billing)? else { return at("update") };
    let conflict = draft.settle(conflict)?;
    let Ok(merged) = conflict.merge() else {
        let open: Vec<_> =
            conflict.merge_conflicts().iter().map(|it| view::name(&it.pointer)).collect();
        app.say(subject, html! {
            p.mark.breaking role="alert" { "Nothing was written. Both of you changed " (open.join(", ")) ": say what becomes of it." }
        });
        return at("conflict");
    };
    let (_, wrong) = draft.edited(&billing)?;
    if !merged.is_dirty()? && wrong.is_empty() {
        return Ok(there_already(app, &draft));
    }
    let draft = app.drafts.change(subject, id, |draft| draft.rebase(&merged))?;
    if go == "form" { at("update") } else { review::write::<T>(app, &draft).await }
}

/// How the members are settled that the form has. What is typed anew needs no choice beside it.
fn settled(fields: &Fields, mine: &Value) -> BTreeMap<String, Settled> {
    let field = |prefix: &str, pointer: &str| {
        fields
            .iter()
            .find(|(name, _)| name.strip_prefix(prefix) == Some(pointer))
            .map(|(_, it)| it.clone())
    };
    let named = |prefix| fields.iter().filter_map(move |(name, _)| name.strip_prefix(prefix));
    let pointers: BTreeSet<_> = named(SETTLED).chain(named(TYPED)).collect();
    let settled = |pointer: &str| {
        let typed = field(TYPED, pointer);
        match field(SETTLED, pointer).as_deref() {
            Some("mine") => Some(Settled::Mine),
            Some("theirs") => Some(Settled::Theirs),
            Some("typed") => typed.map(Settled::Typed),
            _ => typed.filter(|text| *text != input(mine.pointer(pointer))).map(Settled::Typed),
        }
    };
    pointers.into_iter().filter_map(|at| Some((at.to_owned(), settled(at)?))).collect()
}
