//! Workflow commands of GitHub, which show a line beside the code.

use openapi_diff::Verdict;

use super::{Aspect, Report, Row, word};

/// One line for each change, at its line in the revision.
pub(super) fn render(report: &Report) -> String {
    report.rows.iter().filter(|row| !row.is_words()).map(line).collect()
}

fn line(row: &Row) -> String {
    let level = match (row.worst(), &row.accepted) {
        (_, Some(_)) | (Verdict::Compatible, _) => "notice",
        (Verdict::PotentiallyBreaking, _) => "warning",
        _ => "error",
    };
    // A line of the base is no line of a file that the reader sees.
    let site = row.change.as_ref().and_then(|change| change.revision.as_ref());
    let place = site.map_or(String::new(), |site| {
        let line = site.line.map_or(String::new(), |line| format!(",line={line}"));
        let column = site.column.map_or(String::new(), |column| format!(",col={column}"));
        format!("file={}{line}{column},", property(&site.file))
    });
    let verdicts: Vec<_> = Aspect::ALL
        .iter()
        .map(|aspect| format!("{aspect}: {}", word(row.verdict(*aspect))))
        .collect();
    let mut text = format!("{} ({})", row.message(), verdicts.join(", "));
    if let Some(reason) = &row.accepted {
        text.push_str(&format!("; accepted: {reason}"));
    }
    format!("::{level} {place}title={}::{}\n", property(row.rule()), data(&text))
}

/// The text of a command (actions/toolkit, command.ts: `escapeData`).
pub(crate) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
