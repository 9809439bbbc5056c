//! The accepted breaks of a workspace: those of its contract, and those of its Rust items.

use std::io;

pub use openapi_diff::accepted::Accepted;
use openapi_diff::accepted::{self, Known};
use openapi_document::{Diagnostic, Source, UNREADABLE};

use super::Row;
use crate::workspace::Workspace;

/// Whether a record is of a change that shows in the generated code alone.
pub(super) fn is_of_code(record: &Accepted) -> bool {
    rust_api_diff::RULES.iter().any(|(rule, _)| *rule == record.rule)
}

impl Row {
    /// Whether a record stands for it.
    #[must_use]
    pub fn fits(&self, record: &Accepted) -> bool {
        record.fits(self.rule(), self.place(), self.message())
    }

    /// The record that accepts it.
    #[must_use]
    pub fn record(&self, reason: &str) -> Accepted {
        Accepted {
            rule: self.rule().to_owned(),
            place: self.place().to_owned(),
            message: Some(self.message().to_owned()),
            reason: reason.to_owned(),
        }
    }
}

/// Reads the records of a workspace; without a file there are none.
///
/// # Errors
/// What is wrong with the file, and how to fix it.
pub fn read(workspace: &Workspace) -> Result<Vec<Accepted>, Box<Diagnostic>> {
    let name = &workspace.accepted;
    let text = match std::fs::read_to_string(workspace.root.join(name)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let source = Source::nowhere(name);
            let message = format!("cannot be read: {error}");
            return Err(Box::new(source.diagnostic(
                UNREADABLE,
                "",
                message,
                "make it a UTF-8 file",
            )));
        }
    };
    parse(name, &text)
}

fn parse(name: &str, text: &str) -> Result<Vec<Accepted>, Box<Diagnostic>> {
    let ours = rust_api_diff::RULES.iter().map(|(id, _)| (*id).to_owned());
    let ids = openapi_diff::rules().map(|rule| rule.id).chain(ours).collect();
    let listed = "`cargo xtask diff` names the rule of every change";
    accepted::parse(name, text, &Known { ids, listed })
}

/// Appends to the file of the workspace those of the records that are not in it, and says how
/// many that are. Whatever else is in the file stays as it is.
///
/// # Errors
/// Whatever keeps it from being read or written.
pub fn append(workspace: &Workspace, records: &[Accepted]) -> io::Result<usize> {
    let name = &workspace.accepted;
    accepted::append(&workspace.root.join(name), records, |text| parse(name, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "openapi/accepted-changes.toml";
    const RULE: &str = "api-removed-without-deprecation";

    fn parse(text: &str) -> Result<Vec<Accepted>, Box<Diagnostic>> {
        super::parse(PATH, text)
    }

    fn record(place: &str, reason: &str) -> Accepted {
        Accepted {
            rule: RULE.into(),
            place: place.into(),
            message: Some("it is gone".to_owned()),
            reason: reason.into(),
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let place = "/paths/~1a\"b\\c'ü\u{1f980}\u{7f}\t\u{0}/get";
        let record = record(place, "nobody called it,\nsays the log");
        assert_eq!(parse(&record.stanza()), Ok(vec![record]));
        assert_eq!(parse("# nothing yet\n"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_wrong_with_a_record_is_shown_at_its_line() {
        let why = |text: &str| {
            let found = parse(text).expect_err("no record");
            let (line, _) = found.place.expect("a place");
            format!("{line}: {}; {}", found.message, found.help)
        };
        let silent = why(&record("/p", " ").stanza());
        assert!(silent.starts_with("2: "), "{silent}");
        assert!(silent.ends_with("has no reason; say why the break is accepted"), "{silent}");
        let misspelled = why(&record("/p", "x").stanza().replace("place", "places"));
        assert!(misspelled.starts_with("3: unknown field `places`"), "{misspelled}");
        let two = [record("/p", "x"), record("/q", "x"), record("/p", "y")].map(|it| it.stanza());
        let twice = why(&two.concat());
        assert_eq!(
            twice,
            format!("12: there is a record of `{RULE}` at /p already; remove one of them")
        );
        let near = why(&record("/p", "x").stanza().replace("deprecation", "depreciation"));
        assert!(near.starts_with("2: there is no rule"), "{near}");
        assert!(near.ends_with(&format!("did you mean `{RULE}`?")), "{near}");
        let far = why("[[accepted]]\nrule = \"r\"\nplace = \"/p\"\nreason = \"x\"\n");
        assert!(far.contains("names the rule of every change"), "{far}");
        let ours = "[[accepted]]\nrule = \"field-added\"\nplace = \"/p\"\nreason = \"x\"\n";
        assert!(parse(ours).is_ok());
    }

    #[test]
    fn what_is_recorded_is_added_once_and_keeps_the_rest() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(root.path().join("openapi")).expect("a folder");
        let workspace = Workspace {
            root: root.path().to_owned(),
            accepted: PATH.to_owned(),
            ..Workspace::default()
        };
        let text = || std::fs::read_to_string(root.path().join(PATH)).expect("a file");
        let (first, second) = (record("/p", "x"), record("/q", "x"));
        let append =
            |records: &[Accepted]| append(&workspace, records).map_err(|it| it.to_string());
        assert_eq!(append(&[first.clone(), record("/p", "y")]), Ok(1));
        let before = format!("# why\n{} # the end", first.stanza().trim_end());
        std::fs::write(root.path().join(PATH), &before).expect("a file");
        assert_eq!(append(std::slice::from_ref(&first)), Ok(0));
        assert_eq!(text(), before);
        assert_eq!(append(&[first.clone(), second.clone()]), Ok(1));
        assert_eq!(text(), format!("{before}\n\n{}", second.stanza()));
        assert_eq!(read(&workspace), Ok(vec![first.clone(), second]));

        std::fs::write(root.path().join(PATH), "accepted = []\n").expect("a file");
        assert!(append(&[first]).is_err_and(|why| why.contains(PATH)));
        assert_eq!(text(), "accepted = []\n");
    }
}
