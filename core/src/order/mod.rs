//! What an order is and how it moves: statuses, stages, progress, milestones, money, identity.
//!
//! Everything here is a function of its arguments: no input or output, no clock, no randomness.

mod address;
mod country;
mod currency;
mod data;
mod email;
mod locale;
mod model;
mod model_spec;
mod money;
mod phone;
mod progress;
mod stage_guess;
mod stage_map;
mod status;
mod text;
mod total;
mod transition;

pub use address::{Address, format_address};
pub use country::Country;
pub use currency::Currency;
pub use data::{Customer, MAX_ORDER_BYTES, Order, OrderData, OrderRules, Product};
pub use email::normalize_email;
pub use locale::normalize_locale;
pub use model::{MAX_MODEL_BYTES, StatusModel};
pub use model_spec::{ModelSpec, OffPathStatus, Outcome, PathStatus};
pub use money::{MAX_MINOR_UNITS, Money};
pub use phone::normalize_phone;
pub use progress::{MILESTONES, milestones_crossed, overall_progress};
pub(crate) use stage_map::variable as stage_variable;
pub use stage_map::{PipelineStage, StageMap};
pub use status::{MAX_STATUS_LEN, Status};
pub use text::{MAX_NAME_CHARS, MAX_NOTES_CHARS, MAX_NUMBER_CHARS};
pub use total::Total;
pub use transition::{Move, transition};
