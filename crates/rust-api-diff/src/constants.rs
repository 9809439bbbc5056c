//! Constants, of a file or of a type.

use syn::Type;

use crate::change::{ItemContext, Recorder, Semver};
use crate::{code, rules};

/// Compares two constants of which nothing more is known.
pub(super) fn compare(
    recorder: &mut Recorder,
    at: &ItemContext,
    (old_type, old_value): (&Type, &syn::Expr),
    (new_type, new_value): (&Type, &syn::Expr),
) {
    if !code::same(old_type, new_type) {
        let texts = (Some(code::ty(old_type)), Some(code::ty(new_type)));
        let message = "the constant is of another type";
        recorder.record(at, (rules::CONST_TYPE_CHANGED, Semver::Major), texts, message);
    } else if !code::same(old_value, new_value) {
        let texts = (Some(code::expr(old_value)), Some(code::expr(new_value)));
        let message =
            "the API is as it was, and the run time differs: the constant has another value";
        recorder.record(at, (rules::CONST_VALUE_CHANGED, Semver::Patch), texts, message);
    }
}
