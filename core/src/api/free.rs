//! What a request of any other route is made of.

use serde_json::Value;

use super::shape::{input, words};
use crate::ports::Method;

words! {
    /// The versions of GHL's API.
    #[cfg_attr(feature = "ts", ts(rename = "ApiVersion"))]
    pub enum VersionHeader {
        /// Of contacts, opportunities, locations, users and most others.
        Of2021July = "2021-07-28",
        /// Of calendars and conversations.
        Of2021April = "2021-04-15",
        /// What HighLevel's own SDK sends.
        Of2023 = "2023-02-21",
        /// The third version, whose names differ.
        V3 = "v3",
    }
}

input! {
    /// A request of GHL's API.
    pub struct FreeRequest {
        /// How it is sent.
        pub method: Method,
        /// The path from its first `/`, not encoded, without a query, e.g. `/workflows/`.
        pub path: String,
        /// The parameters of the query: texts, numbers, truth values or lists of them.
        #[cfg_attr(feature = "ts", ts(optional, type = "{ [name: string]: unknown }"))]
        pub query: Option<Value>,
        /// The body.
        pub body: Option<Value>,
        /// The version. Where it is not given, `v3` if the client speaks that, else `2021-07-28`.
        pub version: Option<VersionHeader>,
    }
}
