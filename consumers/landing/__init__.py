"""Claims to Parquet: Spark Structured Streaming, exactly once for every reader of the lake."""
