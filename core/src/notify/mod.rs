//! What customers are told, and in which words. No I/O: the engine decides when, and its channels carry it.

mod defaults;
mod layout;
mod letter;
mod name;
mod template;
mod templates;
mod values;

pub use letter::Letter;
pub use name::{InstallationChange, MessageName};
pub use template::Placeholder;
pub use templates::{Templates, WordingSpec};
pub use values::{Sample, Shop, Values};
