//! ghlkit
