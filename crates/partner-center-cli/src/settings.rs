//! What the command was told, and by whom: a flag wins over the environment, and that over the file.

use std::env::VarError;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use etcetera::{AppStrategy, AppStrategyArgs};
use partner_center::{Cloud, Secret, Transport};
use serde::Deserialize;
use uuid::Uuid;

use crate::args::{CloudName, Global};
use crate::failure::Failure;
use crate::identity::{Chain, TOKEN_CREDENTIALS};
use crate::output::Format;
use crate::sign_in::SignIn;
use crate::text;

/// A value, and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Flag(&'static str),
    Environment(&'static str),
    File,
    /// What was said when someone signed in.
    SignIn,
    /// The cloud has it.
    Cloud,
    Default,
}

impl Source {
    /// What wins over what.
    fn weight(&self) -> u8 {
        match self {
            Self::Flag(_) => 3,
            Self::Environment(_) => 2,
            Self::File => 1,
            Self::SignIn | Self::Cloud | Self::Default => 0,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Environment(name) => f.write_str(name),
            Self::File => f.write_str("config file"),
            Self::SignIn => f.write_str("login"),
            Self::Cloud => f.write_str("cloud"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The file, as it may be written. There is no place for a secret in it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    cloud: Option<CloudName>,
    endpoint: Option<String>,
    authority: Option<String>,
    tenant: Option<String>,
    client_id: Option<String>,
    /// Where the secret is; the secret itself has no place here.
    #[serde(rename = "client-secret-file")]
    client_secret_at: Option<PathBuf>,
    #[serde(rename = "ca-file")]
    authorities_at: Option<PathBuf>,
    output: Option<Format>,
    locale: Option<String>,
}

/// Where the command keeps things.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) config: PathBuf,
    /// Sign-in, drafts, the customers that were listed, and the state of the emulator.
    pub(crate) state: PathBuf,
}

/// Everything that was set, but for how data is printed.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) places: Places,
    pub(crate) config_found: bool,
    pub(crate) format: Setting<Format>,
    pub(crate) emulator: bool,
    pub(crate) cloud_name: Setting<CloudName>,
    pub(crate) endpoint: Setting<String>,
    pub(crate) authority: Setting<String>,
    pub(crate) tenant: Option<Setting<String>>,
    pub(crate) client_id: Option<Setting<String>>,
    pub(crate) client_secret: Option<Setting<Secret>>,
    pub(crate) access_token: Option<Setting<Secret>>,
    pub(crate) certificate: Option<Setting<PathBuf>>,
    pub(crate) certificate_password: Option<Setting<Secret>>,
    pub(crate) federated_token: Option<Setting<PathBuf>>,
    /// Which of Azure's credentials may be asked.
    pub(crate) token_credentials: Option<Setting<Chain>>,
    /// Whether the place says that it has a managed identity.
    pub(crate) has_managed_identity: bool,
    /// What is set and cannot be used, whoever calls.
    pub(crate) unused: Vec<String>,
    pub(crate) locale: Option<Setting<String>>,
    /// Certificate authorities to trust beside those of the platform.
    pub(crate) ca_file: Option<Setting<PathBuf>>,
    /// That of all that the command sends.
    pub(crate) correlation_id: Uuid,
    pub(crate) sign_in: Option<SignIn>,
    /// Why it is not known whether there is a sign-in. Not everything takes one.
    pub(crate) broken_sign_in: Option<Failure>,
}

impl Settings {
    pub(crate) fn load(global: &Global) -> Result<Self, Failure> {
        let places = Places::of_the_platform()?;
        let (file, config_found) = File::load(&places.config)?;
        // The emulator takes none.
        let kept = if global.emulator { Ok(None) } else { SignIn::load(&places.state) };
        let (sign_in, broken_sign_in) = match kept {
            Ok(sign_in) => (sign_in, None),
            Err(failure) => (None, Some(failure)),
        };
        let from_file =
            |value: Option<String>| value.map(|value| Setting { value, source: Source::File });
        let signed_in = |value: fn(&SignIn) -> &String| {
            let sign_in = sign_in.as_ref()?;
            Some(Setting { value: value(sign_in).clone(), source: Source::SignIn })
        };
        let flag = |value: &Option<String>, name| {
            value.clone().map(|value| Setting { value, source: Source::Flag(name) })
        };

        let format = choice(global.output, "--output", "PARTNER_CENTER_OUTPUT", file.output)?
            .unwrap_or(Setting { value: Format::Table, source: Source::Default });
        let cloud_name = choice(global.cloud, "--cloud", "PARTNER_CENTER_CLOUD", file.cloud)?;
        let cloud_name = cloud_name.unwrap_or(match &sign_in {
            Some(sign_in) => Setting { value: sign_in.cloud, source: Source::SignIn },
            None => Setting { value: CloudName::Public, source: Source::Default },
        });
        let cloud = cloud_name.value.cloud();
        let of_cloud = |value: &str| Setting { value: value.to_owned(), source: Source::Cloud };
        let endpoint = flag(&global.endpoint, "--endpoint")
            .or(environment("PARTNER_CENTER_ENDPOINT")?)
            .or_else(|| from_file(file.endpoint))
            // A cloud that is named is not the one whose address was set with less weight.
            .filter(|endpoint| endpoint.source.weight() >= cloud_name.source.weight());
        let access_token = environment("PARTNER_CENTER_ACCESS_TOKEN")?;
        if let Some(token) = &access_token
            && !token.value.bytes().all(|byte| byte.is_ascii_graphic())
        {
            let what = "PARTNER_CENTER_ACCESS_TOKEN is no access token: there is a blank in it";
            return Err(Failure::usage(what));
        }
        let client_secret = match (environment("AZURE_CLIENT_SECRET")?, file.client_secret_at) {
            (Some(secret), _) => Some(secret),
            (None, Some(path)) if !global.emulator => {
                // A relative path is one from where it is written.
                let folder = places.config.parent().unwrap_or(Path::new("."));
                Some(Setting { value: secret_file(&folder.join(path))?, source: Source::File })
            }
            _ => None,
        };
        let folder = places.config.parent().unwrap_or(Path::new("."));
        let given = global.ca_file.clone();
        let ca_file = given.map(|value| Setting { value, source: Source::Flag("--ca-file") });
        let variable = file_named("PARTNER_CENTER_CA_FILE")?;
        let in_file = file
            .authorities_at
            .map(|path| Setting { value: folder.join(path), source: Source::File });
        let secret = |setting: Setting<String>| Setting {
            value: Secret::new(setting.value),
            source: setting.source,
        };
        Ok(Self {
            config_found,
            format,
            emulator: global.emulator,
            endpoint: endpoint.unwrap_or_else(|| of_cloud(cloud.endpoint())),
            authority: environment("AZURE_AUTHORITY_HOST")?
                .or_else(|| from_file(file.authority))
                .map_or_else(|| of_cloud(cloud.authority()), with_scheme),
            tenant: environment("AZURE_TENANT_ID")?
                .or_else(|| from_file(file.tenant))
                .or_else(|| signed_in(|sign_in| &sign_in.tenant)),
            client_id: environment("AZURE_CLIENT_ID")?
                .or_else(|| from_file(file.client_id))
                .or_else(|| signed_in(|sign_in| &sign_in.client_id)),
            client_secret: client_secret.map(secret),
            access_token: access_token.map(secret),
            certificate: file_named("AZURE_CLIENT_CERTIFICATE_PATH")?,
            certificate_password: environment("AZURE_CLIENT_CERTIFICATE_PASSWORD")?.map(secret),
            federated_token: file_named("AZURE_FEDERATED_TOKEN_FILE")?,
            token_credentials: choice(None, "", TOKEN_CREDENTIALS, None)?,
            has_managed_identity: environment("IDENTITY_ENDPOINT")?.is_some(),
            unused: unused()?,
            locale: flag(&global.locale, "--locale")
                .or(environment("PARTNER_CENTER_LOCALE")?)
                .or_else(|| from_file(file.locale)),
            ca_file: ca_file.or(variable).or(in_file),
            correlation_id: global.correlation_id.unwrap_or_else(Uuid::new_v4),
            cloud_name,
            sign_in,
            broken_sign_in,
            places,
        })
    }

