//! Update: a form of the profile, made of what the contract and the country say, and what was typed into it so far.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use partner_center::validation::Constraint;
use partner_center::{CountryRules, Versioned};
use uuid::Uuid;

use super::draft::{Draft, input};
use super::service::{self, Billed, Billing, Subject};
use super::trouble::{Trouble, sentence};
use super::view::{self, Field};
use super::{App, account};
use crate::change;
use crate::failure::Failure;
use crate::member::{Member, Section};
use crate::validate;

/// How long a form waits for the rules of its country.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a form sends: names and texts.
pub(super) type Fields = Vec<(String, String)>;

/// The draft that a form is about.
pub(super) fn draft_of(fields: &Fields, subject: Subject) -> Result<Uuid, Trouble> {
    let id = fields.iter().find(|(name, _)| name == "draft").and_then(|(_, id)| id.parse().ok());
    id.ok_or_else(|| Trouble::no_draft(&subject.path()))
}

/// Whether the page shows the draft as it is.
pub(super) fn is_current(fields: &Fields, draft: &Draft) -> bool {
    let mark = draft.mark();
    fields.iter().any(|(name, value)| name == "mark" && *value == mark)
}

pub(super) fn has(fields: &Fields, name: &str) -> bool {
    fields.iter().any(|(it, _)| it == name)
}

/// What is found in a profile as it is to be written.
pub(super) struct Checked<T: Billed> {
    pub(super) profile: Versioned<T>,
    /// What cannot be written, by the members.
    pub(super) wrong: BTreeMap<String, Vec<String>>,
    /// What the rules of the country say, by the members. The service has the last word.
    pub(super) doubts: BTreeMap<String, Vec<String>>,
    /// What could not be checked.
    pub(super) notes: Vec<String>,
    rules: Option<CountryRules>,
}

/// Holds what was typed against the contract and the rules of its country.
pub(super) async fn checked<T: Billed>(
    app: &App,
    billing: &Billing<T>,
    draft: &Draft,
) -> Result<Checked<T>, Failure> {
    let (profile, wrong) = draft.edited(billing)?;
    let mut wrong: BTreeMap<_, _> =
        wrong.into_iter().map(|(at, why)| (at, vec![sentence(&why)])).collect();
    if let Err(error) = billing.check(&profile) {
        for violation in error.violations() {
            let said = format!("Must be {}.", violation.constraint);
            wrong.entry(violation.pointer.clone()).or_default().push(said);
        }
        if error.violations().is_empty() {
            return Err(error.into());
        }
    }
    let (mut doubts, mut notes) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
    let mut rules = None;
    if let Some(country) = validate::country_of(&*profile) {
        // The form is there for what is typed, and waits for nobody.
        let asked = tokio::time::timeout(PATIENCE, service::country_rules(&app.session, &country));
        let why = match asked.await {
            Ok(Ok(known)) => {
                rules = Some(known);
                None
            }
            Ok(Err(error)) => Some(error.message().to_owned()),
            Err(_) => Some("the service gives no answer in time".to_owned()),
        };
        notes.extend(
            why.map(|why| format!("It is not known what the country {country} demands: {why}.")),
        );
    }
    if validate::concerns_country::<T>(&profile)? {
        for it in validate::violations(&*profile, rules.as_ref()) {
            let said =
                format!("{} {} {}", sentence(&it.what), sentence(&it.why), sentence(&it.fix));
            doubts.entry(it.pointer).or_default().push(said);
        }
    }
    notes.extend(
        rules.iter().flat_map(CountryRules::unreadable).map(|it| sentence(&it.to_string())),
    );
    Ok(Checked { profile, wrong, doubts, notes, rules })
}

/// The form.
pub(super) async fn show<T: Billed>(
    app: &App,
    subject: Subject,
    draft: Option<Uuid>,
) -> Result<Response, Trouble> {
    let billing = T::of(subject, &app.session)?;
    let path = subject.path();
    let Some(id) = draft else {
        let begun = app.drafts.typed().into_iter().find(|draft| draft.subject == subject);
        let draft = if let Some(draft) = begun {
            draft
        } else {
            let name = account::name(app, subject).await?;
            let profile = billing.get().await?;
            if profile.etag().is_none() {
                let why =
                    "the service names no version of it, so that an update might overwrite others";
                let failure = Failure::new("this profile cannot be changed here").why(why);
                return Err(Trouble::from(failure).back(&path, "The profile"));
            }
            app.drafts.begin(subject, name, &profile)?
        };
        return Ok(draft.subject.to("update", draft.id));
    };
    let draft = app.drafts.get(subject, id)?;
    if draft.is_in_conflict() {
        return Ok(subject.to("conflict", id));
    }
    let checked = checked(app, &billing, &draft).await?;
    let mut form = Uuid::nil();
    let draft = app.drafts.change(subject, id, |draft| {
        form = draft.open_form();
        Ok(())
    })?;
    Ok(view::page(
        app,
        Some(subject),
        &format!("Update {}", draft.name),
        &body(app, (&draft, form), &billing, &checked)?,
    )
    .into_response())
}

