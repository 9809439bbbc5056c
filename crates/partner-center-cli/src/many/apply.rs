//! The rows of a file, written into billing profiles: first a plan, then that very plan, then what became of it.
//!
//! The plan and each outcome are in a journal beside the file, so that whatever ends the command, the next one goes
//! on.

mod plan;
mod report;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use partner_center::models::CustomerBillingProfile;
use partner_center::{
    Bulk, Credential, Error, Journal, JournalRow, Outcome, OutcomeKind, OutcomeRecord,
    PartnerCenter,
};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::many::args;
use crate::output::{Format, Ui, ask, one_line};
use crate::session::{Bounds, Session};

use super::ends_all;
use super::progress::Progress;
use super::sheet::{Purpose, Sheet, Stamp, stamp};
use report::{Report, Shown};

/// What to do if there is no place beside the file.
const ELSEWHERE: &str = "--journal names another place";

/// An application of a file that nothing was found wrong with.
pub(crate) struct Apply {
    args: args::Apply,
    path: PathBuf,
    what: What,
    /// Where the journal of a trial is, which goes with it.
    trial: Option<TempDir>,
}

enum What {
    /// To be planned.
    Sheet(Sheet),
    /// Planned before.
    Plan(Box<(Journal, Run)>),
}

/// What is noted of a journal.
#[derive(Deserialize, Serialize)]
struct Run {
    /// The service, as a person knows it.
    service: String,
    /// Its address.
    endpoint: String,
    /// The file that was planned.
    file: Stamp,
    without_limits: bool,
}

/// What is noted of a row.
#[derive(Deserialize, Serialize)]
struct Note {
    /// Its id, or what the file says.
    customer: String,
    company: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<Settled>,
}

/// What becomes of a row, if nothing is to be sent for it.
#[derive(Deserialize, Serialize)]
enum Settled {
    Unchanged,
    /// The profile was changed since the row was made.
    Conflict(Vec<String>),
    Refused(Vec<String>),
}

impl Note {
    fn of(row: &JournalRow) -> Result<Self, Failure> {
        serde_json::from_str(&row.note)
            .map_err(|cause| Failure::new("the journal is none of this command").why(cause))
    }
}

impl Apply {
    /// Looks at the files.
    ///
    /// # Errors
    /// A file cannot be used, or an earlier run was not finished. Nothing was sent.
    pub(crate) fn prepare(args: args::Apply) -> Result<Self, Failure> {
        let mut path = args.journal.clone().unwrap_or_else(|| beside(&args.file));
        if let Some(report) = &args.report {
            report::can_be_written(report, [&args.file, &path])?;
        }
        let what = if args.resume {
            What::Plan(Box::new(open(&path, &args.file)?))
        } else {
            let purpose =
                if args.without_limits { Purpose::EditsWithoutLimits } else { Purpose::Edits };
            What::Sheet(Sheet::check(&args.file, purpose)?)
        };
        let mut trial = None;
        if args.dry_run {
            // An earlier run keeps its journal.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = tempfile::tempdir_in(folder.unwrap_or(Path::new(".")));
            let folder = folder.map_err(|cause| {
                Failure::new("there is no place for the journal").why(cause).hint(ELSEWHERE)
            })?;
            path = folder.path().join("journal");
            trial = Some(folder);
        } else if !args.resume {
            make_way(&path, &args)?;
        }
        Ok(Self { args, path, what, trial })
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.args.pace.into()
    }