    /// The cloud, with the addresses that were set.
    pub(crate) fn cloud(&self) -> Cloud {
        let cloud = self.cloud_name.value.cloud();
        cloud.with_endpoint(&*self.endpoint.value).with_authority(&*self.authority.value)
    }

    /// How connections are made.
    pub(crate) fn transport(&self) -> Result<Transport, Failure> {
        let Some(Setting { value: path, source }) = &self.ca_file else {
            return Ok(Transport::default());
        };
        let unusable = |why: &dyn fmt::Display| {
            Failure::usage(format!("{} cannot be used as a file of authorities", path.display()))
                .why(why)
                .hint(format!("fix {source}: certificates in PEM, which begin with -----BEGIN CERTIFICATE-----"))
        };
        let pem = std::fs::read(path).map_err(|cause| unusable(&cause))?;
        let pem = text::decode(&pem).map_err(|_| unusable(&"it is no text"))?;
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(unusable(&"there is no certificate in it"));
        }
        Ok(Transport::default().root_certificates(pem))
    }

    /// The sign-in, if it is one of the tenant, the application and the authority that are set.
    pub(crate) fn matching_sign_in(&self) -> Option<&SignIn> {
        self.sign_in.as_ref().filter(|sign_in| {
            let same = |setting: &Option<Setting<String>>, value: &str| {
                setting.as_ref().is_some_and(|setting| setting.value.eq_ignore_ascii_case(value))
            };
            same(&self.tenant, &sign_in.tenant)
                && same(&self.client_id, &sign_in.client_id)
                && self.authority.value == sign_in.authority
                && self.cloud_name.value == sign_in.cloud
        })
    }
}

