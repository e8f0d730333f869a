"""The outside world: settings, logs, clients of services, the model."""
