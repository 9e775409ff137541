use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{model::StatusModel, status::Status, text::shown};
use crate::{
    error::{Error, Result},
    ids::StageId,
};

/// A stage of a pipeline, as GHL lists it; what else GHL says of it is ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PipelineStage {
    /// Its opaque id.
    pub id: StageId,
    /// Its name, as people chose it.
    #[cfg_attr(feature = "ts", ts(optional, as = "Option<String>"))]
    #[serde(default)]
    pub name: String,
}

/// Which stage of a pipeline stands for which status, both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageMap {
    stages: Vec<PipelineStage>,
    links: Vec<Link>,
    unmapped: Vec<Status>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    status: Status,
    key: Option<String>,
    stage: StageId,
}

impl StageMap {
    /// Finds the stage of every status of the path.
    ///
    /// An override (`GHL_STAGE_<STATUS>`: a stage's id, name or key) decides alone. The other statuses
    /// are matched with the stages left: by id, then by name against the status's stage key, its label
    /// and the status itself, where case, `stage_` in front and anything but letters and digits do not
    /// count (`In Production`, `in-production` and `stage_in_production` are the same). A name that two
    /// stages share matches nothing.
    ///
    /// # Errors
    /// `config`, field `GHL_STAGE_<STATUS>`: the override names no stage of the pipeline or several, two
    /// overrides name the same stage, or the status is not on the path and so has no stage.
    pub fn resolve(
        model: &StatusModel,
        stages: &[PipelineStage],
        overrides: &BTreeMap<Status, String>,
    ) -> Result<Self> {
        let mut chosen = by_hand(model, stages, overrides)?;
        by_name(model, stages, &mut chosen);
        let link = |status: &Status| {
            let stage = chosen.get(status)?.id.clone();
            Some(Link { status: status.clone(), key: model.stage_key(status).map(str::to_owned), stage })
        };
        let unmapped = |status: &&Status| model.needs_stage(status) && !chosen.contains_key(*status);
        Ok(Self {
            stages: stages.to_vec(),
            links: model.path().filter_map(link).collect(),
            unmapped: model.path().filter(unmapped).cloned().collect(),
        })
    }

    /// The stage of a status; `None` where the opportunity stays where it is.
    pub fn stage_of(&self, status: &Status) -> Option<&StageId> {
        self.links.iter().find(|link| link.status == *status).map(|link| &link.stage)
    }

    /// The status of a stage; `None` for a stage without partner and for one of another pipeline.
    pub fn status_of(&self, stage: &StageId) -> Option<&Status> {
        self.links.iter().find(|link| link.stage == *stage).map(|link| &link.status)
    }

    /// The stage that a text means: its id, the stage key of its status, or its name. `None` where there
    /// is no such stage or several have the name.
    pub fn find(&self, text: &str) -> Option<&StageId> {
        let by_id = || self.stages.iter().find(|stage| stage.id.as_str() == text).map(|stage| &stage.id);
        let by_key =
            || self.links.iter().find(|link| link.key.as_deref() == Some(text)).map(|link| &link.stage);
        let by_name =
            || only(self.stages.iter().filter(|stage| same_name(text, &stage.name))).map(|stage| &stage.id);
        by_id().or_else(by_key).or_else(by_name)
    }

    /// The name of a stage.
    pub fn name_of(&self, stage: &StageId) -> Option<&str> {
        self.stages.iter().find(|known| known.id == *stage).map(|known| known.name.as_str())
    }

    /// The statuses that should have a stage and found none. Those that the model lets do without
    /// (`quality_check` in the default) are not listed.
    pub fn unmapped_statuses(&self) -> &[Status] {
        &self.unmapped
    }

    /// All stages of the pipeline, in their order.
    pub fn stages(&self) -> &[PipelineStage] {
        &self.stages
    }

    /// The stages that stand for no status.
    pub fn unmapped_stages(&self) -> impl Iterator<Item = &PipelineStage> {
        self.stages.iter().filter(|stage| self.status_of(&stage.id).is_none())
    }
}

type Chosen<'a> = BTreeMap<&'a Status, &'a PipelineStage>;

fn by_hand<'a>(
    model: &StatusModel,
    stages: &'a [PipelineStage],
    overrides: &'a BTreeMap<Status, String>,
) -> Result<Chosen<'a>> {
    let mut chosen = Chosen::new();
    for (status, text) in overrides {
        let stage = overridden(model, stages, status, text)?;
        if let Some((other, _)) = chosen.iter().find(|(_, taken)| taken.id == stage.id) {
            let name = shown(&stage.name);
            return Err(Error::config(
                variable(status),
                format_args!("names the stage {name} that `{other}` has already; give each status its own"),
            ));
        }
        chosen.insert(status, stage);
    }
    Ok(chosen)
}

