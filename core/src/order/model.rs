use super::{
    model_spec::{ModelSpec, OffPathStatus, Outcome, PathStatus},
    status::Status,
};
use crate::{
    error::{Error, Result},
    json,
};

/// Largest JSON of a status model, in bytes.
pub const MAX_MODEL_BYTES: usize = 64 * 1024;

/// The statuses of a shop: their order, stages, progress and labels.
///
/// The default has the path `order_placed`, `processing`, `manufacturing`, `quality_check`, `shipped`,
/// `delivered`, `installation`, `completed`, and beside it `cancelled`, `refunded` (both make the
/// opportunity `lost`) and `returned`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusModel {
    spec: ModelSpec,
    first: Status,
}

impl StatusModel {
    /// A model from its parts.
    ///
    /// # Errors
    /// `invalid_argument` naming the part, e.g. `path[2].progress`: an empty path, more than 100
    /// statuses, a status named twice, progress that falls or exceeds 100, an empty or overlong label or
    /// stage key, a stage key used twice, or a manufacturing status that is not on the path or is its last.
    pub fn new(mut spec: ModelSpec) -> Result<Self> {
        let Some(first) = spec.path.first().map(|entry| entry.status.clone()) else {
            return Err(Error::invalid("path", "expected at least one status"));
        };
        spec.check()?;
        Ok(Self { spec, first })
    }

    /// Reads a model from JSON of at most [`MAX_MODEL_BYTES`].
    ///
    /// # Errors
    /// `invalid_argument` naming the part as in [`StatusModel::new`], `too_large`.
    pub fn from_json(json: &str) -> Result<Self> {
        Self::new(json::read(json.as_bytes(), "model", MAX_MODEL_BYTES)?)
    }

    /// The model as JSON, which [`StatusModel::from_json`] reads back.
    pub fn to_json(&self) -> String {
        // Only text, numbers and lists: there is nothing in it that could fail to serialize.
        serde_json::to_string(&self.spec).unwrap_or_default()
    }

    /// The model as data.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// The status of a text.
    ///
    /// # Errors
    /// `invalid_argument`, field `status`, listing the known ones.
    pub fn status(&self, text: &str) -> Result<Status> {
        self.statuses().find(|status| status.as_str() == text).cloned().ok_or_else(|| {
            let known: Vec<&str> = self.statuses().map(Status::as_str).collect();
            Error::invalid(
                "status",
                format_args!("expected one of {}, got {}", known.join(", "), super::text::shown(text)),
            )
        })
    }

    /// The status of a new order.
    pub fn first(&self) -> &Status {
        &self.first
    }

    /// Every status: the path in order, then those beside it.
    pub fn statuses(&self) -> impl Iterator<Item = &Status> {
        self.path().chain(self.spec.off_path.iter().map(|entry| &entry.status))
    }

    /// The statuses of the path, in order.
    pub fn path(&self) -> impl Iterator<Item = &Status> {
        self.spec.path.iter().map(|entry| &entry.status)
    }

    /// The place on the path, from 0; `None` off the path and for an unknown status.
    pub fn place(&self, status: &Status) -> Option<usize> {
        self.path().position(|on_path| on_path == status)
    }

    /// The status after this one on the path.
    pub fn next(&self, status: &Status) -> Option<&Status> {
        self.path().skip_while(|on_path| *on_path != status).nth(1)
    }

    /// Whether the status is on the path.
    pub fn is_open(&self, status: &Status) -> bool {
        self.place(status).is_some()
    }

    /// The status's progress in percent; `None` off the path, where it is frozen.
    pub fn progress(&self, status: &Status) -> Option<u8> {
        self.on_path(status).map(|entry| entry.progress)
    }

    /// What people read; an unknown status reads as it is.
    pub fn label<'a>(&'a self, status: &'a Status) -> &'a str {
        let off_path = || self.off_path(status).map(|entry| entry.label.as_str());
        self.on_path(status).map(|entry| entry.label.as_str()).or_else(off_path).unwrap_or(status.as_str())
    }

    /// The key of the status's stage, e.g. `stage_shipped`.
    pub fn stage_key(&self, status: &Status) -> Option<&str> {
        self.on_path(status).and_then(|entry| entry.stage.as_deref())
    }

    /// Whether a pipeline must have a stage for this status.
    pub fn needs_stage(&self, status: &Status) -> bool {
        self.on_path(status).is_some_and(|entry| entry.stage.is_some() && !entry.stage_optional)
    }

