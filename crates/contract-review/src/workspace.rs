//! The contract of a workspace and what is generated from it.

use std::path::Path;

use openapi_codegen::Report;
use openapi_document::{Contract, Diagnostic};
use openapi_lint::grammar;

use crate::generated::generate;

/// Where the contract lives, relative to the root of the workspace.
pub const CONTRACT: &str = "openapi/partner-center.yaml";

/// Reads and parses the contract of the workspace at `root`.
///
/// # Errors
/// Everything that its grammar does not allow, or that it cannot be read.
pub fn contract(root: &Path) -> Result<Contract, Vec<Diagnostic>> {
    grammar::open(&root.join(CONTRACT), CONTRACT)
}

/// Compares the generated files of the workspace at `root` with what its contract gives.
///
/// # Errors
/// Everything that keeps the contract from being generated.
pub fn check(root: &Path) -> Result<Report, Vec<Diagnostic>> {
    let contract = contract(root)?;
    let client = generate(&contract)?;
    Ok(openapi_codegen::compare(root, &contract, client))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_contract_is_a_finding() {
        let findings = check(Path::new("/nowhere")).expect_err("a finding");
        assert_eq!((findings[0].rule, findings[0].path.as_str()), ("unreadable", CONTRACT));
    }
}
