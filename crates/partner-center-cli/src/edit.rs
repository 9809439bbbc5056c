//! Editing a profile as a text: what was typed is kept until the service has acknowledged it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use partner_center::validation::Violation;
use partner_center::{Credential, Error, PartnerCenter, Resource, Versioned};

use crate::args::{Edits, Write};
use crate::draft::{Draft, Of};
use crate::entry;
use crate::failure::Failure;
use crate::interrupt;
use crate::member::Profile;
use crate::mistake::{Mistake, with_mistakes, without_mistakes};
use crate::output::{Ui, shown};
use crate::profile::{Outcome, read, write};
use crate::settings::environment;
use crate::yaml;

#[cfg(windows)]
const EDITOR: &str = "notepad";
#[cfg(not(windows))]
const EDITOR: &str = "vi";

/// Nobody reads a profile in less.
const TOO_SOON: Duration = Duration::from_secs(1);

pub(crate) async fn edit<A: Credential, T: Profile>(
    client: &PartnerCenter<A>,
    resource: Resource<A, T>,
    edits: &Edits,
    of: Of<'_>,
    drafts: &Path,
    ui: &Ui,
) -> Result<(), Failure> {
    // A person takes their time: whether the service would notice a change in it, nobody knows.
    let resource = resource.precheck();
    let (draft, profile) = if let Some(file) = &edits.resume {
        Draft::resume(file, &of, &resource)?
    } else {
        let profile = read(&resource, ui).await?;
        let text = yaml::render(&profile, of.title)?;
        (Draft::create(drafts, &of, &profile, &text)?, profile)
    };
    let path = draft.path().display().to_string();
    let kept =
        format!("your edit is kept: take it up again with --resume {}", shell_words::quote(&path));
    let keep = |failure: Failure| failure.hint(&*kept);
    let _note = interrupt::note(&*kept);
    // What was wrong the last time, and with which text.
    let mut wrong: Option<(String, Failure)> = None;
    loop {
        let before = draft.read().map_err(keep)?;
        let began = Instant::now();
        let opened = interrupt::lend(|| open(draft.path()));
        let after = draft.read().map_err(keep)?;
        let untouched = after == before && edits.resume.is_none() && wrong.is_none();
        if let Err(failure) = opened {
            if untouched {
                draft.remove();
                return Err(failure);
            }
            return Err(keep(failure));
        }
        if untouched {
            ui.say("cancelled: nothing was changed; nothing was written");
            // Some editors only ask another process to open the file.
            if ui.is_interactive && began.elapsed() < TOO_SOON {
                ui.word(
                    "hint",
                    "if the editor is still open, tell it to wait, as with `code --wait`",
                );
                ui.word("hint", &kept);
            } else {
                draft.remove();
            }
            return Ok(());
        }
        let Ok(text) = String::from_utf8(after) else {
            let failure = Failure::usage("the file is not UTF-8 any more, and nothing was written");
            return Err(keep(failure.hint("save it as UTF-8")));
        };
        if entry::is_empty(&text) {
            draft.remove();
            ui.say("cancelled: the file is empty; nothing was written");
            return Ok(());
        }
        if let Some((last, failure)) = wrong.take()
            && last == without_mistakes(&text)
        {
            return Err(keep(failure));
        }
        let mut refused = None;
        let found: Vec<_> = match checked(&text, &profile, &resource, edits.write) {
            Ok(None) => {
                draft.remove();
                ui.say("cancelled: nothing was changed; nothing was written");
                return Ok(());
            }
            Ok(Some(edited)) => {
                match write(client, resource.clone(), edited, edits.write, true, ui).await {
                    Ok(Outcome::Written | Outcome::Unchanged) => {
                        draft.remove();
                        return Ok(());
                    }
                    Ok(Outcome::DryRun) => {
                        ui.say(&kept);
                        return Ok(());
                    }
                    // The service had the last word on a value.
                    Err(failure) if failure.was_refused() => {
                        let found = failure.lines().map(Mistake::new).collect();
                        refused = Some(failure);
                        found
                    }
                    Err(failure) => return Err(keep(failure)),
                }
            }
            Err(found) => found,
        };
        draft.write(&with_mistakes(&text, &found)).map_err(keep)?;
        ui.error("the text has mistakes, and the editor opens again");
        for mistake in &found {
            ui.word("why", &mistake.what);
        }
        let failure = refused.unwrap_or_else(|| {
            Failure::usage("the mistakes were not fixed, and nothing was written")
        });
        wrong = Some((without_mistakes(&text).to_owned(), failure));
    }
}

/// The profile with what the text says; `None` if that is what it was.
fn checked<A: Credential, T: Profile>(
    text: &str,
    profile: &Versioned<T>,
    resource: &Resource<A, T>,
    write: Write,
) -> Result<Option<Versioned<T>>, Vec<Mistake>> {
    let edited = yaml::parse(text, profile)?;
    let resource = resource.clone();
    let resource = if write.without_limits { resource.without_limits() } else { resource };
    resource.check(&edited).map_err(|error| mistakes::<T>(error, text))?;
    let changed = edited.is_dirty().map_err(|error| mistakes::<T>(error, text))?;
    Ok(changed.then_some(edited))
}

/// The violations that the library found, at their members in the text.
fn mistakes<T: Profile>(error: Error, text: &str) -> Vec<Mistake> {
    if error.violations().is_empty() {
        return Failure::from(error).lines().map(Mistake::new).collect();
    }
    let (entries, _) = entry::read::<T>(text);
    let violations = error.violations().iter();
    let found = violations.map(|Violation { pointer, constraint, value, .. }| {
        let value = shown(Some(&value.as_str().into()));
        let entry = entries.iter().find(|entry| entry.pointer() == *pointer);
        let line = entry.map(|entry| entry.line);
        Mistake::of(pointer, line, &format!("must be {constraint}, not {value}"))
    });
    found.collect()
}

/// Runs the person's editor on a file, and waits for it.
fn open(path: &Path) -> Result<(), Failure> {
    let editor =
        environment("VISUAL")?.map_or_else(|| environment("EDITOR"), |set| Ok(Some(set)))?;
    let editor = editor.map_or_else(|| EDITOR.to_owned(), |setting| setting.value);
    let failed = |why: String| {
        Failure::new(format!("the editor `{editor}` failed"))
            .why(why)
            .hint("set VISUAL or EDITOR to the editor of your choice")
    };
    let words = shell_words::split(&editor).map_err(|error| failed(error.to_string()))?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(failed("it has no name".to_owned()));
    };
    let status = Command::new(program).args(arguments).arg(path).status();
    let status = status.map_err(|error| failed(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}