impl CloudName {
    fn cloud(self) -> Cloud {
        match self {
            Self::Public => Cloud::public(),
            Self::UsGovernment => Cloud::us_government(),
            Self::China => Cloud::china(),
        }
    }
}

impl Places {
    pub(crate) fn of_the_platform() -> Result<Self, Failure> {
        let strategy = etcetera::choose_app_strategy(AppStrategyArgs {
            top_level_domain: String::new(),
            author: String::new(),
            app_name: "partner-center".to_owned(),
        })
        .map_err(|cause| Failure::new("there is no home folder").why(cause).hint("set HOME"))?;
        let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        if !state.is_absolute() {
            let what = format!("the home folder is not absolute: {}", state.display());
            return Err(Failure::usage(what).hint("set HOME"));
        }
        Ok(Self { config: strategy.config_dir().join("config.toml"), state })
    }
}

impl File {
    /// The file, and whether there is one.
    fn load(path: &Path) -> Result<(Self, bool), Failure> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok((Self::default(), false));
            }
            Err(error) => {
                let what = format!("{} cannot be read", path.display());
                return Err(Failure::usage(what).why(error));
            }
        };
        let text = text::decode(&bytes)
            .map_err(|why| Failure::usage(format!("{} cannot be read", path.display())).why(why))?;
        let file = toml::from_str(&text).map_err(|error| {
            // Not the error as a whole, which repeats the line: there may be a secret in it.
            let at = error.span().map_or(0, |span| span.start);
            let line = text[..at.min(text.len())].matches('\n').count() + 1;
            Failure::usage(format!("{}, line {line}: {}", path.display(), message(&error))).hint(
                "`partner-center --help` lists the settings; secrets have no place in this file",
            )
        })?;
        Ok((file, true))
    }
}

