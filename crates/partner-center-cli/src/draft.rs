//! What a person is editing, in a file that survives whatever becomes of the write.

use std::io::Write;
use std::path::{Path, PathBuf};

use partner_center::{Credential, Resource, Versioned};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::member::Profile;
use crate::private;

/// The text of an edit, and beside it the profile that it began with.
#[derive(Debug)]
pub(crate) struct Draft {
    text: PathBuf,
    base: PathBuf,
}

/// The profile that an edit began with.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Base {
    profile: String,
    endpoint: String,
    etag: Option<String>,
    document: String,
}

impl Draft {
    /// Begins an edit of what was read.
    pub(crate) fn create<T: Profile>(
        folder: &Path,
        of: &Of<'_>,
        profile: &Versioned<T>,
        text: &str,
    ) -> Result<Self, Failure> {
        let failed = |cause: std::io::Error| {
            Failure::new(format!("no file can be made in {}", folder.display())).why(cause)
        };
        let file = private::make(folder).and_then(|()| {
            let prefix = format!("{}-", of.slug);
            let mut file =
                tempfile::Builder::new().prefix(&prefix).suffix(".yaml").tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            Ok(file)
        });
        let base = Base {
            profile: of.title.to_owned(),
            endpoint: of.endpoint.to_owned(),
            etag: profile.etag().map(ToString::to_string),
            document: String::from_utf8_lossy(profile.document()).into_owned(),
        };
        let base = serde_json::to_vec(&base)
            .map_err(|cause| Failure::new("the profile cannot be kept").why(cause))?;
        let (_, path) = file.map_err(failed)?.keep().map_err(|error| failed(error.error))?;
        let draft = Self::at(path);
        private::write(&draft.base, &base)?;
        Ok(draft)
    }

    /// Takes up an edit that was not written, with the profile that it began with.
    pub(crate) fn resume<A: Credential, T: Profile>(
        file: &Path,
        of: &Of<'_>,
        resource: &Resource<A, T>,
    ) -> Result<(Self, Versioned<T>), Failure> {
        let draft = Self::at(file.to_owned());
        let unusable = |why: &str| {
            Failure::usage(format!("the edit in {} cannot be taken up", file.display())).why(why)
        };
        if !file.is_file() {
            return Err(unusable("there is no such file"));
        }
        let name = draft.base.display();
        let json = std::fs::read(&draft.base)
            .map_err(|cause| unusable(&format!("{name} has what it began with: {cause}")))?;
        // Not the cause, which repeats a value.
        let base: Base = serde_json::from_slice(&json)
            .map_err(|_| unusable(&format!("{name} is not what this command keeps")))?;
        if base.profile != of.title || base.endpoint != of.endpoint {
            let text = format!("it is the {} at {}", lower(&base.profile), base.endpoint);
            return Err(unusable(&text));
        }
        let etag = base.etag.as_deref().map(str::parse).transpose();
        let etag = etag.map_err(|_| unusable(&format!("{name} has a malformed ETag")))?;
        let profile = resource.resume(base.document, etag)?;
        Ok((draft, profile))
    }

    fn at(text: PathBuf) -> Self {
        let base = text.with_extension("base.json");
        Self { text, base }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.text
    }

    pub(crate) fn read(&self) -> Result<Vec<u8>, Failure> {
        std::fs::read(&self.text).map_err(|cause| {
            Failure::new(format!("{} cannot be read", self.text.display())).why(cause)
        })
    }

    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        private::write(&self.text, text.as_bytes())
    }

    /// Removes the edit: it was acknowledged, or there is nothing in it.
    pub(crate) fn remove(self) {
        // What cannot be removed is left, and does no harm.
        let _ = std::fs::remove_file(&self.text).and(std::fs::remove_file(&self.base));
    }
}

/// What is edited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of<'a> {
    pub(crate) title: &'a str,
    /// Its name in the name of a file.
    pub(crate) slug: &'a str,
    pub(crate) endpoint: &'a str,
}

fn lower(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
