use super::*;

/// Everything a caller could print of an error, its sources included.
fn printed(error: &Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

fn assert_clean(text: &str) {
    for secret in [CLIENT_SECRET, "c0de-5ecret", "5ecret-access", "5ecret-refresh", "5ecret"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

fn secret_grant() -> Value {
    let mut reply = granted("loc1", 0);
    reply["access_token"] = json!("5ecret-access");
    reply["refresh_token"] = json!("5ecret-refresh");
    reply
}

#[test]
fn no_error_repeats_what_was_sent_even_where_the_server_does() {
    for status in [200, 302, 400, 401, 403, 404, 422, 429, 500] {
        let rig = Rig::new();
        let tokens = rig.process(1);
        let echo = json!({
            "message": [
                format!("secret {CLIENT_SECRET}, code c0de-5ecret"),
                "client_id=app1-x&client_secret=c1ient%2F5ecret%26%2B&code=c0de-5ecret",
            ],
            "traceId": "c0de-5ecret",
        });
        rig.script([Step::reply(status, echo.to_string())]);
        assert_clean(&printed(&rig.drive(tokens.exchange_code("c0de-5ecret")).unwrap_err()));
        rig.install(&tokens, secret_grant());
        rig.leave(0.0);
        let echo =
            json!({ "message": format!("{CLIENT_SECRET} 5ecret-refresh"), "traceId": "5ecret-refresh" });
        rig.transport.otherwise(Step::reply(status, echo.to_string()));
        assert_clean(&printed(&rig.drive(tokens.token(&rig.location)).unwrap_err()));
    }
}

#[test]
fn nothing_that_can_be_printed_or_is_stored_shows_a_token() {
    let rig = Rig::new();
    let tokens = rig.process(1);
    rig.install(&tokens, secret_grant());
    assert_eq!(rig.token(&tokens).unwrap(), "5ecret-access");
    let row = rig.location_row();
    let sealed = row.tokens.clone().unwrap();
    let held = rig.drive(tokens.inner.vault.held(&row.subject)).unwrap().unwrap();
    assert_eq!(held.refresh().unwrap().expose(), "5ecret-refresh");
    for text in [
        format!("{tokens:?}"),
        format!("{row:?} {:?}", held.tokens),
        format!("{} {:?}", sealed.access, sealed.refresh),
        format!("{:?}", tokens.cached(&rig.location)),
        format!("{:?} {:?}", rig.transport.sent(), rig.store.rows),
    ] {
        assert_clean(&text);
    }
    assert!(rig.transport.sent().iter().all(|sent| sent.request.url.ends_with("/oauth/token")));
}
