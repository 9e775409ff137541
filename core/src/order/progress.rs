use super::{model::StatusModel, status::Status};

/// The percentages of manufacturing progress that customers are told about.
pub const MILESTONES: [u8; 4] = [25, 50, 75, 100];

/// The overall progress of an order in percent.
///
/// While the order is in the model's manufacturing status, its manufacturing progress moves the overall
/// progress linearly from that status's value to the next one's, rounded half up: with the default model
/// 25 gives 54, 50 gives 58, 75 gives 61. Off the path the progress stays at `previous` (0 if there is
/// none). Percentages above 100 count as 100.
pub fn overall_progress(
    model: &StatusModel,
    status: &Status,
    manufacturing: Option<u8>,
    previous: Option<u8>,
) -> u8 {
    let Some(own) = model.progress(status) else { return previous.unwrap_or(0).min(100) };
    let next = model.next(status).and_then(|next| model.progress(next));
    match (manufacturing, next) {
        (Some(percent), Some(next)) if model.manufacturing() == Some(status) => {
            own + scaled(next - own, percent.min(100))
        }
        _ => own,
    }
}

/// `percent` of `width`, rounded half up; at most `width`.
fn scaled(width: u8, percent: u8) -> u8 {
    let hundredths = u16::from(width) * u16::from(percent);
    u8::try_from((hundredths + 50) / 100).unwrap_or(width)
}

/// The milestones passed between the last one told and the manufacturing progress now, in order. Each is
/// passed once, on a jump too, and none on the way back.
pub fn milestones_crossed(last: u8, now: u8) -> Vec<u8> {
    MILESTONES.into_iter().filter(|milestone| last < *milestone && *milestone <= now).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(status: &str, manufacturing: Option<u8>, previous: Option<u8>) -> u8 {
        let model = StatusModel::default();
        overall_progress(&model, &model.status(status).unwrap(), manufacturing, previous)
    }

    #[test]
    fn manufacturing_moves_the_overall_progress_to_the_next_status() {
        let table = [(0, 50), (3, 50), (4, 51), (25, 54), (50, 58), (75, 61), (99, 65), (100, 65), (255, 65)];
        for (manufacturing, overall) in table {
            assert_eq!(progress("manufacturing", Some(manufacturing), None), overall, "{manufacturing}");
        }
        assert_eq!(progress("manufacturing", None, Some(99)), 50);
    }

    #[test]
    fn manufacturing_progress_counts_in_no_other_status() {
        assert_eq!(progress("processing", Some(80), Some(58)), 25);
        assert_eq!(progress("shipped", Some(80), Some(58)), 75);
        assert_eq!(progress("completed", Some(80), None), 100);
    }

    #[test]
    fn off_the_path_progress_is_frozen() {
        for status in ["cancelled", "refunded", "returned"] {
            assert_eq!(progress(status, Some(100), Some(58)), 58);
            assert_eq!(progress(status, None, None), 0);
            assert_eq!(progress(status, None, Some(200)), 100);
        }
    }

    #[test]
    fn each_milestone_is_crossed_once_in_order() {
        let table: [(u8, u8, &[u8]); 8] = [
            (0, 24, &[]),
            (0, 25, &[25]),
            (25, 25, &[]),
            (25, 80, &[50, 75]),
            (0, 100, &[25, 50, 75, 100]),
            (100, 100, &[]),
            (75, 30, &[]),
            (0, 255, &[25, 50, 75, 100]),
        ];
        for (last, now, crossed) in table {
            assert_eq!(milestones_crossed(last, now), crossed, "{last} → {now}");
        }
    }

    #[test]
    fn however_progress_jumps_every_milestone_is_told_once() {
        let model = StatusModel::default();
        let status = model.status("manufacturing").unwrap();
        for step in 1..=100u8 {
            let (mut told, mut last, mut overall) = (Vec::new(), 0, 0);
            for now in (0..=100).step_by(step.into()).chain([100]) {
                told.extend(milestones_crossed(last, now));
                last = last.max(now);
                let here = overall_progress(&model, &status, Some(now), None);
                assert!(overall <= here);
                overall = here;
            }
            assert_eq!(told, MILESTONES, "step {step}");
        }
    }
}
