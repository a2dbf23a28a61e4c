//! How values read: money, counts, times, texts and tables, one form of each.

pub(crate) mod code_blocks;
pub(crate) mod count;
pub(crate) mod money;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod time;
