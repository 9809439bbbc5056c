//! Review and submit: exactly what changes, what the service says of the address, the update, and what became of it.

use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use partner_center::models::Address;
use partner_center::{AddressStatus, AddressValidation, Change, Error, UpdateError, Versioned};
use serde_json::json;
use uuid::Uuid;

use super::draft::{Draft, Refused, input};
use super::form::{self, Checked, Fields, draft_of};
use super::service::{self, Billed, Subject};
use super::trouble::{Trouble, alert};
use super::{App, view};
use crate::change;
use crate::failure::Failure;
use crate::member::Member;
use crate::validate;

/// What changes.
pub(super) async fn show<T: Billed>(
    app: &App,
    subject: Subject,
    draft: Option<Uuid>,
) -> Result<Response, Trouble> {
    let billing = T::of(subject, &app.session)?;
    let path = subject.path();
    let id = draft.ok_or_else(|| Trouble::no_draft(&path))?;
    let draft = app.drafts.get(subject, id)?;
    let at = |page: &str| Ok(subject.to(page, id));
    if draft.is_in_conflict() {
        return at("conflict");
    }
    let checked = form::checked(app, &billing, &draft).await?;
    if !checked.wrong.is_empty() {
        return at("update");
    }
    // Somebody may have been here since the form was opened.
    let current = billing.get().await?;
    let base = draft.base(&billing)?;
    if current.etag() != base.etag() {
        app.drafts.change(subject, id, |draft| {
            draft.collide(&current);
            Ok(())
        })?;
        return at("conflict");
    }
    let changes = checked.profile.changes()?;
    if changes.is_empty() {
        return at("update");
    }
    let found = validated(app, &checked).await?;
    Ok(view::page(
        app,
        Some(subject),
        &format!("Review {}", draft.name),
        &body(app, &draft, &checked, &changes, found),
    )
    .into_response())
}

fn body<T: Billed>(
    app: &App,
    draft: &Draft,
    checked: &Checked<T>,
    changes: &[Change],
    found: Option<Result<AddressValidation, Error>>,
) -> Markup {
    let path = draft.subject.path();
    html! {
        (view::changes::<T>(changes, "What will be saved"))
        p { "Everything else stays as it is." }
        @if draft.may_be_written {
            p.mark.potentially { "An earlier attempt got no answer. If it was applied, submitting again is noticed, and \
                nothing is applied twice." }
        }
        @for (at, said) in &checked.doubts {
            @for said in said { p.mark.potentially { strong { (view::name(at)) ": " } (said) } }
        }
        @for note in &checked.notes { p.mark.potentially { (note) } }
        @if let Some(found) = found { (address::<T>(app, draft, &*checked.profile, found)) }
        div.actions {
            (view::form(app, draft, "submit", &html! {
                button type="submit" { "Submit" } " "
                a href={ (path) "/update?draft=" (draft.id) } { "Change something" }
            }))
        }
        (view::discard(app, draft))
    }
}

/// What the service says of the address, if that was changed.
async fn validated<T: Billed>(
    app: &App,
    checked: &Checked<T>,
) -> Result<Option<Result<AddressValidation, Error>>, Failure> {
    let is_changed = validate::is_changed::<T>(&checked.profile, T::ADDRESS)?;
    Ok(match checked.profile.address().filter(|_| is_changed) {
        Some(address) => Some(service::validate_address(&app.session, address).await),
        None => None,
    })
}

