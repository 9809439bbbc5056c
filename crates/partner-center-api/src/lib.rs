#![doc = include_str!("../README.md")]

mod context;
mod document;
#[allow(missing_docs, deprecated, unreachable_pub, clippy::pedantic, clippy::unwrap_used)]
#[rustfmt::skip]
mod generated;
pub mod limits;

pub use context::Context;
pub use document::{Document, utf8};
pub use generated::{ByteStream, Client, ClientInfo, Error, ResponseValue, types};