/// Adds the statuses without an override, surest match first, so that a stage goes to the status that
/// fits it best.
fn by_name<'a>(model: &'a StatusModel, stages: &'a [PipelineStage], chosen: &mut Chosen<'a>) {
    let matchers: [fn(&StatusModel, &Status, &PipelineStage) -> bool; 4] = [
        |model, status, stage| model.stage_key(status) == Some(stage.id.as_str()),
        |model, status, stage| model.stage_key(status).is_some_and(|key| same_name(key, &stage.name)),
        |model, status, stage| same_name(model.label(status), &stage.name),
        |_, status, stage| same_name(status.as_str(), &stage.name),
    ];
    for matches in matchers {
        for status in model.path().filter(|status| model.stage_key(status).is_some()) {
            if chosen.contains_key(status) {
                continue;
            }
            let free = |stage: &&PipelineStage| !chosen.values().any(|taken| taken.id == stage.id);
            let found = only(stages.iter().filter(free).filter(|stage| matches(model, status, stage)));
            if let Some(stage) = found {
                chosen.insert(status, stage);
            }
        }
    }
}

fn overridden<'a>(
    model: &StatusModel,
    stages: &'a [PipelineStage],
    status: &Status,
    text: &str,
) -> Result<&'a PipelineStage> {
    if !model.is_open(status) {
        return Err(Error::config(
            variable(status),
            "only a status of the path has a stage; remove this setting",
        ));
    }
    if let Some(stage) = stages.iter().find(|stage| stage.id.as_str() == text) {
        return Ok(stage);
    }
    let named: Vec<&PipelineStage> = stages.iter().filter(|stage| same_name(text, &stage.name)).collect();
    match named.as_slice() {
        [stage] => Ok(stage),
        [] => Err(Error::config(
            variable(status),
            format_args!(
                "is {}, which is no stage of the pipeline; set the id or name of one: {}",
                shown(text),
                listed(stages)
            ),
        )),
        _ => Err(Error::config(
            variable(status),
            format_args!(
                "is {}, which several stages are called; set the id of one: {}",
                shown(text),
                listed(stages)
            ),
        )),
    }
}

fn listed(stages: &[PipelineStage]) -> String {
    let names: Vec<String> =
        stages.iter().take(50).map(|stage| format!("{} = {}", shown(&stage.name), stage.id)).collect();
    if names.is_empty() { "it has none".to_owned() } else { names.join(", ") }
}

/// The variable that sets a status's stage.
pub(crate) fn variable(status: &Status) -> String {
    format!("GHL_STAGE_{}", status.as_str().to_ascii_uppercase())
}

/// Whether two names are the same to a person: words in lower case, without a leading `stage`.
fn same_name(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    !a.is_empty() && a == b
}

pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.len() > 1 && words.first().is_some_and(|word| word == "stage") {
        words.remove(0);
    }
    words
}

