//! Breaks that are accepted, on record with a reason.
//!
//! A record names a rule and a place. It stands for one change: once that is merged, nothing differs
//! there any more, and the record is stale.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Row;

/// Where the records are, relative to the root of the workspace.
pub const PATH: &str = "openapi/accepted-changes.toml";

/// A break that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The rule of the change.
    pub rule: String,
    /// Its JSON Pointer, or the path of the Rust item if only that changed.
    pub place: String,
    /// Why it is accepted.
    pub reason: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accepted: Vec<Accepted>,
}

impl Accepted {
    /// Whether it stands for this change.
    #[must_use]
    pub fn fits(&self, row: &Row) -> bool {
        let sites = row.change.iter().flat_map(|change| [&change.base, &change.revision]);
        let mut places = sites.flatten().map(|site| site.pointer.as_str());
        row.rule() == self.rule
            && (places.any(|place| place == self.place) || row.place() == self.place)
    }

    /// The record that accepts `row`.
    #[must_use]
    pub fn of(row: &Row, reason: &str) -> Self {
        Self {
            rule: row.rule().to_owned(),
            place: row.place().to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// As it stands in the file.
    #[must_use]
    pub fn stanza(&self) -> String {
        // A JSON string is a TOML string.
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let Self { rule, place, reason } = self;
        format!(
            "[[accepted]]\nrule = {}\nplace = {}\nreason = {}\n",
            text(rule),
            text(place),
            text(reason)
        )
    }
}

/// Reads the records of the workspace at `root`; without a file there are none.
///
/// # Errors
/// What is wrong with the file, and how to mend it.
pub fn read(root: &Path) -> Result<Vec<Accepted>, String> {
    let text = match std::fs::read_to_string(root.join(PATH)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("{PATH} cannot be read: {error}")),
    };
    parse(&text)
}

fn parse(text: &str) -> Result<Vec<Accepted>, String> {
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        format!(
            "{PATH}:{line}: {}; each record is `[[accepted]]` with `rule`, `place` and `reason`",
            error.message()
        )
    })?;
    for record in &file.accepted {
        if record.reason.trim().is_empty() {
            let Accepted { rule, place, .. } = record;
            return Err(format!(
                "{PATH}: the record of `{rule}` at {place} has no reason; say why the break is accepted"
            ));
        }
    }
    Ok(file.accepted)
}

/// Appends records to the file of the workspace at `root`.
///
/// # Errors
/// Whatever keeps it from being written.
pub fn append(root: &Path, records: &[Accepted]) -> std::io::Result<()> {
    let path = root.join(PATH);
    let mut text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    for record in records {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&record.stanza());
    }
    std::fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = Accepted {
            rule: "api-removed-without-deprecation".into(),
            place: "/paths/~1a\"b/get".into(),
            reason: "nobody called it,\nsays the log".into(),
        };
        assert_eq!(parse(&record.stanza()), Ok(vec![record]));
        assert_eq!(parse("# nothing yet\n"), Ok(Vec::new()));
    }

    #[test]
    fn a_record_without_a_reason_or_with_a_misspelled_member_is_refused() {
        let silent = "[[accepted]]\nrule = \"r\"\nplace = \"/p\"\nreason = \" \"\n";
        assert!(parse(silent).is_err_and(|why| why.contains("say why")));
        let misspelled = "[[accepted]]\nrule = \"r\"\nplaces = \"/p\"\nreason = \"x\"\n";
        let why = parse(misspelled).err().unwrap_or_default();
        assert!(
            why.starts_with("openapi/accepted-changes.toml:3: unknown field `places`"),
            "{why}"
        );
    }
}
