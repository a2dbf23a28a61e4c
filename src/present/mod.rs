//! How values read: numbers, money, moments.

pub mod figures;
pub mod time;
