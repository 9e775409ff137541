use serde::Serialize;

use super::{model::StatusModel, status::Status};
use crate::{
    error::{Code, Error, Result},
    ports::store::Side,
};

/// How a change of status moves an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "StatusMove"))]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Not at all.
    None,
    /// Further on the path, perhaps past several statuses.
    Forward,
    /// Back on the path.
    Backward,
    /// Off the path, or from one status beside it to another.
    OffPath,
    /// From beside the path onto it.
    BackOnPath,
}

/// Decides whether `side` may move an order from one status to another.
///
/// Forward is always allowed, skips included. Backward is allowed to people in GHL, and to the shop
/// only with `allow_backward`. Either side may take an order off the path; only the shop brings it
/// back. A `from` that the model does not know counts as beside the path.
///
/// # Errors
/// `transition_refused`, field `status`; `invalid_argument` when the model does not know `to`.
pub fn transition(
    model: &StatusModel,
    from: &Status,
    to: &Status,
    side: Side,
    allow_backward: bool,
) -> Result<Move> {
    model.status(to.as_str())?;
    if from == to {
        return Ok(Move::None);
    }
    match (model.place(from), model.place(to)) {
        (Some(from), Some(to)) if from < to => Ok(Move::Forward),
        (Some(_), Some(_)) if side == Side::Ghl || allow_backward => Ok(Move::Backward),
        (Some(_), Some(_)) => {
            Err(refused(from, to, "is backward; repeat with `allow_backward` if it is meant"))
        }
        (_, None) => Ok(Move::OffPath),
        (None, Some(_)) if side == Side::Shop => Ok(Move::BackOnPath),
        (None, Some(_)) => Err(refused(from, to, "leads back onto the path, which only the shop may do")),
    }
}

fn refused(from: &Status, to: &Status, why: &str) -> Error {
    Error::new(Code::TransitionRefused, format!("status: from `{from}` to `{to}` {why}")).with_field("status")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Side::{Ghl, Shop};

    fn try_move(from: &str, to: &str, side: Side, allow_backward: bool) -> Result<Move> {
        let (from, to) = (Status::parse(from).unwrap(), Status::parse(to).unwrap());
        transition(&StatusModel::default(), &from, &to, side, allow_backward)
    }

    #[test]
    fn allowed_moves() {
        let table = [
            ("shipped", "shipped", Shop, false, Move::None),
            ("cancelled", "cancelled", Ghl, false, Move::None),
            ("order_placed", "processing", Shop, false, Move::Forward),
            ("order_placed", "completed", Ghl, false, Move::Forward),
            ("shipped", "processing", Ghl, false, Move::Backward),
            ("shipped", "processing", Shop, true, Move::Backward),
            ("shipped", "cancelled", Shop, false, Move::OffPath),
            ("completed", "returned", Ghl, false, Move::OffPath),
            ("cancelled", "refunded", Shop, false, Move::OffPath),
            ("cancelled", "refunded", Ghl, false, Move::OffPath),
            ("cancelled", "order_placed", Shop, false, Move::BackOnPath),
            ("forgotten", "shipped", Shop, false, Move::BackOnPath),
        ];
        for (from, to, side, allow_backward, expected) in table {
            assert_eq!(
                try_move(from, to, side, allow_backward).unwrap(),
                expected,
                "{from} → {to} by {side:?}"
            );
        }
    }

    #[test]
    fn refused_moves_name_the_field_and_the_way_out() {
        let table = [
            ("shipped", "processing", Shop, false, "allow_backward"),
            ("cancelled", "shipped", Ghl, false, "only the shop"),
            ("cancelled", "shipped", Ghl, true, "only the shop"),
            ("forgotten", "shipped", Ghl, false, "only the shop"),
        ];
        for (from, to, side, allow_backward, hint) in table {
            let error = try_move(from, to, side, allow_backward).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::TransitionRefused, Some("status")));
            assert!(error.message().contains(hint), "{error}");
        }
    }

    #[test]
    fn an_unknown_target_is_an_invalid_argument_even_if_nothing_moves() {
        for from in ["shipped", "lost_in_space"] {
            let error = try_move(from, "lost_in_space", Ghl, true).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("status")));
            assert!(error.message().contains("order_placed, processing, manufacturing"), "{error}");
        }
    }

    #[test]
    fn every_pair_of_statuses_is_decided_by_its_places() {
        let model = StatusModel::default();
        for (from, to) in model.statuses().flat_map(|from| model.statuses().map(move |to| (from, to))) {
            for (side, allow) in [(Shop, false), (Shop, true), (Ghl, false), (Ghl, true)] {
                let forward = model.place(from).zip(model.place(to)).map(|(from, to)| from <= to);
                let back_on = !model.is_open(from) && model.is_open(to);
                let expected = forward.map_or(!back_on || side == Shop, |f| f || allow || side == Ghl);
                let moved = transition(&model, from, to, side, allow);
                assert_eq!(moved.is_ok(), expected || from == to, "{from} → {to} by {side:?}, {allow}");
            }
        }
    }
}
