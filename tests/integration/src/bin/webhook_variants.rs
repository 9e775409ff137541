//! Webhooks of which one byte was changed: `webhook_variants HMAC ED25519 SHARED`, how many of each scheme.
//!
//! The byte is one of the body or of the header's value, any but its own; every place is tried, then again with another
//! byte. The last line is JSON; it fails where one is accepted, or the genuine one is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{env, process::ExitCode};

use ghlkit::{
    Code,
    secret::Secret,
    webhook::{
        Scheme, Tolerance, Verifier,
        sign::{Signer, ed25519_public_key, test_headers},
    },
};
use serde_json::{Map, json};

const SECRET: &str = "a secret of ten words";
const SEED: [u8; 32] = [7; 32];
const SHARED: Signer<'static> = Signer::SharedSecret { header: "x-shop-key", secret: SECRET };
const BODY: &[u8] = "{\"type\":\"OpportunityStageUpdate\",\"id\":\"opp1\",\"contactId\":\"con1\",\
    \"pipelineStageId\":\"e93ba61a-53b3-45e7-985a-c7732dbcdb69\",\"note\":\"Löyly 🔥\",\"webhookId\":\"wh-1\"}"
    .as_bytes();

fn main() -> ExitCode {
    let counts: Vec<usize> = env::args().skip(1).map(|count| count.parse().unwrap()).collect();
    let [hmac, ed25519, shared] = counts[..] else {
        eprintln!("usage: webhook_variants HMAC ED25519 SHARED");
        return ExitCode::FAILURE;
    };
    let secrets = || vec![Secret::new(SECRET).into()];
    let schemes = [
        (hmac, Signer::Hmac(SECRET), Scheme::HmacSha256 { secrets: secrets() }, true),
        (
            ed25519,
            Signer::Ed25519(&SEED),
            Scheme::Ed25519 { keys: vec![ed25519_public_key(&SEED).into()] },
            true,
        ),
        // It does not protect the body.
        (shared, SHARED, Scheme::SharedSecret { header: "x-shop-key".to_owned(), secrets: secrets() }, false),
    ];
    let (mut report, mut accepted) = (Map::new(), 0);
    for (count, signer, scheme, signed) in schemes {
        let verifier = Verifier::new(vec![scheme], Tolerance::default()).unwrap();
        let name = verifier.schemes().next().unwrap().as_str();
        accepted += variants(&verifier, signer, signed, count);
        report.insert(name.to_owned(), count.into());
    }
    println!("{}", json!({ "variants": report, "accepted": accepted }));
    if accepted == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many of the variants are accepted. The body is as long as it must be for all of them to differ.
fn variants(verifier: &Verifier, signer: Signer<'_>, signed: bool, count: usize) -> usize {
    let mut body = BODY.to_vec();
    body.resize(BODY.len().max(count / 255), b' ');
    let (name, value) = test_headers(&body, signer).pop().unwrap();
    let mut value = value.into_bytes();
    let verify = |body: &[u8], value: &[u8]| verifier.verify(body, [(name.as_str(), value)], 0);
    verify(&body, &value).expect("the genuine one is accepted");
    let places = value.len() + if signed { body.len() } else { 0 };
    assert!(count <= places * 255, "expected at most {} variants", places * 255);
    let mut accepted = 0;
    for nth in 0..count {
        let place = nth % places;
        // 1 to 255: never the byte itself.
        let change = u8::try_from(nth / places % 255 + 1).unwrap();
        let at = |place: usize, value: &mut Vec<u8>, body: &mut Vec<u8>| match place.checked_sub(value.len())
        {
            None => value[place] ^= change,
            Some(place) => body[place] ^= change,
        };
        at(place, &mut value, &mut body);
        match verify(&body, &value) {
            Ok(_) => accepted += 1,
            Err(error) => assert_eq!(error.code(), Code::Signature),
        }
        at(place, &mut value, &mut body);
    }
    verify(&body, &value).expect("every change was undone");
    accepted
}
