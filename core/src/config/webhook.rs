use super::vars::{Vars, named};
#[cfg(feature = "rsa")]
use crate::webhook::RsaKey;
use crate::{
    error::{Error, Result},
    webhook::{Accepted, Ed25519Key, Scheme, Tolerance, Verifier},
};

const SCHEMES: &str = "GHL_WEBHOOK_SCHEMES";
const HMAC_SECRET: &str = "GOHIGHLEVEL_WEBHOOK_SECRET";
const SHARED_HEADER: &str = "GHL_WEBHOOK_SHARED_HEADER";
const SHARED_SECRET: &str = "GHL_WEBHOOK_SHARED_SECRET";

/// The verifier the variables describe; one that refuses everything if they name no scheme.
pub(super) fn verifier(vars: &Vars<'_>) -> Result<Verifier> {
    let names = match vars.get(SCHEMES)? {
        Some(list) => list.split(',').map(|name| name.trim().to_owned()).collect(),
        None => default_schemes(vars)?,
    };
    let mut schemes = Vec::new();
    for (i, name) in names.iter().enumerate() {
        if names.iter().take(i).any(|earlier| earlier == name) {
            return Err(Error::config(
                SCHEMES,
                format_args!("expected each scheme once, got `{name}` again"),
            ));
        }
        schemes.push(scheme(vars, name)?);
    }
    // The secrets are there and not empty, so all that can be wrong with a scheme is the header's name.
    named(SHARED_HEADER, Verifier::new(schemes, Tolerance::widest()))
}

fn default_schemes(vars: &Vars<'_>) -> Result<Vec<String>> {
    if vars.get(SHARED_HEADER)?.or(vars.get(SHARED_SECRET)?).is_some() {
        let list = "expected a list with `shared-secret`, as its header or secret is set";
        return Err(Error::config(SCHEMES, list));
    }
    let hmac = vars.get(HMAC_SECRET)?.map(|_| "hmac".to_owned());
    let ed25519 = vars.get("GHL_CLIENT_ID")?.map(|_| "ed25519".to_owned());
    Ok(hmac.into_iter().chain(ed25519).collect())
}

fn scheme(vars: &Vars<'_>, name: &str) -> Result<Scheme> {
    match name {
        "hmac" => {
            let secret = vars
                .required_secret(HMAC_SECRET, "the secret that webhooks of scheme `hmac` are signed with")?;
            Ok(Scheme::HmacSha256 { secrets: vec![secret.into()] })
        }
        "ed25519" => {
            let keys = keys(vars, "GHL_WEBHOOK_ED25519_KEYS", Ed25519Key::highlevel, Ed25519Key::parse)?;
            Ok(Scheme::Ed25519 { keys })
        }
        #[cfg(feature = "rsa")]
        "rsa" => {
            Ok(Scheme::Rsa { keys: keys(vars, "GHL_WEBHOOK_RSA_KEYS", RsaKey::highlevel, RsaKey::parse)? })
        }
        "shared-secret" => Ok(Scheme::SharedSecret {
            header: vars.required(SHARED_HEADER, "the header of scheme `shared-secret`", |name| {
                Ok(name.to_owned())
            })?,
            secrets: vec![vars.required_secret(SHARED_SECRET, "what that header must hold")?.into()],
        }),
        other => {
            let rsa = if cfg!(feature = "rsa") { ", rsa" } else { "" };
            let expected =
                format_args!("expected a comma list of hmac, ed25519{rsa} and shared-secret, got {other:?}");
            Err(Error::config(SCHEMES, expected))
        }
    }
}

/// The public keys a variable names, or HighLevel's.
fn keys<K>(
    vars: &Vars<'_>,
    name: &str,
    highlevel: fn() -> Result<K>,
    parse: fn(&str) -> Result<K>,
) -> Result<Vec<Accepted<K>>> {
    match vars.get(name)? {
        Some(keys) => keys.split(',').map(|key| named(name, parse(key)).map(Accepted::from)).collect(),
        None => Ok(vec![highlevel()?.into()]),
    }
}
