"""Claims to Parquet: Spark Structured Streaming, exactly once for every reader of the lake."""

GROUP_PREFIX = "landing"  # of the groups that Spark makes up: what an ACL must let read
