//! Contacts, lists, timelines and segments at the level of their services, on both databases.

mod book;
mod bulk;
mod bulk_kill;
mod cells;
mod chance;
mod crud;
mod custom;
mod fields;
mod lists;
mod logs;
mod meanwhile;
mod merge;
mod merge_undo;
mod paging;
mod pipeline;
mod plans;
mod privacy;
mod saved_segments;
mod search;
mod segment_model;
mod segment_pages;
mod segment_trees;
mod segments;
mod tasks;
mod timeline;
mod trash;
