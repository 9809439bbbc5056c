//! Workflow commands of GitHub Actions, which show a message at its line in a pull request.
//!
//! `::error file=…,line=…,title=…::message` on a line of its own; what would end the line or a
//! property is escaped as the runner unescapes it (GitHub documentation, "Workflow commands").

use super::{Report, Row};
use crate::change::Verdict;

/// One line for each change, at its line in the revision.
pub(super) fn render(report: &Report, path: impl Fn(&str) -> String) -> String {
    report.listed().filter(|row| !row.is_words()).map(|row| line(row, &path)).collect()
}

fn line(row: &Row, path: impl Fn(&str) -> String) -> String {
    let Row { change, accepted, policy, shown, .. } = row;
    let level = match (change.worst(), accepted) {
        (_, Some(_)) | (Verdict::Compatible, _) => "notice",
        (Verdict::PotentiallyBreaking, _) => "warning",
        (Verdict::Breaking, _) => "error",
    };
    let line = shown.line.map_or(String::new(), |line| format!(",line={line}"));
    let column = shown.column.map_or(String::new(), |column| format!(",col={column}"));
    let mut text =
        format!("{} (wire: {}, run time: {})", change.message, change.wire, change.run_time);
    for (what, why) in [("policy", policy), ("accepted", accepted)] {
        if let Some(why) = why {
            text = format!("{text}; {what}: {why}");
        }
    }
    format!(
        "::{level} file={}{line}{column},title={}::{}\n",
        property(&path(&shown.file)),
        property(&change.rule),
        data(&text)
    )
}

/// Escapes the message of a command.
#[must_use]
pub fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
#[must_use]
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_message_is_escaped() {
        assert_eq!(data("50%: a,b\r\n"), "50%25: a,b%0D%0A");
    }

    #[test]
    fn what_would_end_a_property_is_escaped_too() {
        assert_eq!(property("50%: a,b\n"), "50%25%3A a%2Cb%0A");
    }
}
