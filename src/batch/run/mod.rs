//! Asks the rows of a job: as many at once as the pace and the cap allow, until none is left or
//! something stops it.

mod asking;
mod ended_rows;
mod finished;
mod grouped;
mod parts;
mod starting;

pub(crate) use parts::{Run, RunEnd, RunParts};
