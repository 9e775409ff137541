//! The rows of the sync semantics, one test or more for each: first the plan alone, driven pass by pass
//! against scripted replies ([`rig`] and [`script`]), then the engine on a store in memory and a scripted transport.

mod engine;
mod rig;
mod script;
mod shop;

mod both_sides;
mod failures;
mod gone;
mod inbound;
mod known_contact;
mod lost_create;
mod new_order;
mod off_path;
mod quality_check;
mod status_change;
mod tags;
mod unknown_write;
mod yielding;
