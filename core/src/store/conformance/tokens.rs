use crate::{
    ids::{AppId, CompanyId},
    ports::store::{RefreshLease, SealedTokens, TokenRow, TokenState, TokenSubject},
};

use super::*;

requirements![for dyn super::TokenStore:
    a_row_comes_back_as_it_was_given,
    a_row_is_replaced_only_by_who_has_read_it,
    a_row_is_deleted_only_by_who_has_read_it,
    of_many_who_read_a_row_one_changes_it,
    rows_are_listed_by_app_in_order,
];

fn app() -> AppId {
    AppId::new("app1")
}

fn location(id: &str) -> TokenSubject {
    TokenSubject::Location(LocationId::new(id))
}

fn company(id: &str) -> TokenSubject {
    TokenSubject::Company(CompanyId::new(id))
}

/// A row of which only the version matters.
fn row(subject: TokenSubject, version: i64) -> TokenRow {
    TokenRow {
        app: app(),
        subject,
        company: None,
        by_company: false,
        tokens: None,
        state: TokenState::Active,
        installed_at: NOW,
        version,
        lease: None,
    }
}

type Tokens = Arc<dyn TokenStore>;

async fn version(store: &Tokens, subject: &TokenSubject) -> Option<i64> {
    store.token_row(&app(), subject).await.unwrap().map(|row| row.version)
}

async fn a_row_comes_back_as_it_was_given(store: Tokens) {
    let bare = row(location("a"), NOW);
    assert!(store.swap_token(None, bare.clone()).await.unwrap());
    assert_eq!(store.token_row(&app(), &bare.subject).await.unwrap(), Some(bare.clone()));
    let sealed = SealedTokens {
        key_id: "k2".to_owned(),
        access: "AbC+/=".to_owned(),
        refresh: Some("r".repeat(4_000)),
        obtained_at: NOW + 1,
        expires_at: NOW + 86_399_000,
    };
    let full = TokenRow {
        company: Some(CompanyId::new("com1")),
        by_company: true,
        tokens: Some(sealed.clone()),
        state: TokenState::Reauthorize,
        installed_at: NOW - 5,
        version: NOW + 7,
        lease: Some(RefreshLease { owner: "worker é".to_owned(), until: NOW + 60 }),
        ..bare.clone()
    };
    assert!(store.swap_token(Some(NOW), full.clone()).await.unwrap());
    assert_eq!(store.token_row(&app(), &full.subject).await.unwrap(), Some(full.clone()));
    let alone = TokenRow { tokens: Some(SealedTokens { refresh: None, ..sealed }), version: 9, ..bare };
    assert!(store.swap_token(Some(NOW + 7), alone.clone()).await.unwrap(), "a version is any number");
    assert_eq!(
        store.token_row(&app(), &alone.subject).await.unwrap(),
        Some(alone),
        "and clears what it lacks"
    );
}

async fn a_row_is_replaced_only_by_who_has_read_it(store: Tokens) {
    let (subject, other) = (location("a"), location("b"));
    assert!(!store.swap_token(Some(1), row(subject.clone(), 2)).await.unwrap(), "there is none");
    assert!(store.swap_token(None, row(subject.clone(), 1)).await.unwrap());
    assert!(!store.swap_token(None, row(subject.clone(), 5)).await.unwrap(), "there is one");
    for expected in [0, 2] {
        assert!(!store.swap_token(Some(expected), row(subject.clone(), 5)).await.unwrap());
    }
    assert!(!store.swap_token(Some(1), row(other.clone(), 5)).await.unwrap(), "another has no such version");
    assert_eq!((version(&store, &subject).await, version(&store, &other).await), (Some(1), None));
    assert!(store.swap_token(Some(1), row(subject.clone(), 2)).await.unwrap());
    assert_eq!(version(&store, &subject).await, Some(2));
}

async fn a_row_is_deleted_only_by_who_has_read_it(store: Tokens) {
    let subject = location("a");
    assert!(!store.delete_token(&app(), &subject, 1).await.unwrap());
    for row in [row(subject.clone(), 1), row(company("a"), 1), row(location("b"), 1)] {
        assert!(store.swap_token(None, row).await.unwrap());
    }
    assert!(!store.delete_token(&app(), &subject, 2).await.unwrap());
    assert!(!store.delete_token(&AppId::new("app2"), &subject, 1).await.unwrap());
    assert_eq!(version(&store, &subject).await, Some(1));
    assert!(store.delete_token(&app(), &subject, 1).await.unwrap());
    assert_eq!(version(&store, &subject).await, None);
    let left = [version(&store, &company("a")).await, version(&store, &location("b")).await];
    assert_eq!(left, [Some(1), Some(1)]);
    assert!(store.swap_token(None, row(subject, 3)).await.unwrap(), "it can be installed again");
}

async fn of_many_who_read_a_row_one_changes_it(store: Tokens) {
    let subject = location("a");
    assert!(store.swap_token(None, row(subject.clone(), 0)).await.unwrap());
    for round in 0..8 {
        let swaps = (1..=4).map(|n| store.swap_token(Some(round * 4), row(subject.clone(), round * 4 + n)));
        let won = futures::future::join_all(swaps).await.into_iter().map(Result::unwrap);
        let winner = won.zip(1..).filter(|(won, _)| *won).map(|(_, n)| n).collect::<Vec<i64>>();
        assert_eq!(winner.len(), 1, "{winner:?}");
        let kept = version(&store, &subject).await.unwrap();
        assert_eq!(kept, round * 4 + winner[0]);
        assert!(store.swap_token(Some(kept), row(subject.clone(), (round + 1) * 4)).await.unwrap());
    }
}

async fn rows_are_listed_by_app_in_order(store: Tokens) {
    let subjects = [company("b"), company("é"), location("B"), location("a"), location("b")];
    for subject in subjects.iter().rev() {
        assert!(store.swap_token(None, row(subject.clone(), 1)).await.unwrap());
    }
    let elsewhere = TokenRow { app: AppId::new("app2"), ..row(location("aa"), 1) };
    assert!(store.swap_token(None, elsewhere).await.unwrap());
    let list = async |after: Option<&TokenSubject>, limit| {
        let rows = store.token_rows(&app(), after, limit).await.unwrap();
        rows.into_iter().map(|row| row.subject).collect::<Vec<_>>()
    };
    assert_eq!(list(None, 9).await, subjects);
    assert_eq!(list(None, 2).await, subjects[..2]);
    assert_eq!(list(Some(&subjects[1]), 2).await, subjects[2..4]);
    assert_eq!(list(Some(&company("z")), 1).await, subjects[1..2], "after a subject that is not there");
    assert_eq!(list(Some(&subjects[4]), 9).await, []);
    assert_eq!(list(None, 0).await, []);
}
