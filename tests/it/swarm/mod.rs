//! Stacks on a real swarm of three nodes.

mod answers;
mod bookstore;
mod cases;
mod cut_off;
mod fields;
mod happened;
mod listed_tasks;
mod lists;
mod loaded;
mod pictures;
mod placed;
mod planned;
mod ports;
mod recorded;
mod refused;
mod rendered;
mod scoped;
mod stack;
mod values;
