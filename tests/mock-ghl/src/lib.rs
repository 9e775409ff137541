//! A stateful stand-in for the GoHighLevel API.
