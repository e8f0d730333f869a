"""The wire: Avro contracts, their records and the bytes between them."""
