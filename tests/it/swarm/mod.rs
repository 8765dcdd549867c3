//! Stacks on a real swarm of three nodes.

mod cases;
mod happened;
mod stack;