    /// Plans, asks, writes and reports.
    ///
    /// # Errors
    /// Rows are left, or could not be written.
    pub(crate) async fn run<A: Credential>(
        self,
        client: &PartnerCenter<A>,
        session: &Session,
        ui: &Ui,
    ) -> Result<(), Failure> {
        let Self { args, path, what, trial: _trial } = self;
        let (journal, run) = match what {
            What::Plan(plan) => {
                let (journal, run) = *plan;
                if run.service != session.endpoint() {
                    return Err(Failure::usage("the plan is for another service")
                        .why(format!(
                            "it was made for {}, not for {}",
                            run.service,
                            session.endpoint()
                        ))
                        .hint("go on with the settings of before, or --discard it"));
                }
                (journal, run)
            }
            What::Sheet(sheet) => {
                let run = Run::of(&args, &sheet, session);
                (plan::plan(&sheet, &args, &path, &run, client, ui).await?, run)
            }
        };
        let save = || args.report.as_ref().map_or(Ok(()), |file| report::save(&journal, file));
        let before = Report::of(&journal, Shown::Nothing, ui)?;
        if before.tried > 0 {
            ui.say(&format!("{} of {} customers are left", before.left, before.planned));
        } else {
            // A pipe gets what was done; a person sees what will be done.
            let is_shown = match ui.format {
                Format::Table => ui.is_interactive || !args.yes || before.left == 0,
                _ => args.dry_run || before.left == 0 || (!ui.is_interactive && !args.yes),
            };
            if is_shown {
                Report::of(&journal, Shown::Plan, ui)?;
            }
            ui.say(&before.plan_totals());
            if args.dry_run || before.left == 0 {
                save()?;
                drop(journal);
                remove(&path)?;
                ui.say("nothing was written");
                return before.failure_of_plan().map_or(Ok(()), Err);
            }
            let kept = one_line(&format!(
                "nothing was written; the plan is kept: {} applies it",
                again(&args, "--resume --yes")
            ));
            if !args.yes && !asked(before.left, &kept, ui) {
                save()?;
                ui.say(&kept);
                return Ok(());
            }
        }
        let mut bulk = client.bulk().concurrency(args.pace.concurrency.into());
        if run.without_limits {
            bulk = bulk.without_limits();
        }
        if session.is_embedded() {
            bulk = bulk.moved_from(&run.endpoint);
        }
        let stopped = write(&bulk, &journal, before.left, &args, ui).await;
        let report = Report::of(&journal, Shown::Outcomes, ui)?;
        save()?;
        ui.say(&report.totals());
        match (stopped, report.left) {
            (Err(failure), _) => return Err(failure),
            (Ok(()), 0) => {
                drop(journal);
                remove(&path)?;
            }
            (Ok(()), _) => ui.say(&one_line(&left_over(&args))),
        }
        report.failure().map_or(Ok(()), Err)
    }
}

/// Sends what is left. It stops where nobody else's profile could be written either, or a person says so; what is in
/// flight is finished.
async fn write<A: Credential>(
    bulk: &Bulk<A>,
    journal: &Journal,
    left: u64,
    args: &args::Apply,
    ui: &Ui,
) -> Result<(), Failure> {
    let _note = interrupt::note(format!(
        "what was written is in the journal: {} goes on",
        again(args, "--resume")
    ));
    let stop = interrupt::stop();
    let progress = Progress::new(ui, "writing billing profiles", Some(left));
    let (sender, broken) = tokio::sync::oneshot::channel::<()>();
    let mut sender = Some(sender);
    let broken = async {
        // It is dropped unused when all is done.
        if broken.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let rows = journal.left().take_until(stop.asked()).take_until(Box::pin(broken));
    let mut outcomes = std::pin::pin!(bulk.apply(journal, rows));
    let mut failure = None;
    let resume = left_over(args);
    let mut end = |error: Error| {
        let is_uncertain = error.may_have_been_applied();
        let error = Failure::from(error);
        failure.get_or_insert(if is_uncertain {
            // Of all of them it is found out then.
            error.only_hint(&resume)
        } else {
            error.hint(&*resume)
        });
        let _ = sender.take().map(|sender| sender.send(()));
    };
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            Ok((_, Outcome::Failed(error))) => {
                progress.failed();
                if ends_all(&error) {
                    end(error);
                }
            }
            Ok((_, Outcome::Conflict(_))) => progress.failed(),
            Ok(_) => progress.done(),
            Err(error) => end(error),
        }
    }
    match failure {
        Some(failure) => Err(failure),
        None if stop.is_asked() => {
            Err(Failure::new("interrupted").exit(Exit::Interrupted).hint(resume))
        }
        None => Ok(()),
    }
}

impl Run {
    /// What is noted of a journal.
    fn of_journal(journal: &Journal) -> Result<Self, Failure> {
        serde_json::from_str(&journal.note()?)
            .map_err(|cause| Failure::new("the journal is none of this command").why(cause))
    }

    /// Whether the file is not the one that was planned.
    fn is_of_another(&self, file: &Path) -> bool {
        std::fs::metadata(file).is_ok_and(|metadata| stamp(&metadata) != self.file)
    }

    fn of(args: &args::Apply, sheet: &Sheet, session: &Session) -> Self {
        Self {
            service: session.endpoint().to_owned(),
            endpoint: session.address().to_owned(),
            file: sheet.stamp,
            without_limits: args.without_limits,
        }
    }
}

/// Whether a person agrees to the plan.
fn asked(many: u64, kept: &str, ui: &Ui) -> bool {
    let _note = interrupt::note(kept);
    let question = format!("write to {}? [y/N]", report::customers(many));
    ui.is_interactive && matches!(ask(&question).as_deref(), Some("y" | "yes"))
}

/// Where the journal of a file is.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".journal");
    file.with_file_name(name)
}