fn address<T: Billed>(
    app: &App,
    draft: &Draft,
    profile: &T,
    found: Result<AddressValidation, Error>,
) -> Markup {
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            return html! { p.mark.potentially { "The address could not be checked: " (error.message()) "." } };
        }
    };
    if found.status == Some(AddressStatus::NotValidated) {
        return html! { p.mark.potentially { "The service does not look up addresses of this country." } };
    }
    if found.is_verified() {
        let status = found.status.as_ref().map_or("accepted", AddressStatus::as_str);
        return html! { p.mark.compatible { "The address check of the service says: " (status) "." } };
    }
    let none = Address::default();
    let asked = profile.address().unwrap_or(&none);
    html! {
        section.mark.potentially aria-labelledby="address" {
            h2 #address { "The service does not know this address as it is" }
            @if let Some(message) = &found.message { p { (message) } }
            @for suggestion in &found.suggestions { (suggested::<T>(app, draft, asked, suggestion)) }
            p { "You may submit it as it is, or change it." }
        }
    }
}

/// A suggestion, to be taken.
fn suggested<T: Billed>(app: &App, draft: &Draft, asked: &Address, suggestion: &Address) -> Markup {
    let (asked, suggestion) = (json!(asked), json!(suggestion));
    let keys =
        T::members().filter_map(|member| Some((member, member.pointer.strip_prefix(T::ADDRESS)?)));
    let differing: Vec<_> = keys
        .filter(|(member, key)| {
            member.is_writable() && asked.pointer(key) != suggestion.pointer(key)
        })
        .collect();
    html! {
        @if !differing.is_empty() {
            (view::form(app, draft, "take", &html! {
                table.changes {
                    caption { "It suggests" }
                    thead { tr { th scope="col" { "Field" } th scope="col" { "Yours" } th scope="col" { "Suggested" } } }
                    tbody {
                        @for (member, key) in &differing {
                            tr {
                                th scope="row" { (view::label(member)) }
                                td data-label="Yours" { (view::value(asked.pointer(key))) }
                                td data-label="Suggested" { (view::value(suggestion.pointer(key))) }
                            }
                        }
                    }
                }
                @for (member, key) in &differing {
                    input type="hidden" name=(member.pointer) value=(input(suggestion.pointer(key)));
                }
                button.plain type="submit" { "Take this address" }
            }))
        }
    }
}

/// Writes it.
pub(super) async fn submit<T: Billed>(
    app: &App,
    subject: Subject,
    fields: &Fields,
) -> Result<Response, Trouble> {
    let id = draft_of(fields, subject)?;
    // A button that was pressed twice is two requests.
    let _turn = app.submitting.lock().await;
    let Ok(draft) = app.drafts.get(subject, id) else {
        app.say_if_nothing_is(
            subject,
            html! {
                p.mark.potentially role="status" {
                    "These changes were saved or thrown away before. Nothing was written now."
                }
            },
        );
        return Ok(Redirect::to(&subject.path()).into_response());
    };
    if !form::is_current(fields, &draft) {
        app.say(subject, html! {
            p.mark.potentially role="status" {
                "Nothing was written: your changes are others by now, maybe by another tab. Look at them again."
            }
        });
        return Ok(subject.to("review", id));
    }
    write::<T>(app, &draft).await
}

/// Writes what is in the draft, which goes when the service has acknowledged it.
pub(super) async fn write<T: Billed>(app: &App, draft: &Draft) -> Result<Response, Trouble> {
    let (subject, id) = (draft.subject, draft.id);
    let billing = T::of(subject, &app.session)?;
    let path = subject.path();
    let at = |page: &str| Ok(subject.to(page, id));
    if draft.is_in_conflict() {
        return at("conflict");
    }
    let (profile, wrong) = draft.edited(&billing)?;
    if !wrong.is_empty() || billing.check(&profile).is_err() {
        return at("update");
    }
    let changes = profile.changes()?;
    if changes.is_empty() {
        return at("update");
    }
    let was_uncertain = draft.may_be_written;
    // Whatever ends this command now, the next one knows that it may be written.
    app.drafts.change(subject, id, |draft| {
        draft.may_be_written = true;
        Ok(())
    })?;
    match billing.update(&profile).await {
        Ok(written) => {
            app.drafts.remove(id);
            app.say(subject, saved(&changes, &written)?);
            Ok(Redirect::to(&path).into_response())
        }
        Err(UpdateError::Conflict(conflict)) => {
            app.drafts.change(subject, id, |draft| {
                draft.may_be_written = was_uncertain || conflict.may_have_been_applied();
                draft.collide(conflict.theirs());
                Ok(())
            })?;
            at("conflict")
        }
        Err(error) => failed::<T>(app, draft, error.into()),
    }
}