    /// What the status means for the opportunity's own status; an unknown one leaves it untouched.
    pub fn outcome(&self, status: &Status) -> Outcome {
        let off_path = || self.off_path(status).map(|entry| entry.outcome);
        self.on_path(status).map(|entry| entry.outcome).or_else(off_path).unwrap_or(Outcome::Untouched)
    }

    /// The tag a contact carries while its order has this status: `status_<status>`.
    pub fn tag(&self, status: &Status) -> String {
        format!("status_{status}")
    }

    /// The status during which manufacturing progress counts, if the shop has one. At 100 percent the
    /// order moves to [`StatusModel::next`] of it.
    pub fn manufacturing(&self) -> Option<&Status> {
        self.spec.manufacturing.as_ref()
    }

    fn on_path(&self, status: &Status) -> Option<&PathStatus> {
        self.spec.path.iter().find(|entry| entry.status == *status)
    }

    fn off_path(&self, status: &Status) -> Option<&OffPathStatus> {
        self.spec.off_path.iter().find(|entry| entry.status == *status)
    }
}

impl Default for StatusModel {
    fn default() -> Self {
        Self { first: Status::known("order_placed"), spec: ModelSpec::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn the_default_is_the_documented_table() {
        let table = [
            ("order_placed", "stage_new_order", 10, "Order placed"),
            ("processing", "stage_processing", 25, "Processing"),
            ("manufacturing", "stage_in_production", 50, "In production"),
            ("quality_check", "stage_quality_check", 65, "Quality check"),
            ("shipped", "stage_shipped", 75, "Shipped"),
            ("delivered", "stage_delivered", 85, "Delivered"),
            ("installation", "stage_installation", 95, "Installation"),
            ("completed", "stage_completed", 100, "Completed"),
        ];
        let model = StatusModel::default();
        assert_eq!(model.path().count(), table.len());
        for (place, (text, stage, progress, label)) in table.into_iter().enumerate() {
            let status = model.status(text).unwrap();
            assert_eq!(model.place(&status), Some(place));
            assert_eq!(model.stage_key(&status), Some(stage));
            assert_eq!(model.progress(&status), Some(progress));
            assert_eq!((model.label(&status), model.tag(&status)), (label, format!("status_{text}")));
            assert_eq!((model.outcome(&status), model.is_open(&status)), (Outcome::Open, true));
            assert_eq!(model.needs_stage(&status), text != "quality_check");
            assert_eq!(model.next(&status).map(Status::as_str), table.get(place + 1).map(|row| row.0));
        }
        assert_eq!(
            (model.first().as_str(), model.manufacturing().unwrap().as_str()),
            ("order_placed", "manufacturing")
        );
    }

    #[test]
    fn beside_the_path_there_is_no_stage_and_no_progress() {
        let model = StatusModel::default();
        for (text, outcome) in
            [("cancelled", Outcome::Lost), ("refunded", Outcome::Lost), ("returned", Outcome::Untouched)]
        {
            let status = model.status(text).unwrap();
            assert_eq!(
                (model.place(&status), model.progress(&status), model.stage_key(&status)),
                (None, None, None)
            );
            assert_eq!((model.outcome(&status), model.is_open(&status)), (outcome, false));
            assert_eq!((model.next(&status), model.needs_stage(&status)), (None, false));
        }
        assert_eq!(model.statuses().count(), 11);
    }

    #[test]
    fn an_unknown_status_is_refused_with_the_known_ones() {
        for text in ["paid", "Shipped", "", "shipped "] {
            let error = StatusModel::default().status(text).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("status")));
            assert!(
                error.message().contains("order_placed, processing") && error.message().contains("returned")
            );
        }
    }