/// The command that goes on with a file.
fn again(args: &args::Apply, how: &str) -> String {
    let quoted = |path: &Path| shell_words::quote(&path.display().to_string()).into_owned();
    let journal = args.journal.as_deref().map(|path| format!(" --journal {}", quoted(path)));
    format!("`partner-center apply {}{} {how}`", quoted(&args.file), journal.unwrap_or_default())
}

/// What to do about customers that are left.
fn left_over(args: &args::Apply) -> String {
    format!("{} goes on with the customers that are left", again(args, "--resume"))
}

/// The journal of an earlier run, whose plan is whole.
fn open(path: &Path, file: &Path) -> Result<(Journal, Run), Failure> {
    if !path.exists() {
        let what = format!("there is nothing to go on with: there is no {}", path.display());
        return Err(Failure::usage(what).hint("leave out --resume to begin"));
    }
    let unplanned = || {
        Failure::usage("the earlier run was ended while it planned, and wrote nothing")
            .hint("leave out --resume to begin anew")
    };
    if !is_journal(path)? {
        return Err(unplanned());
    }
    let journal = Journal::open(path).map_err(|error| of_journal(error, path))?;
    if !journal.is_sealed()? {
        return Err(unplanned());
    }
    let run = Run::of_journal(&journal)?;
    if run.is_of_another(file) {
        return Err(Failure::usage(format!("{} was changed since it was planned", file.display()))
            .hint("put it back as it was, or --discard the plan: what is written already is not changed then"));
    }
    Ok((journal, run))
}

/// Removes an earlier journal, unless there is something to go on with, or another command has it.
fn make_way(path: &Path, args: &args::Apply) -> Result<(), Failure> {
    if !path.exists() {
        return Ok(());
    }
    if !is_journal(path)? {
        return remove(path);
    }
    match Journal::open(path) {
        Ok(journal) if !args.discard && was_begun(&journal)? => {
            let failure = Failure::usage("an earlier run of this file was not finished");
            let discard = "--discard forgets it, and begins with what is there now";
            Err(if Run::of_journal(&journal)?.is_of_another(&args.file) {
                failure.why("the file was changed since").hint(discard)
            } else {
                failure.hint(format!("{} goes on with it", again(args, "--resume"))).hint(discard)
            })
        }
        Err(error) if is_in_use(&error) || !args.discard => Err(of_journal(error, path)),
        Ok(_) | Err(_) => remove(path),
    }
}

/// Looks whether a file is a journal. `false`: it is the beginning of one, whose process was ended before it was begun.
///
/// # Errors
/// It is something else, which is neither opened nor removed.
fn is_journal(path: &Path) -> Result<bool, Failure> {
    let mut begin = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin));
    let read = read
        .map_err(|cause| Failure::usage(format!("{} cannot be read", path.display())).why(cause))?;
    match &begin {
        b"redb" => Ok(true),
        [0, 0, 0, 0] if read == 0 || read == 4 => Ok(false),
        _ => Err(Failure::usage(format!("{} is no journal", path.display())).hint(ELSEWHERE)),
    }
}

/// Whether anything of the plan was worked on.
fn was_begun(journal: &Journal) -> Result<bool, Failure> {
    if !journal.is_sealed()? {
        return Ok(false);
    }
    for row in journal.rows() {
        if row?.was_tried {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether another process has it.
fn is_in_use(error: &Error) -> bool {
    error.message().contains("in another process")
}

fn of_journal(error: Error, path: &Path) -> Failure {
    let in_use = is_in_use(&error);
    let failure = Failure::from(error).why(path.display());
    if in_use { failure.exit(Exit::Unavailable) } else { failure.hint("--discard forgets it") }
}

fn remove(path: &Path) -> Result<(), Failure> {
    std::fs::remove_file(path)
        .map_err(|cause| Failure::new(format!("{} cannot be removed", path.display())).why(cause))
}

/// What is left to be said of an outcome.
fn said(outcome: &OutcomeRecord) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    if let Some(message) = &outcome.message {
        let status = outcome.status.map(|status| format!(", status {status}")).unwrap_or_default();
        let code = outcome.code.as_ref().map(|code| format!(", code {code}")).unwrap_or_default();
        let description = outcome.description.as_ref().map(|text| format!(": {text}"));
        said.push(format!("{message}{status}{code}{}", description.unwrap_or_default()));
    }
    for pointer in &outcome.conflicts {
        let name = <CustomerBillingProfile as crate::member::Profile>::name(pointer);
        said.push(format!("others changed {name} too"));
    }
    if outcome.may_have_been_applied && outcome.kind == OutcomeKind::Conflict {
        said.push(
            "it was sent by a run that was ended, and may have been written and changed again"
                .to_owned(),
        );
    }
    if outcome.was_recovered {
        said.push("the answer was lost; it was found out by reading".to_owned());
    }
    said
}
