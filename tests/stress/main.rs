//! Runs the library against the fake service for as many operations as one likes:
//! `cargo run --release -p partner-center-tests --bin stress -- --operations 1000000`.
//!
//! It fails if anything was lost, made twice, or reported as not applied although it was.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use partner_center_tests::stress::driver::{Bounds, run_all};
use partner_center_tests::stress::figures::Figures;
use partner_center_tests::stress::oracle::Break;
use partner_center_tests::stress::scenario::{Scenario, scenarios};

const USAGE: &str = "\
stress [--operations N] [--seed N] [--scenario NAME] [--seconds N] [--break KIND] [--list]

  --operations N   how many operations, over all scenarios (20000)
  --seed N         what decides what goes wrong (random, and printed)
  --scenario NAME  only those whose name begins so
  --seconds N      stop after that time, however many were made (3600)
  --break KIND     make a history wrong, to see that it is found: lost, twice, not-applied
  --list           name the scenarios";

struct Arguments {
    operations: u64,
    seed: u64,
    scenario: String,
    time: Duration,
    sabotage: Option<Break>,
    list: bool,
}

fn arguments() -> Result<Arguments, String> {
    let mut read = Arguments {
        operations: 20_000,
        seed: fastrand::u64(..),
        scenario: String::new(),
        time: Duration::from_secs(3600),
        sabotage: None,
        list: false,
    };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let mut value = || given.next().ok_or(format!("{name} needs a value"));
        let number = |text: String| text.parse().map_err(|_| format!("{text} is no number"));
        match name.as_str() {
            "--operations" => read.operations = number(value()?)?,
            "--seed" => read.seed = number(value()?)?,
            "--seconds" => read.time = Duration::from_secs(number(value()?)?),
            "--scenario" => read.scenario = value()?,
            "--break" => {
                let kind = value()?;
                let known = Break::ALL.into_iter().find(|(name, _)| *name == kind);
                read.sabotage = Some(known.ok_or(format!("{kind} is no kind"))?.1);
            }
            "--list" => read.list = true,
            _ => return Err(USAGE.into()),
        }
    }
    Ok(read)
}

fn main() -> ExitCode {
    match arguments().and_then(|arguments| stress(&arguments)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            println!("{wrong} violations");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn show(scenario: &Scenario, figures: &Figures) {
    println!("{:32}{figures}", scenario.name);
    if !scenario.counts() {
        println!("  it compares nothing, so nothing can hold: not counted");
        return;
    }
    if figures.acknowledged == 0 {
        println!("  nothing was acknowledged");
    }
    for violation in &figures.violations {
        println!("  {violation}");
    }
}

/// Runs what was asked for. Returns how many violations there are.
fn stress(arguments: &Arguments) -> Result<u64, String> {
    let mut chosen = scenarios(arguments.seed);
    chosen.retain(|scenario| scenario.name.starts_with(&arguments.scenario));
    if arguments.list {
        for scenario in &chosen {
            println!("{}", scenario.name);
        }
        return Ok(0);
    }
    if chosen.is_empty() {
        return Err("there is no such scenario; --list names them".into());
    }
    println!("seed {}", arguments.seed);
    println!("{:32}{}", "", Figures::heading());
    let bounds = Bounds {
        operations: arguments.operations.div_ceil(chosen.len() as u64),
        until: Instant::now() + arguments.time,
        seed: arguments.seed,
        sabotage: arguments.sabotage,
    };
    let begun = Instant::now();
    let (total, beside) = run_all(chosen, bounds, show).map_err(|error| error.to_string())?;
    println!("{:32}{total}", "all");
    let seconds = begun.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "it is shown without decimals")]
    let each_second = |count: u64| count as f64 / seconds;
    println!(
        "{seconds:.1} s, {:.0} operations/s, {:.0} requests/s",
        each_second(total.operations + beside.operations),
        each_second(total.requests + beside.requests)
    );
    Ok(total.wrong())
}