    #[test]
    fn a_shop_may_have_its_own_statuses() {
        let model = StatusModel::from_json(
            r#"{
                "path": [
                    { "status": "new", "stage": "stage_new", "progress": 0, "label": " Uusi " },
                    { "status": "waiting", "progress": 0, "label": "Odottaa" },
                    { "status": "ready", "stage": "s", "stageOptional": true, "progress": 100, "label": "Valmis", "outcome": "won" }
                ],
                "offPath": [ { "status": "void", "label": "Mitätöity", "outcome": "abandoned" } ]
            }"#,
        )
        .unwrap();
        let [new, waiting, ready, void] =
            ["new", "waiting", "ready", "void"].map(|text| model.status(text).unwrap());
        assert_eq!((model.first(), model.label(&new), model.manufacturing()), (&new, "Uusi", None));
        assert_eq!((model.stage_key(&waiting), model.needs_stage(&waiting)), (None, false));
        assert_eq!((model.needs_stage(&ready), model.outcome(&ready).as_ghl()), (false, Some("won")));
        assert_eq!(model.outcome(&void).as_ghl(), Some("abandoned"));
    }

    #[test]
    fn json_reads_back_as_the_same_model() {
        let model = StatusModel::default();
        assert_eq!(StatusModel::from_json(&model.to_json()).unwrap(), model);
    }

    #[test]
    fn what_is_wrong_with_a_model_is_named() {
        let one = r#"{"status":"a","progress":10,"label":"A"}"#;
        let path =
            |rest: &str| format!(r#"{{"path":[{one},{one2},{rest}]}}"#, one2 = one.replace("\"a\"", "\"b\""));
        let long = format!(r#"{{"status":"c","progress":20,"label":"{}"}}"#, "x".repeat(101));
        let table = [
            ("".to_owned(), "model"),
            ("[".to_owned(), "model"),
            ("7".to_owned(), "model"),
            (format!("{{\"path\":[{one}]}} x"), "model"),
            ("{}".to_owned(), "path"),
            (r#"{"path":[]}"#.to_owned(), "path"),
            (r#"{"path":{}}"#.to_owned(), "path"),
            (path(r#"{"status":"c","progress":5,"label":"C"}"#), "path[2].progress"),
            (path(r#"{"status":"c","progress":101,"label":"C"}"#), "path[2].progress"),
            (path(r#"{"status":"c","progress":300,"label":"C"}"#), "path[2].progress"),
            (path(r#"{"status":"c","progress":-1,"label":"C"}"#), "path[2].progress"),
            (path(r#"{"status":"c","progress":10.5,"label":"C"}"#), "path[2].progress"),
            (path(r#"{"status":"c","label":"C"}"#), "path[2].progress"),
            (path(r#"{"status":"a","progress":20,"label":"C"}"#), "path[2].status"),
            (path(r#"{"status":"C c","progress":20,"label":"C"}"#), "path[2].status"),
            (path(r#"{"progress":20,"label":"C"}"#), "path[2].status"),
            (path(r#"{"status":"c","progress":20,"label":" "}"#), "path[2].label"),
            (path(&long), "path[2].label"),
            (path(r#"{"status":"c","progress":20,"label":"C","stage":""}"#), "path[2].stage"),
            (path(r#"{"status":"c","progress":20,"label":"C","outcome":"paid"}"#), "path[2].outcome"),
            (path(r#"{"status":"c","progress":20,"label":"C","colour":"red"}"#), "path[2].colour"),
            (format!(r#"{{"path":[{one}],"manufacturing":"a"}}"#), "manufacturing"),
            (format!(r#"{{"path":[{one}],"manufacturing":"z"}}"#), "manufacturing"),
            (format!(r#"{{"path":[{one}],"offPath":[{{"status":"a","label":"A"}}]}}"#), "offPath[0].status"),
            (format!(r#"{{"path":[{one}],"offPath":[{{"status":"z","label":""}}]}}"#), "offPath[0].label"),
        ];
        for (json, field) in table {
            let error = StatusModel::from_json(&json).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (Code::InvalidArgument, Some(field)),
                "{json}: {error}"
            );
        }
    }

    #[test]
    fn a_model_has_bounds() {
        let error = StatusModel::from_json(&" ".repeat(MAX_MODEL_BYTES + 1)).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::TooLarge, Some("model")));
        let entry = |i: usize| format!(r#"{{"status":"s{i}","progress":1,"label":"S"}}"#);
        let json = |n: usize| format!(r#"{{"path":[{}]}}"#, (0..n).map(entry).collect::<Vec<_>>().join(","));
        assert!(StatusModel::from_json(&json(100)).is_ok());
        assert_eq!(StatusModel::from_json(&json(101)).unwrap_err().field(), Some("path[100]"));
    }

    #[test]
    fn two_statuses_cannot_share_a_stage_key() {
        let mut spec = StatusModel::default().spec().clone();
        spec.path[3].stage = Some("stage_shipped".to_owned());
        assert_eq!(StatusModel::new(spec).unwrap_err().field(), Some("path[4].stage"));
    }
}
