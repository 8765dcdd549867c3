//! Stacks on a real swarm of three nodes.

mod answers;
mod cases;
mod happened;
mod stack;
