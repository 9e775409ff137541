//! Deterministic simulation of shop, workers, network and GHL.