fn body<T: Billed>(
    app: &App,
    (draft, form): (&Draft, Uuid),
    billing: &Billing<T>,
    checked: &Checked<T>,
) -> Result<Markup, Trouble> {
    let path = draft.subject.path();
    let base = change::tree(&draft.start(billing)?)?;
    let mut errors = checked.wrong.clone();
    for (at, said) in &checked.doubts {
        errors.entry(at.clone()).or_default().extend(said.iter().cloned());
    }
    let mut general = Vec::new();
    if let Some(refused) = &draft.refused {
        let said = refused.lines.iter().map(|line| sentence(line));
        match refused.at.as_ref().filter(|at| T::member(at).is_some()) {
            Some(at) => errors.entry(at.clone()).or_default().extend(said),
            None => general.extend(said),
        }
    }
    let field = |member: &'static Member| {
        let texts = draft.typed.get(member.pointer).cloned();
        Field {
            member,
            text: texts.unwrap_or_else(|| input(base.pointer(member.pointer))),
            limits: limits::<T>(member),
            help: view::help::<T>(member),
            required_in: checked
                .rules
                .as_ref()
                .filter(|it| is_required::<T>(member, it))
                .map(CountryRules::country),
            choices: checked.rules.as_ref().map_or(&[], |rules| choices::<T>(member, rules)),
            errors: errors.get(member.pointer).cloned().unwrap_or_default(),
        }
        .render()
    };
    // What is no member of the form is said above it.
    let known = |at: &str| T::member(at).is_some_and(Member::is_writable);
    for (at, said) in errors.iter().filter(|(at, _)| !known(at)) {
        general.extend(said.iter().map(|said| format!("{}: {said}", view::name(at))));
    }
    let many = errors.iter().filter(|(at, _)| known(at)).count();
    Ok(html! {
        p { a href=(path) { "Back to the profile" } }
        @if many > 0 || !general.is_empty() {
            div.mark.breaking #problems role="alert" tabindex="-1" autofocus {
                p { strong { "Nothing was written." }
                    @if many > 0 { " " (many) @if many == 1 { " field needs" } @else { " fields need" } " another look:" } }
                @for said in &general { p { (said) } }
                ul {
                    @for section in T::SECTIONS {
                        @for member in section.members.iter().filter(|it| it.is_writable() && errors.contains_key(it.pointer)) {
                            li { a href={ "#" (view::id(member)) } { (title(section, member)) } }
                        }
                    }
                }
            }
        }
        @for note in &checked.notes { p.mark.potentially { (note) } }
        form.profile method="post" action={ (path) "/update" } novalidate {
            (view::hidden(app, draft))
            input type="hidden" name="form" value=(form);
            div hx-post={ (path) "/draft" } hx-trigger="input delay:50ms, change" hx-include="closest form"
                hx-target="#kept" hx-swap="innerHTML" hx-sync="this:replace" {
                @for section in T::SECTIONS {
                    fieldset {
                        legend { (view::heading(section)) }
                        div.fields { @for member in section.members {
                            @if member.is_writable() { (field(member)) } @else { (view::kept(member, &base)) }
                        } }
                    }
                }
            }
            p.actions {
                button type="submit" { "Review" } " "
                @if !checked.doubts.is_empty() && checked.wrong.is_empty() {
                    button.plain type="submit" name="anyway" value="yes" { "Review anyway" } " "
                }
                (view::kept_here())
            }
        }
        (view::discard(app, draft))
    })
}

/// A member with its section, where the name alone would not do.
fn title(section: &Section, member: &Member) -> String {
    if section.pointer.is_empty() {
        view::label(member)
    } else {
        format!("{}: {}", view::heading(section), view::label(member))
    }
}

