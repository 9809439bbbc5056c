//! Showing and writing a profile: what will change, the write, and what became of it.

use partner_center::{
    Change, Choice, Conflict, Credential, PartnerCenter, Resource, UpdateError, Versioned,
};
use serde_json::{Value, json};

use crate::args::{Set, Write};
use crate::change;
use crate::failure::{Exit, Failure, refused};
use crate::interrupt;
use crate::member::Profile;
use crate::output::{self, Format, Ui, ask, difference, one_line, shown};
use crate::validate;

/// How often the changes of others are merged before it is given up.
const ROUNDS: u32 = 10;

/// What became of a write.
pub(crate) enum Outcome {
    Written,
    /// Nothing was to be changed.
    Unchanged,
    /// It was to be shown only.
    DryRun,
}

pub(crate) async fn show<A: Credential, T: Profile>(
    resource: &Resource<A, T>,
    title: &str,
    ui: &Ui,
) -> Result<(), Failure> {
    let profile = read(resource, ui).await?;
    let etag = profile.etag().map(ToString::to_string);
    match ui.format {
        Format::Table => {
            let tree = change::tree(&profile)?;
            ui.styled(&output::table::<T>(title, etag.as_deref(), &tree));
        }
        Format::Json => {
            ui.data(&format!("{}\n", String::from_utf8_lossy(profile.document())));
            outside(&profile, ui);
        }
        Format::Yaml => {
            ui.data(&output::yaml(&document(&profile)));
            outside(&profile, ui);
        }
    }
    Ok(())
}

/// Says the entity tag if the document does not.
fn outside<T: Profile>(profile: &Versioned<T>, ui: &Ui) {
    let document = document(profile);
    let inside = document.pointer("/attributes/etag").or(document.pointer("/Attributes/Etag"));
    let inside = inside.and_then(Value::as_str).map(|tag| format!("\"{}\"", tag.trim_matches('"')));
    let etag = profile.etag().map(ToString::to_string);
    if etag != inside {
        match etag {
            Some(etag) => ui.say(&one_line(&format!("ETag: {etag}"))),
            None => ui.say("ETag: none, so this profile cannot be updated"),
        }
    }
}

/// The document as the service has it.
fn document<T: Profile>(profile: &Versioned<T>) -> Value {
    serde_json::from_slice(profile.document()).unwrap_or_default()
}

pub(crate) async fn read<A: Credential, T: Profile>(
    resource: &Resource<A, T>,
    ui: &Ui,
) -> Result<Versioned<T>, Failure> {
    let _step = ui.step("reading the billing profile");
    Ok(resource.get().await?)
}

pub(crate) async fn set<A: Credential, T: Profile>(
    client: &PartnerCenter<A>,
    resource: Resource<A, T>,
    set: &Set<T>,
    ui: &Ui,
) -> Result<(), Failure> {
    let edits = set.edits()?;
    let mut profile = read(&resource, ui).await?;
    let merge = match &set.if_match {
        None => true,
        Some(wanted) if profile.etag() == Some(wanted) => false,
        Some(wanted) => {
            let now = profile.etag().map_or("no ETag".to_owned(), ToString::to_string);
            let etag = profile.etag().map(ToString::to_string);
            ui.left(&json!({"outcome": "conflict", "etag": etag}));
            return Err(Failure::new("the profile does not have that ETag any more")
                .exit(Exit::Conflict)
                .why(format!("it has {now} now, not {wanted}; nothing was written"))
                .hint("look at what is there now with `show`, and begin with that"));
        }
    };
    change::apply(&mut profile, &edits)?;
    let written = write(client, resource, profile, set.write, merge, ui).await;
    written.map(drop).map_err(|failure| match failure.exit {
        Exit::Conflict if merge => failure.hint("to write yours onto theirs, run it again"),
        _ => failure,
    })
}

/// Shows what was changed in the profile, and writes it.
///
/// The changes of someone else are merged if `merge` says so and the person agrees.
pub(crate) async fn write<A: Credential, T: Profile>(
    client: &PartnerCenter<A>,
    resource: Resource<A, T>,
    mut profile: Versioned<T>,
    write: Write,
    merge: bool,
    ui: &Ui,
) -> Result<Outcome, Failure> {
    let resource = if write.without_limits { resource.without_limits() } else { resource };
    // Limits come first: what is beyond one is not asked for.
    resource.check(&profile).map_err(|error| refused(error, &*profile))?;
    profile = Box::pin(validate::validated(client, profile, write, ui)).await?;
    for _ in 0..ROUNDS {
        resource.check(&profile).map_err(|error| refused(error, &*profile))?;
        let changes = profile.changes()?;
        if changes.is_empty() {
            report("unchanged", &changes, Some(&profile), ui);
            ui.say("nothing to change: the profile is like that already; nothing was written");
            return Ok(Outcome::Unchanged);
        }
        // A pipe gets what was done, or the conflict; a person sees what will be done.
        let table = ui.format == Format::Table;
        if table && (ui.is_interactive || write.dry_run) {
            ui.styled(&difference::<T>(&changes));
        }
        if write.dry_run {
            report::<T>("dry-run", &changes, None, ui);
            ui.say("dry run: nothing was written");
            return Ok(Outcome::DryRun);
        }
        let result = {
            let _step = ui.step("writing the billing profile");
            let _note = interrupt::note("the update may have been written: look with `show`");
            resource.update(&profile).await
        };
        let conflict = match result {
            Ok(written) => {
                if table && !ui.is_interactive {
                    ui.styled(&difference::<T>(&changes));
                }
                written_down(&changes, &written, ui);
                return Ok(Outcome::Written);
            }
            Err(UpdateError::Conflict(conflict)) => *conflict,
            Err(error) => return Err(refused(error.into(), &*profile)),
        };
        profile = resolve(conflict, &changes, write.yes, merge, ui)?;
    }
    Err(Failure::new("others change the profile all the time")
        .exit(Exit::Conflict)
        .why(format!("it was changed again after each of {ROUNDS} merges; nothing was written"))
        .hint("try again later"))
}

