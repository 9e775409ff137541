use std::borrow::Cow;

use serde::Deserialize;

use super::{checked, fault::Fault, parts::Member, reader::Reader};
use crate::error::{Error, Result};

/// The members of an object, to be read one by one under names that the program makes.
pub(crate) struct Given<'a>(Vec<Member<'a>>);

impl<'a> Given<'a> {
    /// Reads an object of at most `max_bytes` whose members have these names at most, each of them once.
    ///
    /// # Errors
    /// `invalid_argument`; `too_large`.
    pub(crate) fn read(json: &'a [u8], root: &str, max_bytes: usize, names: &[Cow<'_, str>]) -> Result<Self> {
        let members = Reader::new(checked(json, root, max_bytes)?).members();
        let members = members.map_err(|fault| fault.into_error(root))?;
        for (at, (name, _)) in members.iter().enumerate() {
            if !names.contains(name) {
                return Err(Fault::unknown(names).in_field(name).into_error(root));
            }
            if members.iter().take(at).any(|(earlier, _)| earlier == name) {
                return Err(Error::invalid(name.clone(), "is given twice"));
            }
        }
        Ok(Self(members))
    }

    /// Reads the member of this name. Where there is none, an [`Option`] is `None`.
    ///
    /// # Errors
    /// `invalid_argument`, whose field begins with the name.
    pub(crate) fn take<T: Deserialize<'a>>(&self, name: &str) -> Result<T> {
        T::deserialize(self.member(name)).map_err(|fault| fault.in_field(name).into_error(name))
    }

    fn member(&self, name: &str) -> Reader<'a> {
        let value = self.0.iter().find(|member| member.0 == name).map(|(_, value)| value.get());
        Reader::new(value.unwrap_or_default())
    }
}
