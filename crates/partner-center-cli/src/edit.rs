//! Editing a profile as a text: what was typed is kept until the service has acknowledged it.

use std::path::Path;
use std::process::Command;

use partner_center::{Credential, Error, Resource, Violation};

use crate::args::Edits;
use crate::draft::{Draft, Of};
use crate::failure::{Exit, Failure};
use crate::member::Profile;
use crate::output::{Ui, shown};
use crate::profile::{Outcome, read, write};
use crate::yaml::{self, Mistake};

#[cfg(windows)]
const EDITOR: &str = "notepad";
#[cfg(not(windows))]
const EDITOR: &str = "vi";

pub(crate) async fn edit<A: Credential, T: Profile>(
    resource: Resource<A, T>,
    edits: &Edits,
    of: Of<'_>,
    drafts: &Path,
    ui: &Ui,
) -> Result<(), Failure> {
    // A person takes their time: whether the service would notice a change in it, nobody knows.
    let resource = resource.rereading();
    let (draft, profile) = if let Some(file) = &edits.resume {
        Draft::resume(file, &of, &resource)?
    } else {
        let profile = read(&resource, ui).await?;
        let text = yaml::render(&profile, of.title)?;
        (Draft::create(drafts, &of, &profile, &text)?, profile)
    };
    let path = draft.path().display().to_string();
    let keep = |failure: Failure| {
        failure.hint(format!("your edit is kept: take it up again with --resume {path}"))
    };
    let mut reopened = false;
    loop {
        let before = draft.read()?;
        let opened = open(draft.path());
        let text = draft.read()?;
        let same = text == before;
        if let Err(failure) = opened {
            if same && edits.resume.is_none() && !reopened {
                draft.remove();
                return Err(failure);
            }
            return Err(keep(failure));
        }
        if yaml::is_empty(&text) {
            draft.remove();
            ui.say("cancelled: the file is empty; nothing was written");
            return Ok(());
        }
        if same && reopened {
            let failure = Failure::new("the mistakes were not mended, and nothing was written");
            return Err(keep(failure.exit(Exit::Usage)));
        }
        let checked = yaml::parse(&text, &profile).and_then(|edited| {
            let without = edits.write.without_limits;
            let resource = resource.clone();
            let resource = if without { resource.without_limits() } else { resource };
            resource.check(&edited).map_err(|error| mistakes(error, &text))?;
            let changed = edited.is_dirty().map_err(|error| mistakes(error, &text))?;
            Ok((edited, changed))
        });
        let found = match checked {
            Ok((_, false)) => {
                draft.remove();
                ui.say("cancelled: nothing was changed; nothing was written");
                return Ok(());
            }
            Ok((edited, true)) => {
                match write(resource.clone(), edited, edits.write, true, ui).await {
                    Ok(Outcome::Written | Outcome::Unchanged) => {
                        draft.remove();
                        return Ok(());
                    }
                    Ok(Outcome::DryRun) => {
                        ui.say(&format!(
                            "your edit is kept: take it up again with --resume {path}"
                        ));
                        return Ok(());
                    }
                    // The service had the last word on a value.
                    Err(failure) if failure.was_refused() => {
                        failure.lines().map(Mistake::new).collect()
                    }
                    Err(failure) => return Err(keep(failure)),
                }
            }
            Err(found) => found,
        };
        draft.write(&yaml::with_mistakes(&text, &found))?;
        ui.error("the text has mistakes, and the editor opens again");
        for mistake in &found {
            ui.word("why", &mistake.what);
        }
        reopened = true;
    }
}

/// What the library says of a text, at the members that it says it of.
fn mistakes(error: Error, text: &str) -> Vec<Mistake> {
    if error.violations().is_empty() {
        return Failure::from(error).lines().map(Mistake::new).collect();
    }
    let violations = error.violations().iter();
    let found = violations.map(|Violation { pointer, rule, value, .. }| {
        let value = shown(Some(&value.as_str().into()));
        Mistake::at(text, pointer, &format!("must be {rule}, not {value}"))
    });
    found.collect()
}

/// Runs the person's editor on a file, and waits for it.
fn open(path: &Path) -> Result<(), Failure> {
    let set = |name| std::env::var(name).ok().filter(|editor| !editor.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| EDITOR.to_owned());
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
