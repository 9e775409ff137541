use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::OAuthApp;

/// Everything but the unreserved characters of RFC 3986. The documentation writes a blank as `%20`.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The consent page's address, for a person to be sent to.
pub(super) fn url(app: &OAuthApp, state: &str) -> String {
    let scopes = app.scopes.join(" ");
    let fields = [
        ("response_type", Some("code")),
        ("redirect_uri", Some(app.redirect_uri.as_str())),
        ("client_id", Some(app.client_id.as_str())),
        ("scope", Some(scopes.as_str())),
        ("state", Some(state)),
        ("version_id", app.version_id.as_deref()),
    ];
    let mut url = format!("{}/v2/oauth/chooselocation", app.consent_url.trim_end_matches('/'));
    let given = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
    for (mark, (name, value)) in std::iter::once('?').chain(std::iter::repeat('&')).zip(given) {
        url.push(mark);
        url.push_str(name);
        url.push('=');
        url.extend(utf8_percent_encode(value, VALUE));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn the_url_is_the_current_one_with_every_part_encoded() {
        let scopes = ["contacts.readonly", "calendars/events.write"];
        let app = OAuthApp::new("app1-x", Secret::new("s"), "https://shop.example/cb?a=b&c", scopes);
        assert_eq!(
            url(&app, "st_-1"),
            "https://marketplace.gohighlevel.com/v2/oauth/chooselocation?response_type=code\
             &redirect_uri=https%3A%2F%2Fshop.example%2Fcb%3Fa%3Db%26c&client_id=app1-x\
             &scope=contacts.readonly%20calendars%2Fevents.write&state=st_-1"
        );
        let draft = OAuthApp {
            consent_url: "https://marketplace.leadconnectorhq.com/".to_owned(),
            version_id: Some("app1".to_owned()),
            ..app
        };
        let shown = url(&draft, "s");
        assert!(
            shown.starts_with("https://marketplace.leadconnectorhq.com/v2/oauth/chooselocation?"),
            "{shown}"
        );
        assert!(shown.ends_with("&state=s&version_id=app1"), "{shown}");
    }
}
