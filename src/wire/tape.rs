//! A recording beside the network, or in its place.

use std::path::Path;
use std::sync::Arc;

use super::player::Player;
use super::recorder::Recorder;
use super::tape_error::TapeError;

/// Records exchanges, or answers from a recording.
#[derive(Debug, Clone)]
pub enum Tape {
    Recording(Arc<Recorder>),
    Replaying(Arc<Player>),
}

impl Tape {
    /// A new file for exchanges, readable by its owner only. An existing file is left alone.
    pub fn record(path: &Path) -> Result<Self, TapeError> {
        Ok(Self::Recording(Arc::new(Recorder::create(path)?)))
    }

    /// A recording to answer from.
    pub fn replay(path: &Path) -> Result<Self, TapeError> {
        Ok(Self::Replaying(Arc::new(Player::open(path)?)))
    }

    /// The file that exchanges are recorded to.
    pub fn recorded_to(&self) -> Option<&Path> {
        match self {
            Self::Recording(recorder) => Some(recorder.path()),
            Self::Replaying(_) => None,
        }
    }

    pub fn is_replay(&self) -> bool {
        matches!(self, Self::Replaying(_))
    }
}
