//! How values read: money, counts, times, texts and tables, one form of each; search in lists.

pub(crate) mod code_blocks;
pub(crate) mod count;
pub(crate) mod duration;
pub(crate) mod fuzzy;
pub(crate) mod money;
pub(crate) mod page;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod time;
