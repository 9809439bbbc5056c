//! The short form of `cargo run -p partner-center-tests --bin stress`: every scenario, some heats of
//! each, with a fixed seed.

use std::time::{Duration, Instant};

use partner_center_tests::stress::driver::{Bounds, run, run_all};
use partner_center_tests::stress::figures::Figures;
use partner_center_tests::stress::oracle::Break;
use partner_center_tests::stress::scenario::scenarios;

const SEED: u64 = 20_261_127;

fn bounds(operations: u64) -> Bounds {
    let until = Instant::now() + Duration::from_secs(120);
    Bounds { operations, until, seed: SEED, sabotage: None }
}

#[test]
fn nothing_is_lost_made_twice_or_denied() {
    println!("seed {SEED}\n{:32}{}", "", Figures::heading());
    let scenarios = scenarios(SEED);
    let each = bounds(48);
    let told = run_all(scenarios, each, |scenario, figures| {
        println!("{:32}{figures}", scenario.name);
        if scenario.counts() {
            for violation in &figures.violations {
                println!("  {violation}");
            }
        }
    });
    let (total, _) = told.expect("a port");
    println!("{:32}{total}", "all");
    assert_eq!(total.wrong(), 0, "{total}");
    // It would prove little if nothing had gone wrong, or little had gone well.
    assert!(total.recovered > 0 && total.uncertain > 0 && total.conflicts > 0, "{total}");
    assert!(total.acknowledged * 2 > total.operations, "{total}");
}

#[test]
fn what_is_wrong_is_found() {
    let calm = scenarios(SEED).into_iter().find(|scenario| scenario.name == "calm");
    let calm = calm.expect("a scenario");
    for (name, sabotage) in Break::ALL {
        let bounds = Bounds { sabotage: Some(sabotage), ..bounds(24 * 4) };
        let figures = run(&calm, bounds).expect("a port");
        let found = match sabotage {
            Break::Lost => figures.lost,
            Break::Twice => figures.twice,
            Break::NotApplied => figures.false_not_applied,
        };
        assert!(found > 0, "{name}: {figures}");
    }
    let figures = run(&calm, bounds(24 * 4)).expect("a port");
    assert_eq!(figures.wrong(), 0, "{figures}");
}
