//! The billing profiles of many customers, written as they come.

mod file;
mod parquet;
pub(crate) mod record;

use std::collections::HashSet;
use std::path::Path;
use std::pin::Pin;

use futures_util::stream::{Stream, StreamExt};
use partner_center::models::{Customer, CustomerBillingProfile};
use partner_center::{Credential, Error, PartnerCenter, Versioned};
use uuid::Uuid;

use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::output::{Ui, one_line};
use crate::session::Bounds;

use super::args::{Export as Args, Format, Pace};
use super::progress::Progress;
use super::sheet::{Purpose, Sheet};
use super::{ENOUGH, Found, Who, ends_all};
use file::Target;
use parquet::Parquet;
use record::Layout;

/// An export that nothing was found wrong with.
pub(crate) struct Export {
    pace: Pace,
    customers: Option<Sheet>,
    sink: Sink,
    /// Customers that the file had before.
    done: HashSet<Uuid>,
}

/// Where rows go.
enum Sink {
    /// As texts, to a file or to stdout.
    Rows(Layout, Option<Target>),
    Parquet(Box<Parquet>),
}

/// What became of one customer.
enum Outcome {
    Read(Box<(Found, Versioned<CustomerBillingProfile>)>),
    /// It is in the file already.
    There,
    /// It is left out: who it is, and why.
    LeftOut(String, Failure),
    /// It is the last one.
    Ends(Failure),
}

type Named<'a> = Pin<Box<dyn Stream<Item = Result<Who, Failure>> + 'a>>;
type Reading<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What is asked of the service, whoever calls: so there is one export and not one for each credential.
pub(crate) trait Service {
    /// All customers, as they are listed.
    fn all(&self) -> Named<'_>;

    fn found(&self, who: Who) -> Reading<'_, Result<Found, Failure>>;

    fn profile(&self, id: Uuid) -> Reading<'_, Result<Versioned<CustomerBillingProfile>, Error>>;
}

impl<A: Credential> Service for PartnerCenter<A> {
    fn all(&self) -> Named<'_> {
        Box::pin(self.customers().list().map(|customer| Ok(who(customer?))))
    }

    fn found(&self, who: Who) -> Reading<'_, Result<Found, Failure>> {
        Box::pin(async move { who.found(&self.customers()).await })
    }

    fn profile(&self, id: Uuid) -> Reading<'_, Result<Versioned<CustomerBillingProfile>, Error>> {
        Box::pin(async move { self.customer(id).billing_profile().get().await })
    }
}

impl Export {
    /// Looks at the files.
    ///
    /// # Errors
    /// A file cannot be used. Nothing was sent.
    pub(crate) fn prepare(args: Args) -> Result<Self, Failure> {
        let customers = args.customers.map(|path| Sheet::check(&path, Purpose::Customers));
        let customers = customers.transpose()?;
        let mut done = HashSet::new();
        let layout = match args.format {
            Format::Csv => Layout::csv(&args.columns)?,
            Format::Jsonl => Layout::jsonl(&args.columns)?,
            Format::Parquet if args.resume => {
                let what = "a Parquet file that is not whole cannot be gone on with";
                return Err(Failure::usage(what).hint("leave out --resume, or take --format csv"));
            }
            Format::Parquet => {
                let parquet = Parquet::create(args.file, record::members(&args.columns)?)?;
                let sink = Sink::Parquet(Box::new(parquet));
                return Ok(Self { pace: args.pace, customers, sink, done });
            }
        };
        let target = match args.file {
            Some(path) if args.resume => Some(Target::resume(path, &layout, &mut done)?),
            Some(path) => Some(Target::create(path)?),
            None => None,
        };
        Ok(Self { pace: args.pace, customers, sink: Sink::Rows(layout, target), done })
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.pace.into()
    }

    /// Reads the profiles, several at a time, and writes a row for each in the order of the customers.
    ///
    /// # Errors
    /// The rest could not be read or written, or customers were left out.
    pub(crate) async fn run(self, service: &dyn Service, ui: &Ui) -> Result<(), Failure> {
        let name = self.sink.path().map(|path| path.display().to_string());
        let whole = name.as_ref().filter(|_| matches!(self.sink, Sink::Rows(..))).cloned();
        let _note = whole.as_ref().map(|name| {
            interrupt::note(format!("the rows in {name} are whole: go on with --resume"))
        });
        let before = self.done.len();
        let result = self.rows(service, ui).await;
        let resume = |failure: Failure| {
            match &whole {
            Some(name) => failure.hint(format!(
                "the rows in {name} are whole: run it again with --resume, and it goes on with the others"
            )),
            None => failure,
        }
        };
        let (written, failed) = result.map_err(resume)?;
        if let Some(name) = &name {
            let before = if before > 0 { format!(", {before} were there") } else { String::new() };
            ui.say(&one_line(&format!("{name}: {written} customers written{before}")));
        }
        if failed > 0 {
            let all = written + failed;
            let what = format!("the profiles of {failed} of {all} customers could not be read");
            return Err(resume(Failure::new(what)));
        }
        Ok(())
    }