/// What to do about an update that failed: what was typed is kept.
fn failed<T: Billed>(app: &App, draft: &Draft, error: Error) -> Result<Response, Trouble> {
    // What an earlier attempt did is not known by this one.
    let may_be_written = draft.may_be_written || error.may_have_been_applied();
    let code = error.code().unwrap_or_default().to_owned();
    let mut failure = Failure::from(error);
    let refused = failure.was_refused().then(|| Refused {
        at: refused_at::<T>(&code, &failure),
        lines: failure.whys().chain(failure.hints()).map(str::to_owned).collect(),
    });
    let is_refused = refused.is_some();
    app.drafts.change(draft.subject, draft.id, |draft| {
        draft.may_be_written = may_be_written;
        draft.refused = refused;
        Ok(())
    })?;
    if is_refused {
        return Ok(draft.subject.to("update", draft.id));
    }
    if may_be_written {
        failure = failure.only_hint(
            "submit again: if it was applied, that is noticed, and nothing is applied twice",
        );
    }
    app.say(draft.subject, alert(&failure));
    Ok(draft.subject.to("unsaved", draft.id))
}

/// What can be done after an update that failed. It asks the service nothing.
pub(super) fn unsaved(
    app: &App,
    subject: Subject,
    draft: Option<Uuid>,
) -> Result<Response, Trouble> {
    let path = subject.path();
    let id = draft.ok_or_else(|| Trouble::no_draft(&path))?;
    let draft = app.drafts.get(subject, id)?;
    let body = html! {
        p { "What you typed is kept." }
        div.actions {
            (view::form(app, &draft, "submit", &html! {
                button type="submit" { "Submit again" } " "
                a href={ (path) "/review?draft=" (id) } { "Look at the changes" }
            }))
        }
    };
    Ok(view::page(app, Some(subject), &format!("{} is not saved yet", draft.name), &body)
        .into_response())
}

/// The member that a refusal is about, if that is told: by a code (docs, error-codes), or as in `StateInvalid` (reported).
fn refused_at<T: Billed>(code: &str, failure: &Failure) -> Option<String> {
    if code == "600051" {
        return Some(format!("{}/phoneNumber", T::ADDRESS));
    }
    let words = failure.whys().flat_map(|why| why.split(|c: char| !c.is_alphanumeric()));
    let named: Vec<_> = words.filter_map(|word| word.strip_suffix("Invalid")).collect();
    let is_named =
        |member: &&Member| named.iter().any(|name| name.eq_ignore_ascii_case(member.key()));
    let mut members = T::members().filter(is_named);
    // There is a first name of the contact, and one at the address.
    members.next().filter(|_| members.next().is_none()).map(|member| member.pointer.to_owned())
}

/// What became of it.
fn saved<T: Billed>(changes: &[Change], written: &Versioned<T>) -> Result<Markup, Failure> {
    let tree = change::tree(written)?;
    let kept =
        |change: &Change| tree.pointer(&change.pointer).filter(|value| !value.is_null()).cloned();
    let others: Vec<_> = changes.iter().filter(|change| kept(change) != change.after).collect();
    Ok(html! {
        div.mark.compatible role="status" {
            p { strong { "Saved." } }
            @if written.was_recovered() {
                p { "The answer was lost on the way. The profile was read again, and it has your changes." }
            }
            (view::changes::<T>(changes, "What was written"))
            @for change in others {
                p { "The service keeps " (view::name(&change.pointer)) " as " (view::value(kept(change).as_ref())) "." }
            }
        }
    })
}