/// Tells what the service made of the changes.
fn written_down<T: Profile>(changes: &[Change], written: &Versioned<T>, ui: &Ui) {
    report("written", changes, Some(written), ui);
    if written.was_recovered() {
        ui.say("the answer was lost; the profile was read again, and has the changes");
    }
    let etag = written.etag().map_or("none".to_owned(), ToString::to_string);
    ui.say(&one_line(&format!("written; the ETag is {etag} now")));
    let Ok(tree) = change::tree(written) else { return };
    for change in changes {
        let kept = tree.pointer(&change.pointer).filter(|value| !value.is_null());
        if kept != change.after.as_ref() {
            let (name, kept, asked) =
                (T::name(&change.pointer), shown(kept), shown(change.after.as_ref()));
            let note = format!("note: the service keeps {name} as {kept}, not as {asked}");
            ui.say(&one_line(&note));
        }
    }
}

/// What happened, for programs.
fn report<T: Profile>(outcome: &str, changes: &[Change], profile: Option<&Versioned<T>>, ui: &Ui) {
    if ui.format == Format::Table {
        return;
    }
    let correlation_id = ui.correlation_id.get();
    let mut result =
        json!({"outcome": outcome, "changes": changes, "correlationId": correlation_id});
    if let Some(profile) = profile {
        result["etag"] = profile.etag().map(ToString::to_string).into();
        result["profile"] = document(profile);
    }
    ui.value(&result);
}

/// Merges what someone else changed with what was to be written, or leaves the conflict.
fn resolve<T: Profile>(
    mut conflict: Conflict<T>,
    mine: &[Change],
    yes: bool,
    merge: bool,
    ui: &Ui,
) -> Result<Versioned<T>, Failure> {
    let theirs = conflict.their_changes()?;
    ui.say("someone else changed the profile since it was read");
    for (whose, changes) in [("theirs", &*theirs), ("yours", mine)] {
        ui.say(&format!("{whose}:\n{}", difference::<T>(changes).trim_end()));
    }
    if conflict.may_have_been_applied() {
        ui.say("an earlier attempt at your update got no answer, and may be among their changes");
    }
    if !merge {
        return Err(left(&conflict, mine, &theirs, ui).hint("--if-match merges nothing"));
    }
    let mut merge_conflicts = conflict.merge_conflicts().to_vec();
    merge_conflicts.sort_by_key(|merge_conflict| T::place(&merge_conflict.pointer));
    if !merge_conflicts.is_empty() && !ui.is_interactive {
        let failure = left(&conflict, mine, &theirs, ui);
        return Err(failure.hint("on a terminal you are asked which value it is to be"));
    }
    for merge_conflict in &merge_conflicts {
        let name = one_line(T::name(&merge_conflict.pointer));
        ui.say(&format!("both sides changed {name}:"));
        for (whose, value) in [
            ("base", &merge_conflict.base),
            ("yours", &merge_conflict.mine),
            ("theirs", &merge_conflict.theirs),
        ] {
            ui.say(&format!("  {whose:<6}  {}", shown(value.as_ref())));
        }
        let choice = loop {
            match ask("[y]ours, [t]heirs, or [q]uit?").as_deref() {
                Some("y" | "yours") => break Choice::Mine,
                Some("t" | "theirs") => break Choice::Theirs,
                None | Some("q" | "quit") => return Err(left(&conflict, mine, &theirs, ui)),
                Some(_) => {}
            }
        };
        conflict.resolve(&merge_conflict.pointer, choice)?;
    }
    let asked = || matches!(ask("write yours onto theirs? [y/N]").as_deref(), Some("y" | "yes"));
    // What was picked member by member was agreed to. An attempt that may have been applied is no
    // reason to stop: these changes set values, so making them again gives the same profile.
    let agreed = !merge_conflicts.is_empty() || yes || (ui.is_interactive && asked());
    if !agreed {
        let failure = left(&conflict, mine, &theirs, ui);
        return Err(failure.hint("no member conflicts: --yes writes both"));
    }
    if ui.is_interactive {
        ui.say("merged:");
    }
    conflict.merge().map_err(|merge_conflicts| {
        Failure::new("the conflict is not resolved").why(merge_conflicts)
    })
}

/// A conflict that is left, as JSON or YAML on stdout where nobody could be asked.
fn left<T: Profile>(
    conflict: &Conflict<T>,
    mine: &[Change],
    theirs: &[Change],
    ui: &Ui,
) -> Failure {
    let merge_conflicts = conflict.merge_conflicts().iter().map(|one| {
        json!({"pointer": one.pointer, "base": one.base, "yours": one.mine, "theirs": one.theirs})
    });
    let merge_conflicts: Vec<_> = merge_conflicts.collect();
    // An attempt that got no answer was said before.
    let what = if conflict.may_have_been_applied() {
        "the conflict is left, and nothing more was written"
    } else {
        "the conflict is left, and nothing was written"
    };
    let mut failure = Failure::new(what).exit(Exit::Conflict);
    for merge_conflict in conflict.merge_conflicts() {
        failure = failure.why(format!("both sides changed {}", T::name(&merge_conflict.pointer)));
    }
    ui.left(&json!({
        "outcome": "conflict",
        "collisions": merge_conflicts,
        "yours": mine,
        "theirs": theirs,
        "etag": conflict.theirs().etag().map(ToString::to_string),
        "mayHaveBeenApplied": conflict.may_have_been_applied(),
    }));
    failure
}
