//! The databases that idgraph itself can reach.

pub mod postgres;
