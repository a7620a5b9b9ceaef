"""A local Salesforce org: state in memory, the wire protocol of REST, Tooling and Bulk API 2.0."""
