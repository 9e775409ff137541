//! Pipelines and their stages (HighLevel docs: Opportunities API, `Version: 2021-07-28`).

use super::shape::reply;
use crate::{
    client::{ApiRequest, Client, Endpoint},
    error::Result,
    ids::{LocationId, PipelineId, StageId},
};

reply! {
    /// A pipeline.
    pub struct Pipeline {
        /// Its id.
        pub id: PipelineId = need,
        /// Its name.
        pub name: Option<String> = text,
        /// Its stages, in their order.
        pub stages: Vec<Stage> = ordered,
        ..extra
    }
}

reply! {
    /// A stage of a pipeline.
    pub struct Stage {
        /// Its id: opaque, as a rule a uuid.
        pub id: StageId = need,
        /// Its name, as the shop's people see and change it.
        pub name: Option<String> = text,
        /// Its place in the pipeline.
        pub position: Option<i64> = take,
        ..extra
    }
}

pub(crate) const LIST: Endpoint =
    Endpoint::get("/opportunities/pipelines").location_in_query("locationId").inside("pipelines");

/// The pipelines of a location: `GET /opportunities/pipelines`.
pub fn list(location: &LocationId) -> ApiRequest<Vec<Pipeline>> {
    LIST.of(location, &[])
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