    /// How many were written, and how many were left out.
    async fn rows(self, service: &dyn Service, ui: &Ui) -> Result<(usize, usize), Failure> {
        let Self { pace, customers, mut sink, done } = self;
        let total = customers.as_ref().map(|sheet| sheet.rows);
        let named: Named<'_> = match &customers {
            Some(sheet) => Box::pin(futures_util::stream::iter(
                sheet.rows()?.map(|row| row.map(|row| row.customer)),
            )),
            None => service.all(),
        };
        let progress = Progress::new(ui, "reading billing profiles", total);
        sink.begin(ui)?;
        let there = &done;
        let outcomes = named.map(|who| read(service, who, there)).buffered(pace.concurrency.into());
        let mut outcomes = std::pin::pin!(outcomes);
        // A file may name one twice, by its id and by its domain; what a list has meanwhile is not documented.
        let (mut written, mut left_out) = (HashSet::new(), 0);
        while let Some(outcome) = outcomes.next().await {
            match outcome {
                Outcome::Read(read) => {
                    let (found, profile) = *read;
                    if written.insert(found.id) {
                        sink.row(&found, &profile, ui)?;
                    }
                    progress.done();
                }
                Outcome::There => progress.done(),
                Outcome::LeftOut(who, failure) => {
                    left_out += 1;
                    if failure.exit == Exit::NotAllowed && written.is_empty() && left_out == ENOUGH
                    {
                        return Err(
                            failure.why(format!("{ENOUGH} customers in a row are like that"))
                        );
                    }
                    ui.say(&one_line(&format!("left out: customer {who}:")));
                    for line in failure.lines() {
                        ui.say(&format!("  {line}"));
                    }
                    progress.failed();
                }
                Outcome::Ends(failure) => return Err(failure),
            }
            if ui.is_closed() {
                break;
            }
        }
        sink.finish()?;
        progress.end();
        Ok((written.len(), left_out))
    }
}

impl Sink {
    /// The file that is written to.
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Rows(_, target) => target.as_ref().map(Target::path),
            Self::Parquet(parquet) => parquet.path(),
        }
    }

    fn begin(&mut self, ui: &Ui) -> Result<(), Failure> {
        let Self::Rows(layout, target) = self else { return Ok(()) };
        match layout.header() {
            Some(header) if target.as_ref().is_none_or(Target::is_empty) => {
                write(target.as_mut(), &header, ui)
            }
            _ => Ok(()),
        }
    }

    fn row(
        &mut self,
        found: &Found,
        profile: &Versioned<CustomerBillingProfile>,
        ui: &Ui,
    ) -> Result<(), Failure> {
        match self {
            Self::Rows(layout, target) => write(target.as_mut(), &layout.row(found, profile)?, ui),
            Self::Parquet(parquet) => parquet.row(found, profile),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Rows(_, target) => target.map_or(Ok(()), |target| target.finish()),
            Self::Parquet(parquet) => parquet.finish(),
        }
    }
}

/// Writes whole rows.
fn write(target: Option<&mut Target>, text: &str, ui: &Ui) -> Result<(), Failure> {
    if let Some(target) = target {
        return target.write(text);
    }
    ui.data(text);
    // Whoever read may have had enough; a full disk is another matter.
    let lost = ui.finish();
    lost.map_or(Ok(()), |cause| Err(Failure::new("the rows cannot be printed").why(cause)))
}

/// A customer of a list. One without an id is left out when it is its turn.
fn who(customer: Customer) -> Who {
    let id = customer.id.as_deref().and_then(|id| id.parse().ok());
    let company = customer.company_profile.unwrap_or_default();
    Who { id, domain: company.domain, company: company.company_name }
}

async fn read(service: &dyn Service, who: Result<Who, Failure>, there: &HashSet<Uuid>) -> Outcome {
    let who = match who {
        Ok(who) => who,
        Err(failure) => return Outcome::Ends(failure),
    };
    if who.id.is_some_and(|id| there.contains(&id)) {
        return Outcome::There;
    }
    let name = who.to_string();
    let found = match service.found(who).await {
        Ok(found) => found,
        Err(failure) if failure.is_about_one() => return Outcome::LeftOut(name, failure),
        Err(failure) => return Outcome::Ends(failure),
    };
    if there.contains(&found.id) {
        return Outcome::There;
    }
    match service.profile(found.id).await {
        Ok(profile) => Outcome::Read(Box::new((found, profile))),
        Err(error) if ends_all(&error) => Outcome::Ends(error.into()),
        Err(error) => Outcome::LeftOut(name, error.into()),
    }
}
