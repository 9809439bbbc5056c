//! Workflow commands of GitHub Actions, which show a message at its line in a pull request.
//!
//! `::error file=…,line=…,title=…::message` on a line of its own; what would end the line or a
//! property is escaped as the runner unescapes it (GitHub documentation, "Workflow commands").

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
