use super::*;
use crate::oauth::Rekeyed;

#[test]
fn tokens_are_encrypted_anew_while_they_are_used_and_renewed() {
    let rig = Rig::new();
    let old = rig.process_with(1, app(), &["a", "bb"]);
    for n in 0..3 {
        rig.install(&old, granted(&format!("loc{n}"), n));
    }
    let both = rig.process_with(2, app(), &["bb", "a"]);
    assert_eq!(rig.token(&both).unwrap(), "a1");
    // A renewal is under way at the old process.
    rig.leave(0.0);
    rig.script([ok(granted("loc1", 7)).after_ms(500)]);
    let (renewed, rekeyed) = rig.drive(async {
        futures::join!(old.token(&rig.location), async {
            rig.clock.sleep(std::time::Duration::from_millis(100)).await;
            both.rekey().await
        })
    });
    assert_eq!(renewed.unwrap().expose(), "a7", "it is saved although its row was changed");
    assert_eq!(rekeyed.unwrap(), Rekeyed { changed: 3, current: 0, failed: 0 });
    assert_eq!(rig.location_row().tokens.unwrap().key_id, "a", "by the process where it comes first");
    assert_eq!(rig.drive(both.rekey()).unwrap(), Rekeyed { changed: 1, current: 2, failed: 0 });
    assert_eq!(rig.drive(both.rekey()).unwrap(), Rekeyed { changed: 0, current: 3, failed: 0 });
    let new = rig.process_with(3, app(), &["bb"]);
    assert_eq!(rig.token(&new).unwrap(), "a7");
}

#[test]
fn a_key_that_is_missing_is_named_and_counted() {
    let (rig, _) = Rig::installed();
    let other = rig.process_with(2, app(), &["other"]);
    let error = rig.drive(other.token(&rig.location)).unwrap_err();
    assert_eq!((error.code(), error.field()), (crate::Code::Config, Some("GHLKIT_TOKEN_KEYS")));
    assert!(error.message().contains("\"k1\""), "{error}");
    assert_eq!(rig.drive(other.rekey()).unwrap(), Rekeyed { changed: 0, current: 0, failed: 1 });
    rig.install(&other, granted("loc1", 3));
    assert_eq!(rig.token(&other).unwrap(), "a3", "a new installation needs no old key");
}

#[test]
fn tokens_of_one_row_mean_nothing_in_another() {
    let (rig, tokens) = Rig::installed();
    rig.install(&tokens, granted("loc2", 2));
    let (one, two) = (rig.location_row(), rig.row(&location("loc2")).unwrap());
    let moved = TokenRow { tokens: two.tokens, ..one };
    rig.store.put(moved);
    let error = rig.drive(rig.process(2).token(&rig.location)).unwrap_err();
    assert_eq!((error.code(), error.field()), (crate::Code::Config, Some("GHLKIT_TOKEN_KEYS")));
}
