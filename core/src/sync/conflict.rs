//! Who wins when the shop and someone in GHL changed one order at about the same time.

use crate::{order::Status, order::StatusModel, ports::store::Side};

/// Changes closer together than this are simultaneous; more where the clocks are less certain.
const SIMULTANEOUS_MS: i64 = 5_000;

/// One side's change, its time in GHL's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edit<'a> {
    pub(crate) status: &'a Status,
    pub(crate) at: i64,
    pub(crate) side: Side,
}

/// Whether `a` beats `b`. A status off the path outranks the path; else the greater of
/// (time in windows, place on the path, time, side) wins, which is a total order: every process that
/// compares the same two changes decides alike.
pub(crate) fn beats(model: &StatusModel, clock_error_ms: i64, a: Edit<'_>, b: Edit<'_>) -> bool {
    let window = SIMULTANEOUS_MS.max(clock_error_ms.saturating_mul(2)).max(1);
    let rank = |edit: Edit<'_>| {
        let place = model.place(edit.status);
        (place.is_none(), edit.at.div_euclid(window), place, edit.at, edit.side)
    };
    rank(a) > rank(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str) -> Status {
        StatusModel::default().status(text).unwrap()
    }

    #[test]
    fn later_window_then_place_then_time_then_shop() {
        let model = StatusModel::default();
        let (early, late, off) = (status("processing"), status("shipped"), status("cancelled"));
        let edit = |status, at, side| Edit { status, at, side };
        let wins = |a, b| beats(&model, 0, a, b) && !beats(&model, 0, b, a);
        // A later window wins over a farther place.
        assert!(wins(edit(&early, 10_000, Side::Ghl), edit(&late, 9_999, Side::Shop)));
        // Within a window the farther place wins, whoever was first.
        assert!(wins(edit(&late, 5_000, Side::Shop), edit(&early, 9_999, Side::Ghl)));
        // Same place: the later; same time: the shop.
        assert!(wins(edit(&late, 5_001, Side::Ghl), edit(&late, 5_000, Side::Shop)));
        assert!(wins(edit(&late, 5_000, Side::Shop), edit(&late, 5_000, Side::Ghl)));
        // Off the path outranks the path even when it is older.
        assert!(wins(edit(&off, 0, Side::Shop), edit(&late, 60_000, Side::Ghl)));
    }

    #[test]
    fn an_uncertain_clock_widens_the_window() {
        let model = StatusModel::default();
        let (early, late) = (status("processing"), status("shipped"));
        let shop = Edit { status: &late, at: 1_000, side: Side::Shop };
        let ghl = Edit { status: &early, at: 15_000, side: Side::Ghl };
        assert!(beats(&model, 2_500, ghl, shop));
        assert!(beats(&model, 10_000, shop, ghl));
    }
}
