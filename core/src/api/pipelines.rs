//! Pipelines and their stages (HighLevel docs: Opportunities API, `Version: 2021-07-28`).

use serde::{Deserialize, Deserializer, Serialize};

use super::{Extra, fields::Fields};
use crate::{
    client::{ApiRequest, Client},
    error::Result,
    ids::{LocationId, PipelineId, StageId},
    ports::Method,
};

/// A pipeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// Its id.
    pub id: PipelineId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its stages, in their order.
    pub stages: Vec<Stage>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Its id: opaque, as a rule a uuid.
    pub id: StageId,
    /// Its name, as the shop's people see and change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its place in the pipeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Extra,
}

impl<'de> Deserialize<'de> for Pipeline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        let mut stages: Vec<Stage> = Vec::new();
        for stage in fields.list::<Stage, D::Error>("stages")? {
            // By insertion: there are few of them, and sorting in general is a lot of code for an edge function.
            let place = stages.partition_point(|placed| placed.position <= stage.position);
            stages.insert(place, stage);
        }
        Ok(Self {
            id: PipelineId::new(fields.need::<D::Error>("id")?),
            name: fields.text("name"),
            stages,
            extra: fields.rest(),
        })
    }
}

impl<'de> Deserialize<'de> for Stage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            id: StageId::new(fields.need::<D::Error>("id")?),
            name: fields.text("name"),
            position: fields.take(&["position"]),
            extra: fields.rest(),
        })
    }
}

/// The pipelines of a location: `GET /opportunities/pipelines`.
pub fn list(location: &LocationId) -> ApiRequest<Vec<Pipeline>> {
    ApiRequest::new(Method::Get, &["opportunities", "pipelines"])
        .with_query("locationId", location.as_str())
        .inside("pipelines")
}

/// The pipelines of one location.
#[derive(Debug, Clone, Copy)]
pub struct Pipelines<'a> {
    client: &'a Client,
    location: &'a LocationId,
}

impl Client {
    /// The pipelines of a location.
    pub fn pipelines<'a>(&'a self, location: &'a LocationId) -> Pipelines<'a> {
        Pipelines { client: self, location }
    }
}

impl Pipelines<'_> {
    /// See [`list`]; fails as [`Client::send`] does.
    pub async fn list(&self) -> Result<Vec<Pipeline>> {
        self.client.send(self.location, &list(self.location)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::{line, read};

    #[test]
    fn the_request() {
        let expected = "GET /opportunities/pipelines locationId=loc1 2021-07-28 repeatable -";
        assert_eq!(line(&list(&LocationId::new("loc1"))), expected);
    }

    #[test]
    fn stages_come_in_their_order_whatever_else_they_carry() {
        let pipeline: Pipeline = read(
            r#"{"id":"pip1","name":"Orders","showInFunnel":true,"stages":[
            {"id":"s2","name":"Processing","position":1,"showInPieChart":true},
            {"id":"s1","name":"New order","position":0}]}"#,
        );
        assert_eq!(pipeline.name.as_deref(), Some("Orders"));
        let stages: Vec<_> = pipeline.stages.iter().map(|stage| stage.id.as_str()).collect();
        assert_eq!(stages, ["s1", "s2"]);
        assert_eq!(pipeline.stages[1].extra["showInPieChart"], true);
        let unplaced: Pipeline = read(r#"{"id":"p","stages":[{"id":"b"},{"id":"a"}]}"#);
        assert_eq!(unplaced.stages[0].id.as_str(), "b", "without positions, as they came");
        assert!(read::<Pipeline>(r#"{"id":"p","stages":null}"#).stages.is_empty());
    }
}
