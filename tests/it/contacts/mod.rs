//! Contacts, lists, timelines and segments at the level of their services, on both databases.

mod book;
mod chance;
mod crud;
mod custom;
mod fields;
mod lists;
mod paging;
mod plans;
mod saved_segments;
mod search;
mod segment_model;
mod segment_pages;
mod segment_trees;
mod segments;
mod tasks;
mod timeline;
