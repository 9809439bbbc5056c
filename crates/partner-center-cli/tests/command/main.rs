//! The command, through its real binary: what it prints, what it sends, how it ends.
#![cfg(unix)]

mod accounts;
mod addresses;
mod applying;
mod connections;
mod customers;
mod edits;
mod exports;
mod helps;
mod home;
mod identities;
mod profiles;
mod readmes;
mod resuming;
mod terminals;
mod web;

/// Accepts or compares the snapshot of a run, one file for each.
macro_rules! snapshot {
    ($name:literal, $ran:expr) => {
        insta::with_settings!({
            snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true
        }, {
            insta::assert_snapshot!($name, $ran.transcript);
        })
    };
}
pub(crate) use snapshot;