/// What is wrong, without the values that are repeated in it.
fn message(error: &toml::de::Error) -> String {
    let message = error.message();
    match message.rsplit_once(", expected") {
        Some((what, expected)) if !message.starts_with("unknown field") => {
            let what = what.split([':', '`', '"']).next().unwrap_or_default().trim();
            format!("{what}, expected{expected}")
        }
        _ => message.to_owned(),
    }
}

/// What the environment says; an empty value says nothing.
pub(crate) fn environment(name: &'static str) -> Result<Option<Setting<String>>, Failure> {
    let value = match std::env::var(name) {
        // What was read from a file on Windows may have its byte order mark.
        Ok(value) => value.trim_start_matches('\u{FEFF}').trim().to_owned(),
        Err(VarError::NotPresent) => return Ok(None),
        Err(VarError::NotUnicode(_)) => {
            return Err(Failure::usage(format!("{name} is not UTF-8")).hint("set it again"));
        }
    };
    let setting = Setting { value, source: Source::Environment(name) };
    Ok((!setting.value.is_empty()).then_some(setting))
}

/// A file that the environment names.
fn file_named(name: &'static str) -> Result<Option<Setting<PathBuf>>, Failure> {
    let named = environment(name)?;
    Ok(named.map(|Setting { value, source }| Setting { value: value.into(), source }))
}

/// What is set for Azure's tools and does nothing here.
fn unused() -> Result<Vec<String>, Failure> {
    let mut unused = Vec::new();
    for (name, why) in [
        ("AZURE_USERNAME", "a password without a second factor signs nobody in to Partner Center"),
        ("AZURE_PASSWORD", "a password without a second factor signs nobody in to Partner Center"),
        ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "the certificate is found by its thumbprint"),
        ("AZURE_REGIONAL_AUTHORITY_NAME", "the authority is AZURE_AUTHORITY_HOST"),
    ] {
        if environment(name)?.is_some() {
            unused.push(format!("{name} is not used: {why}"));
        }
    }
    Ok(unused)
}

/// One of a few words.
fn choice<T: ValueEnum>(
    flag: Option<T>,
    flag_name: &'static str,
    variable: &'static str,
    file: Option<T>,
) -> Result<Option<Setting<T>>, Failure> {
    if let Some(value) = flag {
        return Ok(Some(Setting { value, source: Source::Flag(flag_name) }));
    }
    if let Some(Setting { value, source }) = environment(variable)? {
        let chosen = T::from_str(&value, true).map(|value| Some(Setting { value, source }));
        return chosen.map_err(|_| {
            let known: Vec<_> = T::value_variants()
                .iter()
                .filter_map(|value| Some(value.to_possible_value()?.get_name().to_owned()))
                .collect();
            Failure::usage(format!("{variable} is `{value}`"))
                .hint(format!("set it to one of {}", known.join(", ")))
        });
    }
    Ok(file.map(|value| Setting { value, source: Source::File }))
}

/// Azure's tools take a host without a scheme too.
fn with_scheme(mut authority: Setting<String>) -> Setting<String> {
    if !authority.value.contains("://") {
        authority.value.insert_str(0, "https://");
    }
    authority.value.truncate(authority.value.trim_end_matches('/').len());
    authority
}

fn secret_file(path: &Path) -> Result<String, Failure> {
    let unusable = |why: &dyn fmt::Display| {
        Failure::usage(format!("the client secret file {} cannot be read", path.display()))
            .why(why)
            .hint("fix client-secret-file in the config file")
    };
    let bytes = std::fs::read(path).map_err(|cause| unusable(&cause))?;
    let text = text::decode(&bytes).map_err(|why| unusable(&why))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() { Err(unusable(&"it is empty")) } else { Ok(secret.to_owned()) }
}
