//! Workflow commands of GitHub, which show a line beside the code.

use openapi_diff::Verdict;

use super::{Aspect, Report, Row, word};
use crate::annotation::{data, property};

/// One line for each change, at its line in the revision.
pub(super) fn render(report: &Report) -> String {
    report.rows.iter().filter(|row| !row.is_words()).map(|row| line(report, row)).collect()
}

fn line(report: &Report, row: &Row) -> String {
    let level = match (row.worst(), &row.accepted) {
        (_, Some(_)) | (Verdict::Compatible, _) => "notice",
        (Verdict::PotentiallyBreaking, _) => "warning",
        _ => "error",
    };
    // A line of the base is no line of a file that the reader sees.
    let location = row.change.as_ref().and_then(|change| change.revision.as_ref());
    let place = location.map_or(String::new(), |location| {
        let line = location.line.map_or(String::new(), |line| format!(",line={line}"));
        let column = location.column.map_or(String::new(), |column| format!(",col={column}"));
        format!("file={}{line}{column},", property(&location.file))
    });
    let verdicts: Vec<_> = Aspect::ALL
        .iter()
        .map(|aspect| format!("{aspect}: {}", word(report.verdict(row, *aspect))))
        .collect();
    let accepted = row.accepted.as_ref().map(|reason| format!("; accepted: {reason}"));
    let verdicts = verdicts.join(", ");
    let text = format!("{} ({verdicts}){}", row.message(), accepted.unwrap_or_default());
    format!("::{level} {place}title={}::{}\n", property(row.rule()), data(&text))
}
