//! Which stage a person may have meant for a status: a proposal to confirm, never a link.

use super::{
    model::StatusModel,
    stage_map::{PipelineStage, StageMap, words},
    status::Status,
};

/// Words that begin alike for so many characters may be the same: `shipping` and `shipped`.
const LIKE: usize = 5;

impl StageMap {
    /// For each status without a stage, the one free stage whose name resembles it most. A stage that resembles two
    /// statuses equally is proposed for neither.
    pub fn likely(&self, model: &StatusModel) -> Vec<(&Status, &PipelineStage)> {
        let score = |status: &Status, stage: &PipelineStage| {
            let names = [Some(status.as_str()), Some(model.label(status)), model.stage_key(status)];
            names.into_iter().flatten().map(|name| likeness(name, &stage.name)).max().unwrap_or(0)
        };
        let best_for = |stage: &PipelineStage| {
            let scored = self.unmapped_statuses().iter().map(|status| (score(status, stage), status));
            best(scored)
        };
        self.unmapped_statuses()
            .iter()
            .filter_map(|status| {
                let stage = best(self.unmapped_stages().map(|stage| (score(status, stage), stage)))?;
                (best_for(stage)? == status).then_some((status, stage))
            })
            .collect()
    }
}

/// The one with the greatest score, if it is the only one with it.
fn best<T>(scored: impl Iterator<Item = (usize, T)>) -> Option<T> {
    let mut scored: Vec<(usize, T)> = scored.filter(|(score, _)| *score > 0).collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let alone = match scored.as_slice() {
        [(first, _), (second, _), ..] => first > second,
        all => !all.is_empty(),
    };
    alone.then(|| scored.swap_remove(0).1)
}

/// How long the longest beginning is that two words of the names have in common; 0 where it says nothing.
fn likeness(a: &str, b: &str) -> usize {
    let (a, b) = (words(a), words(b));
    let alike = |a: &str, b: &str| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let pairs = a.iter().flat_map(|a| b.iter().map(move |b| alike(a, b)));
    pairs.max().filter(|length| *length >= LIKE).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ids::StageId;

    fn proposed(names: &[&str]) -> Vec<(String, String)> {
        let stages: Vec<PipelineStage> = names
            .iter()
            .map(|name| PipelineStage { id: StageId::new(format!("id of {name}")), name: (*name).to_owned() })
            .collect();
        let model = StatusModel::default();
        let map = StageMap::resolve(&model, &stages, &BTreeMap::new()).unwrap();
        let of = |(status, stage): (&Status, &PipelineStage)| (status.to_string(), stage.name.clone());
        map.likely(&model).into_iter().map(of).collect()
    }

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(status, stage)| ((*status).to_owned(), (*stage).to_owned())).collect()
    }

    #[test]
    fn names_that_begin_alike_are_proposed() {
        assert_eq!(
            proposed(&["New Order", "Manufacturing now", "Shipping", "Delivery", "Installed", "Lost"]),
            pairs(&[
                ("manufacturing", "Manufacturing now"),
                ("shipped", "Shipping"),
                ("delivered", "Delivery"),
                ("installation", "Installed"),
            ])
        );
    }

    #[test]
    fn what_is_not_sure_is_left_to_people() {
        assert_eq!(proposed(&["Shipping out", "Shipping back"]), pairs(&[]));
        assert_eq!(proposed(&["Shipped"]), pairs(&[]), "it is found already");
        assert_eq!(proposed(&["Won", "Lost", ""]), pairs(&[]));
    }
}