/// The one item, if there is exactly one.
fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    items.next().filter(|_| items.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    const NAMES: [&str; 8] = [
        "New Order",
        "Processing",
        "In Production",
        "Quality Check",
        "Shipped",
        "Delivered",
        "Installation",
        "Completed",
    ];

    fn pipeline(names: &[&str]) -> Vec<PipelineStage> {
        let stage = |(i, name): (usize, &&str)| PipelineStage {
            id: StageId::new(format!("e93ba61a-0000-4000-8000-00000000000{i}")),
            name: (*name).to_owned(),
        };
        names.iter().enumerate().map(stage).collect()
    }

    fn status(text: &str) -> Status {
        Status::parse(text).unwrap()
    }

    fn overrides(pairs: &[(&str, &str)]) -> BTreeMap<Status, String> {
        pairs.iter().map(|(name, stage)| (status(name), (*stage).to_owned())).collect()
    }

    fn resolve(names: &[&str], pairs: &[(&str, &str)]) -> Result<StageMap> {
        StageMap::resolve(&StatusModel::default(), &pipeline(names), &overrides(pairs))
    }

    /// The place in the pipeline of the stage of a status.
    fn place(map: &StageMap, name: &str) -> Option<usize> {
        let stage = map.stage_of(&status(name))?;
        map.stages.iter().position(|known| known.id == *stage)
    }

    #[test]
    fn a_pipeline_with_the_usual_names_maps_both_ways() {
        let map = resolve(&NAMES, &[]).unwrap();
        let model = StatusModel::default();
        for (i, status) in model.path().enumerate() {
            assert_eq!(place(&map, status.as_str()), Some(i));
            assert_eq!(map.status_of(map.stage_of(status).unwrap()), Some(status));
        }
        assert_eq!((map.unmapped_statuses().len(), map.unmapped_stages().count()), (0, 0));
        assert_eq!(map.stage_of(&status("cancelled")), None);
    }

    #[test]
    fn spelling_does_not_count() {
        for name in [
            "in production",
            "In-Production",
            "IN_PRODUCTION",
            "stage_in_production",
            "  In   Production! ",
            "Stage: In production",
            "Manufacturing",
            "🔥 In Production",
        ] {
            let map = resolve(&["Order Placed", name], &[]).unwrap();
            assert_eq!(
                (place(&map, "manufacturing"), place(&map, "order_placed")),
                (Some(1), Some(0)),
                "{name}"
            );
        }
        for name in ["Production", "Not in production", "stage", "", "—"] {
            assert_eq!(place(&resolve(&["New order", name], &[]).unwrap(), "manufacturing"), None, "{name}");
        }
    }

    #[test]
    fn a_stage_may_have_the_key_as_its_id() {
        let stages = [PipelineStage { id: StageId::new("stage_shipped"), name: "Matkalla".to_owned() }];
        let map = StageMap::resolve(&StatusModel::default(), &stages, &BTreeMap::new()).unwrap();
        assert_eq!(map.status_of(&StageId::new("stage_shipped")), Some(&status("shipped")));
    }

    #[test]
    fn what_has_no_partner_is_named() {
        let map = resolve(&["New Order", "Shipped", "Waiting for payment"], &[]).unwrap();
        let unmapped: Vec<&str> = map.unmapped_statuses().iter().map(Status::as_str).collect();
        assert_eq!(unmapped, ["processing", "manufacturing", "delivered", "installation", "completed"]);
        assert_eq!(
            map.unmapped_stages().map(|stage| stage.name.as_str()).collect::<Vec<_>>(),
            ["Waiting for payment"]
        );
        assert_eq!(map.stage_of(&status("quality_check")), None);
        assert_eq!(map.status_of(&StageId::new("of-another-pipeline")), None);
    }

    #[test]
    fn an_override_may_be_id_name_or_key_and_wins_over_the_names() {
        let id = pipeline(&NAMES)[5].id.clone();
        for text in [id.as_str(), "Delivered", "delivered", "stage_delivered"] {
            let map = resolve(&NAMES, &[("shipped", text)]).unwrap();
            assert_eq!((place(&map, "shipped"), place(&map, "delivered")), (Some(5), None), "{text}");
            assert_eq!(map.unmapped_statuses(), [status("delivered")]);
            assert_eq!(
                map.unmapped_stages().map(|stage| stage.name.as_str()).collect::<Vec<_>>(),
                ["Shipped"]
            );
        }
    }

    #[test]
    fn overrides_that_cannot_be_meant_are_refused_by_name() {
        type Pairs = &'static [(&'static str, &'static str)];
        let table: [(Pairs, &str, &str); 4] = [
            (&[("shipped", "Sent")], "GHL_STAGE_SHIPPED", "\"New Order\" = e93ba61a"),
            (&[("delivered", "Shipped"), ("shipped", "stage_shipped")], "GHL_STAGE_SHIPPED", "`delivered`"),
            (&[("cancelled", "Shipped")], "GHL_STAGE_CANCELLED", "path"),
            (&[("mislaid", "Shipped")], "GHL_STAGE_MISLAID", "path"),
        ];
        for (pairs, field, hint) in table {
            let error = resolve(&NAMES, pairs).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Config, Some(field)));
            assert!(error.message().contains(hint), "{error}");
        }
        let error = resolve(&[], &[("shipped", "Shipped")]).unwrap_err();
        assert!(error.message().contains("it has none"), "{error}");
    }

    #[test]
    fn a_name_that_two_stages_share_is_never_guessed() {
        let names = ["Shipped", "shipped", "Delivered"];
        let map = resolve(&names, &[]).unwrap();
        assert_eq!((place(&map, "shipped"), map.find("Shipped")), (None, None));
        let error = resolve(&names, &[("shipped", "Shipped")]).unwrap_err();
        assert!(error.message().contains("set the id of one"), "{error}");
        let id = pipeline(&names)[1].id.clone();
        assert_eq!(place(&resolve(&names, &[("shipped", id.as_str())]).unwrap(), "shipped"), Some(1));
    }

    #[test]
    fn a_text_of_a_workflow_body_finds_its_stage() {
        let map =
            resolve(&["Uusi tilaus", "Shipped", "Someday"], &[("order_placed", "uusi tilaus")]).unwrap();
        let stages = pipeline(&["", "", ""]);
        for (text, i) in [("stage_new_order", 0), ("Uusi Tilaus", 0), ("stage_shipped", 1), ("someday", 2)] {
            assert_eq!(map.find(text), Some(&stages[i].id), "{text}");
        }
        assert_eq!(map.find(stages[2].id.as_str()), Some(&stages[2].id));
        assert_eq!(map.name_of(&stages[0].id), Some("Uusi tilaus"));
        for text in ["", "stage_completed", "stage_", "nothing"] {
            assert_eq!(map.find(text), None, "{text}");
        }
    }
}
