pub mod chat;
pub mod config;
pub mod providers;
pub mod secrets;
pub mod wire;
