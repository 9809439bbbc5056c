//! What the README says is so.

use std::collections::BTreeMap;

use openapi_diff::config::Config;
use openapi_diff::policy::Judgement;

const README: &str = include_str!("../../README.md");

/// What `*` stands for in the table.
const PLACES: [&str; 8] = [
    "request-body",
    "request-property",
    "request-parameter",
    "request-parameter-property",
    "response-body",
    "response-property",
    "response-header",
    "response-header-property",
];

/// Every rule is in a row of the table of vocabularies, and every row has a rule.
#[test]
fn the_table_has_every_rule_and_no_other() {
    let rows = README.lines().skip_while(|line| !line.starts_with("| openapi-diff |")).skip(2);
    let mut rows: BTreeMap<_, _> = rows
        .map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            assert_eq!(cells.len(), 3, "{row}");
            (cells[0].trim_matches('`'), 0)
        })
        .collect();
    for rule in openapi_diff::rules() {
        let id = &*rule.id;
        let patterns: Vec<_> = if rows.contains_key(id) {
            vec![id]
        } else {
            let fits = |row: &str| PLACES.iter().any(|place| row.replace('*', place) == id);
            rows.keys().copied().filter(|row| row.contains('*') && fits(row)).collect()
        };
        assert_eq!(patterns.len(), 1, "{id} is in the rows {patterns:?}: it needs one");
        *rows.get_mut(patterns[0]).expect("a row") += 1;
    }
    let idle: Vec<_> = rows.iter().filter(|(_, rules)| **rules == 0).map(|(row, _)| *row).collect();
    assert_eq!(idle, [""; 0], "no rule has these names");
}

/// The blocks of code in a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let blocks = README.split("```").skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

#[test]
fn the_configuration_is_one() {
    let blocks = blocks("toml");
    assert_eq!(blocks.len(), 2);
    let config = Config::parse("README.md", &blocks.concat()).expect("a configuration");
    assert_eq!(config.policy.rules["endpoint-added"], Judgement::Off);
    assert_eq!(config.policy.sunset_days, Some(180));
    assert_eq!(config.accepted.len(), 1);
}
