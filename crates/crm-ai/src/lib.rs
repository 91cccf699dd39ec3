//! crm-ai
