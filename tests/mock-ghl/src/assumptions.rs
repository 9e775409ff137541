//! Facts about HighLevel that no source settles. Each has a switch here and an entry in `ASSUMPTIONS.md`,
//! so that tests can run both ways.

/// What a refused refresh looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshError {
    /// 400 `{"error":"invalid_grant","error_description":…}`.
    InvalidGrant,
    /// 401 `{"statusCode":401,"message":…,"error":"Unauthorized"}`.
    Unauthorized,
}

/// The body of a 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimitBody {
    /// `{"statusCode":429,"message":"Too Many Requests"}`.
    Json,
    /// `Too Many Requests` as plain text.
    Text,
}

/// Unit of `X-RateLimit-Daily-Reset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetUnit {
    /// Milliseconds until the day ends.
    Millis,
    /// Seconds until the day ends.
    Seconds,
}

/// What the duplicate lookup answers when it finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDuplicate {
    /// `{"contact":null}`.
    Null,
    /// An object without `contact`.
    Absent,
}

/// Shape of an opportunity's custom fields when read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpportunityFieldShape {
    /// `{"id","fieldValue"}`, as published.
    FieldValue,
    /// `{"id","type","fieldValueString"}` and its siblings by type, as observed.
    Typed,
}

/// Which property of a found opportunity continues a `POST /opportunities/search`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchCursor {
    /// `searchAfter`, as contacts carry it.
    SearchAfter,
    /// `sort`.
    Sort,
    /// None: only pages work.
    Absent,
}

/// How failed app webhooks are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookRetry {
    /// Any reply but 2xx, and no reply: up to 12 times with exponential backoff and jitter.
    AnyFailure,
    /// Only 429: 6 times, ten base intervals apart.
    OnlyTooManyRequests,
}

/// The switches; `Default` is what the evidence favours.
#[derive(Clone, Debug)]
pub struct Assumptions {
    /// Status for an unknown `Version` header; sources disagree between 401 (default) and 400.
    pub unknown_version_status: u16,
    /// GET by id sees every write at once (default). `false`: it reads the lagging index.
    pub get_is_consistent: bool,
    /// `GET /contacts/search/duplicate` reads the lagging index (default `true`).
    pub duplicate_lookup_lags: bool,
    /// The duplicate lookup's answer when nobody matches (default `Null`).
    pub no_duplicate: NoDuplicate,
    /// `lastStageChangeAt` moves with every PUT that names a stage, even the present one (default `false`).
    pub stage_time_always_moves: bool,
    /// A write that changes nothing leaves the update time alone and emits no event (default `false`).
    pub silent_when_unchanged: bool,
    /// Status for a record that does not exist: 404 (default) or 400.
    pub missing_status: u16,
    /// Deleting a contact leaves its opportunities (default `false`: they go too, with their events).
    pub contact_delete_keeps_opportunities: bool,
    /// Contact writes accept `value` in a custom field (default `false`: dropped without a word).
    pub accept_value_key: bool,
    /// Custom field writes may name the field by `key` alone (default `true`).
    pub accept_key_without_id: bool,
    /// Custom fields of `GET /opportunities/{id}` (default `FieldValue`).
    pub opportunity_fields_on_get: OpportunityFieldShape,
    /// Custom fields of both opportunity searches (default `Typed`).
    pub opportunity_fields_in_search: OpportunityFieldShape,
    /// Continuation of `POST /opportunities/search` (default `SearchAfter`).
    pub opportunity_cursor: SearchCursor,
    /// `meta.startAfter` of `GET /opportunities/search` is an array of time and id (default `false`: a number).
    pub start_after_is_array: bool,
    /// `POST …/search` filters and sorts by the time of the last update (default `true`; `false`: 422).
    pub search_by_update_time: bool,
    /// Stages carry position and display flags beside id and name (default `true`).
    pub full_stages: bool,
    /// Free slots have a `traceId` among their date keys (default `true`).
    pub free_slots_trace_id: bool,
    /// An appointment begins where a slot of its calendar does, unless its slot is not to be validated (default `true`;
    /// `false`: only what is taken is refused).
    pub appointments_on_the_grid: bool,
    /// `GET …/customFields` without `model` lists contact fields only (default `true`; `false`: all).
    pub fields_default_to_contact: bool,
    /// Shape of a refused refresh (default `InvalidGrant`).
    pub refresh_error: RefreshError,
    /// Status of `POST /oauth/locationToken`: 201 as observed (default) or 200 as published.
    pub location_token_status: u16,
    /// Status of `POST /conversations/messages`: 200 as published (default) or 201.
    pub message_status: u16,
    /// The messages of a conversation lie in an object that is called `messages` too, as observed (default `true`; `false`: as
    /// published).
    pub messages_nested: bool,
    /// Body of a 429 (default `Json`).
    pub rate_limit_body: RateLimitBody,
    /// A 429 carries `Retry-After` in seconds (default `false`: it is not documented).
    pub retry_after: bool,
    /// Unit of `X-RateLimit-Daily-Reset` (default `Millis`).
    pub daily_reset_unit: ResetUnit,
    /// How app webhooks are repeated (default `AnyFailure`).
    pub webhook_retry: WebhookRetry,
    /// A repeated app webhook has a new `timestamp` and signature (default `false`: the same bytes).
    pub retry_refreshes_timestamp: bool,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            unknown_version_status: 401,
            get_is_consistent: true,
            duplicate_lookup_lags: true,
            no_duplicate: NoDuplicate::Null,
            stage_time_always_moves: false,
            silent_when_unchanged: false,
            missing_status: 404,
            contact_delete_keeps_opportunities: false,
            accept_value_key: false,
            accept_key_without_id: true,
            opportunity_fields_on_get: OpportunityFieldShape::FieldValue,
            opportunity_fields_in_search: OpportunityFieldShape::Typed,
            opportunity_cursor: SearchCursor::SearchAfter,
            start_after_is_array: false,
            search_by_update_time: true,
            full_stages: true,
            free_slots_trace_id: true,
            appointments_on_the_grid: true,
            fields_default_to_contact: true,
            refresh_error: RefreshError::InvalidGrant,
            location_token_status: 201,
            message_status: 200,
            messages_nested: true,
            rate_limit_body: RateLimitBody::Json,
            retry_after: false,
            daily_reset_unit: ResetUnit::Millis,
            webhook_retry: WebhookRetry::AnyFailure,
            retry_refreshes_timestamp: false,
        }
    }
}
