//! Runs a scenario: writers contend for few profiles, in heats that are judged one by one. It is bounded
//! in operations and in time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use partner_center::{AppUser, PartnerCenter, Retry};
use uuid::Uuid;

use crate::stress::figures::Figures;
use crate::stress::operation::{Edit, Kind, Member, Told, Writer};
use crate::stress::oracle::{Break, judge};
use crate::stress::scenario::Scenario;
use crate::stress::service::Service;

/// How many heats run at the same time.
const LANES: u64 = 8;
/// How many write in a heat, for how many customers, and how often each.
const WRITERS: usize = 4;
const CUSTOMERS: usize = 2;
const EACH: usize = 6;

/// How many clients the writers share: some wait for each other when one is throttled, some do not.
const CLIENTS: usize = 2;

/// How long the client waits for an answer. A service that is late is later than that.
const TIMEOUT: Duration = Duration::from_millis(150);

/// How much is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many operations, to the next whole heat.
    pub operations: u64,
    /// When to stop, however many were made.
    pub until: Instant,
    /// What decides what goes wrong and who does what.
    pub seed: u64,
    /// What is made wrong with the first history.
    pub sabotage: Option<Break>,
}

/// What the lanes of a scenario share.
struct Course {
    service: Arc<Service>,
    bounds: Bounds,
    heats: AtomicU64,
    figures: Mutex<Figures>,
    sabotage: Mutex<Option<Break>>,
}

/// Runs scenarios side by side, as many as there are processors. Tells of each one when it is over.
/// Returns the figures of those that count, and of the others.
///
/// # Errors
/// There is no runtime, or no port can be bound.
pub fn run_all(
    scenarios: Vec<Scenario>,
    bounds: Bounds,
    mut tell: impl FnMut(&Scenario, &Figures),
) -> std::io::Result<(Figures, Figures)> {
    let queue = Mutex::new(VecDeque::from(scenarios));
    let (sender, results) = mpsc::channel();
    let (mut total, mut beside) = (Figures::default(), Figures::default());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let (queue, sender) = (&queue, sender.clone());
            scope.spawn(move || {
                let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                while let Some(scenario) = next() {
                    let figures = run(&scenario, bounds);
                    if sender.send((scenario, figures)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (scenario, figures) in results {
            let figures = figures?;
            tell(&scenario, &figures);
            *if scenario.counts() { &mut total } else { &mut beside } += figures;
        }
        Ok((total, beside))
    })
}

/// Runs a scenario on a runtime of its own.
///
/// # Errors
/// There is no runtime, or no port can be bound.
pub fn run(scenario: &Scenario, bounds: Bounds) -> std::io::Result<Figures> {
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut figures = runtime.block_on(async {
        let course = Arc::new(Course {
            service: Service::start(scenario.switches.clone(), bounds.seed).await?,
            bounds,
            heats: AtomicU64::new(0),
            figures: Mutex::default(),
            sabotage: Mutex::new(bounds.sabotage),
        });
        let partners = (0..CLIENTS).map(|_| client(course.service.url()));
        let partners: Result<Arc<[_]>, _> = partners.collect();
        let partners = partners.map_err(std::io::Error::other)?;
        let lanes: Vec<_> = (0..LANES.min(heats(bounds.operations)))
            .map(|_| tokio::spawn(lane(course.clone(), partners.clone())))
            .collect();
        for lane in lanes {
            lane.await.map_err(std::io::Error::other)??;
        }
        let mut figures = course.figures().clone();
        figures.requests = course.service.requests();
        Ok::<_, std::io::Error>(figures)
    })?;
    figures.time = begun.elapsed();
    Ok(figures)
}

fn heats(operations: u64) -> u64 {
    operations.div_ceil((WRITERS * EACH) as u64)
}

impl Course {
    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One heat after the other.
async fn lane(course: Arc<Course>, partners: Arc<[PartnerCenter<AppUser>]>) -> std::io::Result<()> {
    loop {
        let heat = course.heats.fetch_add(1, Ordering::Relaxed);
        if heat >= heats(course.bounds.operations) || Instant::now() >= course.bounds.until {
            return Ok(());
        }
        let mut random = fastrand::Rng::with_seed(course.bounds.seed ^ heat.rotate_left(32));
        race(&course, &partners, &mut random).await?;
    }
}

fn client(url: &str) -> Result<PartnerCenter<AppUser>, partner_center::Error> {
    let backoff = (Duration::from_millis(1), Duration::from_millis(20));
    PartnerCenter::builder(AppUser::token("stress"))
        .endpoint(url)
        .timeout(TIMEOUT)
        .retry(Retry::default().backoff(backoff.0, backoff.1))
        .build()
}

/// Lets all writers do all they do, and judges what came of it.
async fn race(
    course: &Course,
    partners: &[PartnerCenter<AppUser>],
    random: &mut fastrand::Rng,
) -> std::io::Result<()> {
    let customers: Vec<_> = (0..CUSTOMERS).map(|_| Uuid::from_u128(random.u128(..))).collect();
    for customer in &customers {
        course.service.add(*customer);
    }
    let writers: Vec<_> = (0..WRITERS)
        .map(|name| {
            let writer = Writer::new(partners[name % partners.len()].clone());
            tokio::spawn(write(writer, name, customers.clone(), random.fork()))
        })
        .collect();
    let mut told = Vec::new();
    for writer in writers {
        told.extend(writer.await.map_err(std::io::Error::other)?);
    }
    for customer in customers {
        let mut told: Vec<_> =
            told.iter().filter(|told| told.customer == customer).cloned().collect();
        let Some(mut history) = course.service.close(customer).await else { continue };
        {
            let mut sabotage = course.sabotage.lock().unwrap_or_else(PoisonError::into_inner);
            sabotage.take_if(|sabotage| sabotage.apply(&mut told, &mut history));
        }
        let violations = judge(&told, &history);
        course.figures().count(&told, &history, violations);
    }
    Ok(())
}

async fn write(
    mut writer: Writer,
    name: usize,
    customers: Vec<Uuid>,
    mut random: fastrand::Rng,
) -> Vec<Told> {
    let mut told = Vec::with_capacity(EACH);
    for count in 0..EACH {
        let customer = customers[random.usize(..customers.len())];
        let kind = Kind::ALL[random.usize(..Kind::ALL.len())];
        let member = if random.u8(..4) == 0 { Member::LastName } else { Member::CompanyName };
        let edit = Edit { mark: format!("w{name}.{count}"), member, untidy: random.u8(..8) == 0 };
        told.push(writer.run(customer, kind, edit).await);
    }
    told
}
