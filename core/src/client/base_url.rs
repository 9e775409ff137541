use core::net::{Ipv4Addr, Ipv6Addr};

use crate::error::{Error, Result};

/// Checks a base URL and takes the `/` off its end. It may hold credentials by mistake, so no error shows it.
pub(crate) fn base_url(text: &str) -> Result<String> {
    let expected = |what: &str| Err(Error::config("base url", format_args!("expected {what}")));
    let Some((scheme, rest)) = text.split_once("://") else {
        return expected("a URL such as https://services.leadconnectorhq.com");
    };
    if rest.contains(|c: char| c.is_whitespace() || c.is_control() || "?#@\\".contains(c)) {
        return expected("a URL without credentials, query, fragment and white space");
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let Some(host) = host(authority) else { return expected("a host, and after it at most a port") };
    match scheme {
        "https" => {}
        "http" if is_loopback(host) => {}
        "http" => {
            return expected("https, as a token must not travel in the open; http is for this machine only");
        }
        _ => return expected("a URL that begins with https://"),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// The host of `host`, `host:port` or `[address]:port`.
fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, port.is_empty().then_some(None).or_else(|| port.strip_prefix(':').map(Some))?)
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port_fits =
        port.is_none_or(|port| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok());
    (!host.is_empty() && port_fits).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_go_over_https_or_stay_on_this_machine() {
        for (text, normal) in [
            ("https://services.leadconnectorhq.com", "https://services.leadconnectorhq.com"),
            ("https://proxy.example.com:8443/ghl/", "https://proxy.example.com:8443/ghl"),
            ("http://127.0.0.1:4010/", "http://127.0.0.1:4010"),
            ("http://127.8.8.8", "http://127.8.8.8"),
            ("http://localhost:4010", "http://localhost:4010"),
            ("http://[::1]:4010", "http://[::1]:4010"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(base_url(text).unwrap(), normal);
        }
    }

    #[test]
    fn other_urls_are_refused_and_not_shown() {
        for text in [
            "",
            "services.leadconnectorhq.com",
            "http://services.leadconnectorhq.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://0.0.0.0",
            "ftp://example.com",
            "https://",
            "https:///path",
            "https://:443",
            "https://user:s3cret@example.com",
            "http://evil.example.com\\@127.0.0.1",
            "http://127.0.0.1@evil.example.com",
            "https://example.com?token=s3cret",
            "https://example.com/#s3cret",
            "https://exa mple.com",
            "https://example.com:http",
            "https://example.com:99999",
            "https://example.com:+80",
            "http://[::2]",
            "http://[::1",
            "http://[::1]x",
            "HTTPS://example.com",
            "https://example.com\n",
        ] {
            let error = base_url(text).unwrap_err();
            assert!(!error.message().contains("s3cret"), "{error}");
        }
    }
}
