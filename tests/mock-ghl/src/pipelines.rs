//! Pipelines and their stages, which are opaque UUIDs.

use serde_json::{Value, json};

use crate::auth::Access;
use crate::custom_fields::slug;
use crate::http::{Answer, Handled};
use crate::ids::Rng;
use crate::locations::Location;
use crate::model::Ghl;
use crate::routes::{Call, Route};

/// One pipeline.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Opaque id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its stages in order; never empty for the default pipeline.
    pub stages: Vec<Stage>,
}

/// One stage.
#[derive(Clone, Debug)]
pub struct Stage {
    /// A UUID.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Stage {
    /// The stage's key in the users' words: `In Production` is `stage_in_production`.
    pub fn key(&self) -> String {
        format!("stage_{}", slug(&self.name))
    }

    fn answers_to(&self, name: &str) -> bool {
        self.id == name || self.name == name || self.key() == name
    }
}

impl Pipeline {
    pub(crate) fn new(rng: &mut Rng, name: &str, stages: &[String]) -> Self {
        Self {
            id: rng.opaque(),
            name: name.to_owned(),
            stages: stages.iter().map(|name| Stage { id: rng.uuid(), name: name.clone() }).collect(),
        }
    }

    /// The stage with that id, name or key.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.answers_to(name))
    }

    fn to_json(&self, location_id: &str, full_stages: bool) -> Value {
        let stages = self.stages.iter().enumerate().map(|(position, stage)| match full_stages {
            true => json!({
                "id": stage.id,
                "name": stage.name,
                "position": position,
                "showInFunnel": true,
                "showInPieChart": true,
            }),
            false => json!({ "id": stage.id, "name": stage.name }),
        });
        json!({
            "id": self.id,
            "name": self.name,
            "stages": stages.collect::<Vec<_>>(),
            "showInFunnel": true,
            "showInPieChart": true,
            "locationId": location_id,
        })
    }
}

impl Location {
    pub(crate) fn pipeline(&self, id: &str) -> Option<&Pipeline> {
        self.pipelines.iter().find(|pipeline| pipeline.id == id)
    }

    pub(crate) fn stage(&self, id: &str) -> Option<&Stage> {
        self.pipelines.iter().flat_map(|pipeline| &pipeline.stages).find(|stage| stage.id == id)
    }
}

pub(crate) const ROUTES: &[Route] = &[Route {
    method: "GET",
    pattern: "/opportunities/pipelines",
    access: Access::Location,
    scope: "opportunities.readonly",
    handler: list,
}];

fn list(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let location_id = call.required_query("locationId")?;
    call.require_location(location_id)?;
    let full = ghl.settings.assumptions.full_stages;
    let pipelines = ghl.location(location_id)?.pipelines.iter();
    let pipelines: Vec<_> = pipelines.map(|pipeline| pipeline.to_json(location_id, full)).collect();
    Ok(Answer::ok(json!({ "pipelines": pipelines })))
}
