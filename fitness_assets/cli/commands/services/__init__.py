"""Commands of what runs for longer: engine, live stack, web UI, dashboard, broker, alerts."""