/// What the contract demands of a member, in short, beside what its help says.
fn limits<T: Billed>(member: &Member) -> Vec<String> {
    let constraints = T::CONSTRAINTS.iter().filter(|(at, _)| *at == member.pointer);
    // A field in which nothing is typed clears the member.
    // What the type of a number holds is no news.
    let is_said = |it: &Constraint| {
        matches!(
            it,
            Constraint::Email
                | Constraint::MinLength(..=1)
                | Constraint::Minimum("-2147483648")
                | Constraint::Maximum("2147483647")
        )
    };
    let limits = constraints.filter(|(_, it)| !is_said(it));
    let mut limits: Vec<_> = limits.map(|(_, it)| sentence(&it.to_string())).collect();
    if member.pointer.strip_prefix(T::ADDRESS) == Some("/country") {
        limits.push("What another country demands is checked when you review.".to_owned());
    }
    limits
}

/// Whether the country demands the member.
fn is_required<T: Billed>(member: &Member, rules: &CountryRules) -> bool {
    let Some(key) = member.pointer.strip_prefix(T::ADDRESS) else { return false };
    let phone = T::ASKS_FOR_PHONE.then_some(rules.customer_organization_phone_number_required);
    let required = match key {
        "/city" => rules.is_city_required,
        "/state" => rules.is_state_required,
        "/postalCode" => rules.is_postal_code_required,
        "/phoneNumber" => phone.flatten(),
        _ => None,
    };
    required == Some(true)
}

/// What the country knows that a member can be.
fn choices<'a, T: Billed>(member: &Member, rules: &'a CountryRules) -> &'a [String] {
    let list = match member.pointer.strip_prefix(T::ADDRESS).unwrap_or(member.pointer) {
        "/state" => &rules.supported_states_list,
        "/culture" => &rules.supported_cultures_list,
        "/language" => &rules.supported_languages_list,
        _ => &None,
    };
    list.as_deref().unwrap_or_default()
}

/// Keeps what was typed into a form.
fn keep<T: Billed>(
    app: &App,
    subject: Subject,
    billing: &Billing<T>,
    fields: &Fields,
) -> Result<Draft, Trouble> {
    let id = draft_of(fields, subject)?;
    let form =
        fields.iter().find(|(name, _)| name == "form").and_then(|(_, form)| form.parse().ok());
    let mut is_ours = true;
    let draft = app.drafts.change(subject, id, |draft| {
        let base = change::tree(&draft.start(billing)?)?;
        is_ours = draft.take_form::<T>(form, &base, fields);
        draft.refused = draft.refused.take().filter(|_| !is_ours);
        Ok(())
    })?;
    if is_ours { Ok(draft) } else { Err(Trouble::old_form(&subject.path(), id)) }
}

/// Keeps what was typed while it is typed.
pub(super) fn autosave<T: Billed>(
    app: &App,
    subject: Subject,
    fields: &Fields,
) -> Result<Response, Trouble> {
    let billing = T::of(subject, &app.session)?;
    keep(app, subject, &billing, fields)?;
    Ok("What you typed is kept.".into_response())
}

/// Takes the form, and goes on to what it changes.
pub(super) async fn submit<T: Billed>(
    app: &App,
    subject: Subject,
    fields: &Fields,
) -> Result<Response, Trouble> {
    let billing = T::of(subject, &app.session)?;
    let draft = keep(app, subject, &billing, fields)?;
    let checked = checked(app, &billing, &draft).await?;
    let at = |page: &str| subject.to(page, draft.id);
    if checked.profile.changes()?.is_empty() && checked.wrong.is_empty() {
        app.say(subject, html! { p.mark.potentially role="status" { "Nothing is changed: the profile is like that already." } });
        return Ok(at("update"));
    }
    let is_fine = checked.wrong.is_empty() && (checked.doubts.is_empty() || has(fields, "anyway"));
    Ok(at(if is_fine { "review" } else { "update" }))
}

/// Takes what is suggested for some members, and shows again what changes.
pub(super) fn take<T: Billed>(
    app: &App,
    subject: Subject,
    fields: &Fields,
) -> Result<Response, Trouble> {
    let billing = T::of(subject, &app.session)?;
    let draft = app.drafts.change(subject, draft_of(fields, subject)?, |draft| {
        let base = change::tree(&draft.start(&billing)?)?;
        draft.take::<T>(&base, fields);
        draft.refused = None;
        Ok(())
    })?;
    Ok(subject.to("review", draft.id))
}

/// Throws the changes away.
pub(super) fn discard(app: &App, subject: Subject, fields: &Fields) -> Result<Response, Trouble> {
    let id = draft_of(fields, subject)?;
    app.drafts.get(subject, id)?;
    app.drafts.remove(id);
    app.say(subject, html! { p.mark.potentially role="status" { "Your changes are thrown away. Nothing was written." } });
    Ok(Redirect::to(&subject.path()).into_response())
}
