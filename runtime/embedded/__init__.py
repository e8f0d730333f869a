"""Kafka, schema registry and object store on this machine, for the demo and tests."""
