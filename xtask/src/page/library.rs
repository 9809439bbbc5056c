//! How the library makes a call. No contract says that: it is what a test of the library does, so that
//! the page shows nothing that does not compile and run.

use crate::source::fold;

const TESTS: &str = include_str!("../../../tests/calls.rs");

/// The body of the function that is called like the operation.
pub(super) fn call(operation_id: &str) -> Option<String> {
    let mut lines = TESTS.lines();
    let signature = lines.find(|line| {
        let name = line.strip_prefix("async fn ").and_then(|rest| rest.split('(').next());
        name.is_some_and(|name| fold(name) == fold(operation_id))
    })?;
    // What rustfmt writes: the signature ends with `{`, the function with `}` at the margin.
    if !signature.ends_with('{') {
        lines.find(|line| line.ends_with('{'))?;
    }
    let body: Vec<_> = lines
        .take_while(|line| *line != "}")
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    Some(body.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_the_body_of_a_function() {
        let call = call("getPartnerBillingProfile").expect("a call");
        assert!(call.starts_with("let profile = partner.billing_profile().get().await?;\n"));
        assert!(call.ends_with("\nOk(profile)"), "{call}");
        assert_eq!(super::call("another"), None);
    }
}
