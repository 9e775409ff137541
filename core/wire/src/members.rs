//! The members of a body, noted while it is read.

use crate::text::Text;

/// As many are noted at most: a body may be nothing but members, which would then take many times their text.
const MAX: usize = 64;
/// Room for those of most bodies.
const USUAL: usize = 16;

/// The members of a body in their order, repeated names repeated, for whoever reads more of it than a [`Wire`](crate::Wire) holds.
#[derive(Debug, Default)]
pub(crate) struct Members<'a> {
    noted: Vec<Member<'a>>,
    too_many: bool,
}

/// The name of a member, and the JSON of its value.
pub type Member<'a> = (Text<'a>, &'a str);

impl<'a> Members<'a> {
    #[inline]
    pub(crate) fn note(&mut self, name: Text<'a>, value: &'a str) {
        if self.noted.len() == self.noted.capacity() && !self.grow() {
            return;
        }
        self.noted.push((name, value));
    }

    /// Makes room for another, unless there are too many: then none is kept.
    #[cold]
    fn grow(&mut self) -> bool {
        let room = if self.noted.capacity() == 0 { USUAL } else { MAX };
        self.too_many |= self.noted.len() >= MAX;
        if self.too_many {
            self.noted = Vec::new();
        } else {
            self.noted.reserve_exact(room.saturating_sub(self.noted.len()));
        }
        !self.too_many
    }

    /// All of them, `None` where there were too many.
    pub(crate) fn all(&self) -> Option<&[Member<'a>]> {
        (!self.too_many).then_some(&self.noted)
    }
}
