//! Behaviour of the core against the mock GHL server.
